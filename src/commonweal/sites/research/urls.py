"""Addresses of the research site: public pages at the root, the studio for researchers, and an API for programs."""

from django.urls import include, path

from commonweal.workbench.studio.api import routes

urlpatterns = [
    path("", include("commonweal.atlas.urls")),
    path("studio/", include("commonweal.workbench.studio.urls")),
    path("api/", routes),
    path("", include("commonweal.ui.urls")),
    path("accounts/", include("allauth.account.urls")),
]
