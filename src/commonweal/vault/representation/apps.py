from django.apps import AppConfig


class Config(AppConfig):
    name = "commonweal.vault.representation"
    label = "representation"
