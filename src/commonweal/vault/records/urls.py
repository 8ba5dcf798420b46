from django.urls import path

from commonweal.vault.records.views import clinics

urlpatterns = [
    path("clinics/", clinics.overview, name="clinics"),
    path("clinics/back/", clinics.back, name="clinics_back"),
    path("clinics/at/<slug:clinic>/", clinics.connect, name="clinic"),
    path("clinics/<uuid:uuid>/stop/", clinics.stop, name="clinic_stop"),
]
