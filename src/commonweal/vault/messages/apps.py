from django.apps import AppConfig


class Config(AppConfig):
    name = "commonweal.vault.messages"
    label = "post"
