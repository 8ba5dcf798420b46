"""Public pages: the newest release, and each release with its figures as CSV and its manifest."""

from django.urls import path

from commonweal.atlas import views

urlpatterns = [
    path("", views.landing, name="atlas"),
    path("releases/<str:name>/<str:tier>/", views.release, name="release"),
    path("releases/<str:name>/<str:tier>/manifest.json", views.manifest, name="release_manifest"),
    path("releases/<str:name>/<str:tier>/<slug:key>.csv", views.figure_csv, name="figure_csv"),
]
