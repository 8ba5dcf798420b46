"""Addresses that both sites have: `path("", include("commonweal.ui.urls"))`."""

from django.urls import path

from commonweal.ui import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("language/", views.language, name="set_language"),
    path("ui/", views.gallery, name="gallery"),
]
