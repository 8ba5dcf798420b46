from django.urls import path

from commonweal.vault.surveys.views import survey

urlpatterns = [
    path("surveys/<slug:code>/", survey.start, name="survey"),
    path("surveys/<slug:code>/<int:number>/", survey.page, name="survey_page"),
    path("surveys/<slug:code>/review/", survey.review, name="survey_review"),
]
