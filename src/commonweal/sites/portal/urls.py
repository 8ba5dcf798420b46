"""Addresses of the portal. None holds a person's id: participants are known by their session, staff pages by UUID."""

from django.urls import include, path

urlpatterns = [
    path("", include("commonweal.ui.urls")),
    path("accounts/", include("allauth.account.urls")),
]
