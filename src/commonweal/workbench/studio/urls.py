from django.urls import path

from commonweal.workbench.studio import views

urlpatterns = [
    path("", views.cohort_page, name="studio"),
    path("search/", views.search, name="concept_search"),
]
