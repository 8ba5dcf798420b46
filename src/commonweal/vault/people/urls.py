from django.urls import path

from commonweal.vault.people.views import custody, first_steps, helping, inviting, security

urlpatterns = [
    path("eligibility/", first_steps.eligibility, name="eligibility"),
    path("eligibility/not-now/", first_steps.not_eligible, name="not_eligible"),
    path("eligibility/waiting/", first_steps.in_review, name="in_review"),
    path("i/<slug:code>/", inviting.come_in, name="invitation"),
    path("join/code/", inviting.code, name="invitation_code"),
    path("invite/", inviting.invite, name="invite"),
    path("custody/", custody.custody, name="custody"),
    path("helpers/", helping.helpers, name="helpers"),
    path("helpers/<uuid:uuid>/end/", helping.end, name="helper_end"),
    path("helping/", helping.help_others, name="help_others"),
    path("helping/<uuid:uuid>/begin/", helping.begin, name="help_begin"),
    path("helping/<uuid:uuid>/leave/", helping.leave, name="help_leave"),
    path("helping/stop/", helping.stop, name="help_stop"),
    path("about-you/", first_steps.about_you, name="about_you"),
    path("security/", security.security, name="security"),
]
