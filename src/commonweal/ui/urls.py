"""Addresses that both sites have: `path("", include("commonweal.ui.urls"))`."""

from django.urls import path
from django.views.i18n import set_language

from commonweal.ui import views
from commonweal.ui.policies import public

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("language/", public(set_language), name="set_language"),
    path("ui/", views.gallery, name="gallery"),
]
