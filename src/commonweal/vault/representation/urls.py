from django.urls import path

from commonweal.vault.representation.views import public

PROGRAM = {"level": "program"}
urlpatterns = [
    path("representation/", public.program, name="representation"),
    path("representation/figures.csv", public.as_csv, PROGRAM, name="representation_csv"),
    path("representation/report.pdf", public.as_report, PROGRAM, name="representation_report"),
    path("representation/<slug:level>/<slug:id>/", public.one_place, name="representation_place"),
    path("representation/<slug:level>/<slug:id>/figures.csv", public.as_csv, name="representation_place_csv"),
    path("representation/<slug:level>/<slug:id>/report.pdf", public.as_report, name="representation_place_report"),
    path("milestones/", public.milestone_page, name="milestones"),
]
