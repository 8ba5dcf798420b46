from django.urls import path

from commonweal.vault.surveys.views import leaving_now, listing, offline, survey

urlpatterns = [
    path("surveys/", listing.surveys, name="surveys"),
    path("surveys/leave-now/", leaving_now.leave, name="survey_leave"),  # before the codes of surveys
    path("surveys/offline/", offline.page, name="survey_offline"),
    path("surveys/worker.js", offline.worker, name="survey_worker"),
    path("surveys/<slug:code>/", survey.start, name="survey"),
    path("surveys/<slug:code>/<int:number>/", survey.page, name="survey_page"),
    path("surveys/<slug:code>/save/", survey.save, name="survey_save"),
    path("surveys/<slug:code>/ahead/<int:number>/", survey.ahead, name="survey_ahead"),
    path("surveys/<slug:code>/later/", survey.later, name="survey_later"),
    path("surveys/<slug:code>/review/", survey.review, name="survey_review"),
    path("surveys/<slug:code>/thanks/", survey.thanks, name="survey_thanks"),
]
