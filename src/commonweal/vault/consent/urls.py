from django.urls import path

from commonweal.vault.consent.views import documents, media, module

urlpatterns = [
    path("consent/<slug:module>/", module.start, name="consent"),
    path("consent/<slug:module>/<int:number>/", module.screen, name="consent_screen"),
    path("consent/<slug:module>/check/", module.check, name="consent_check"),
    path("consent/<slug:module>/sign/", module.sign, name="consent_sign"),
    path("consent/<slug:module>/video/<slug:language>/", media.video, name="consent_video"),
    path("consent/<slug:module>/captions/<slug:language>/", media.text_track, name="consent_captions"),
    path("consents/", documents.index, name="consents"),
    path("consents/<uuid:number>/", documents.page, name="consent_document"),
    path("consents/<uuid:number>/pdf/", documents.pdf, name="consent_pdf"),
]
