from django.urls import path

from commonweal.vault.journey.views import correcting, data, mine, taking

urlpatterns = [
    path("data/", data.index, name="data"),
    path("data/download/", mine.download, name="data_download"),
    path("data/about-you/", data.about, name="data_about"),
    path("data/consents/", data.consents, name="data_consents"),
    path("data/answers/", data.surveys, name="data_answers"),
    path("data/answers/<uuid:number>/", data.response, name="data_response"),
    path("data/answers/<uuid:number>/correct/", correcting.answer, name="data_correct"),
    path("data/activity/", data.activity, name="data_activity"),
    path("data/sleep/", data.sleep, name="data_sleep"),
    path("data/heart/", data.heart, name="data_heart"),
    path("data/<slug:kind>/leave-out/", correcting.day, name="data_day"),
    path("data/<slug:kind>/use-again/", correcting.use_again, name="data_use_again"),
    path("data/measurements/", data.measurements, name="data_measurements"),
    path("data/measurements/<slug:key>/", data.measurement, name="data_measurement"),
    path("data/records/<slug:page>/", data.listed, name="data_list"),
    path("data/wrong/", correcting.record, name="data_record_wrong"),
    path("data/between-us/", data.relations, name="data_between"),
    path("data/take/", taking.take, name="data_take"),
    path("data/take/<uuid:number>/file/", taking.file, name="data_take_file"),
]
