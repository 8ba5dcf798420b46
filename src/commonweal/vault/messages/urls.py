from django.urls import path

from commonweal.vault.messages.views import appointments, demo, inbox, preferences, receipts

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<uuid:uuid>/", inbox.message, name="inbox_message"),
    path("contact/", preferences.preferences, name="contact_preferences"),
    path("appointments/", appointments.appointments, name="appointments"),
    path("appointments/<uuid:uuid>/cancel/", appointments.cancel, name="appointment_cancel"),
    path("appointments/<uuid:uuid>/appointment.ics", appointments.to_calendar, name="appointment_calendar"),
    path("post/open/<str:token>/", inbox.opened, name="post_open"),
    path("post/stop/<str:token>/", preferences.stop, name="post_stop"),
    path("post/receipts/<slug:backend>/", receipts.take, name="post_receipts"),
    path("demo/outbox/", demo.demo_outbox, name="demo_outbox"),
]
