from django.apps import AppConfig


class Config(AppConfig):
    name = "commonweal.atlas"
    label = "atlas"
