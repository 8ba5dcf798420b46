from django.urls import path

from commonweal.vault.consent.views import module

urlpatterns = [
    path("consent/<slug:module>/", module.start, name="consent"),
    path("consent/<slug:module>/<int:number>/", module.screen, name="consent_screen"),
    path("consent/<slug:module>/check/", module.check, name="consent_check"),
    path("consent/<slug:module>/sign/", module.sign, name="consent_sign"),
]
