from django.urls import path

from commonweal.vault.api.routes import routes

urlpatterns = [path("", routes)]
