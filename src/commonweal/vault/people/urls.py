from django.urls import path

from commonweal.vault.people.views import first_steps, security

urlpatterns = [
    path("eligibility/", first_steps.eligibility, name="eligibility"),
    path("eligibility/not-now/", first_steps.not_eligible, name="not_eligible"),
    path("about-you/", first_steps.about_you, name="about_you"),
    path("security/", security.security, name="security"),
]
