from django.urls import path

from commonweal.vault.staff.views import people, releases

urlpatterns = [
    path("staff/", people.start, name="staff"),
    path("staff/people/", people.look_up, name="staff_people"),
    path("staff/people/<uuid:uuid>/", people.person, name="staff_person"),
    path("staff/releases/", releases.releases, name="releases"),
    path("staff/releases/<int:number>/", releases.release_request, name="release_request"),
    path("staff/releases/<int:number>/publish/", releases.publish, name="release_publish"),
    path("staff/releases/name/<slug:name>/", releases.release, name="release_page"),
]
