from django.apps import AppConfig


class Config(AppConfig):
    name = "commonweal.workbench.researchers"
    label = "researchers"
