from django.urls import path

from commonweal.vault.surveys.views import leaving_now, survey

urlpatterns = [
    path("surveys/leave-now/", leaving_now.leave, name="survey_leave"),  # before the codes of surveys
    path("surveys/<slug:code>/", survey.start, name="survey"),
    path("surveys/<slug:code>/<int:number>/", survey.page, name="survey_page"),
    path("surveys/<slug:code>/review/", survey.review, name="survey_review"),
]
