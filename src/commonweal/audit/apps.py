from django.apps import AppConfig


class Config(AppConfig):
    name = "commonweal.audit"
    label = "audit"
