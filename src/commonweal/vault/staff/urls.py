from django.urls import path

from commonweal.vault.staff.views import event, people, releases

urlpatterns = [
    path("staff/", people.start, name="staff"),
    path("staff/people/", people.look_up, name="staff_people"),
    path("staff/people/<uuid:uuid>/", people.person, name="staff_person"),
    path("staff/event/", event.page, name="event"),
    path("staff/event/worker.js", event.worker, name="event_worker"),
    path("staff/event/app.webmanifest", event.manifest, name="event_manifest"),
    path("staff/event/session/", event.session, name="event_session"),
    path("staff/event/send/", event.send, name="event_send"),
    path("staff/releases/", releases.releases, name="releases"),
    path("staff/releases/<int:number>/", releases.release_request, name="release_request"),
    path("staff/releases/<int:number>/publish/", releases.publish, name="release_publish"),
    path("staff/releases/name/<slug:name>/", releases.release, name="release_page"),
]
