from django.apps import AppConfig


class Config(AppConfig):
    name = "commonweal.ui"
    label = "ui"
