"""Addresses of the portal. None holds a person's id: participants are known by their session, staff pages by UUID."""

from django.urls import include, path

urlpatterns = [
    path("", include("commonweal.vault.journey.urls")),
    path("", include("commonweal.vault.people.urls")),
    path("", include("commonweal.vault.consent.urls")),
    path("", include("commonweal.vault.surveys.urls")),
    path("", include("commonweal.vault.records.urls")),
    path("", include("commonweal.vault.wearables.urls")),
    path("", include("commonweal.vault.messages.urls")),
    path("", include("commonweal.vault.support.urls")),
    path("", include("commonweal.vault.representation.urls")),
    path("", include("commonweal.vault.staff.urls")),
    path("api/", include("commonweal.vault.api.urls")),
    path("fhir/", include("commonweal.vault.api.fhir.urls")),
    path("", include("commonweal.ui.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
]
