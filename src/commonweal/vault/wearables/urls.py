from django.urls import path

from commonweal.vault.wearables.views import archives, connections

urlpatterns = [
    path("wearables/", connections.connections, name="wearables"),
    path("wearables/archives/", archives.archives, name="wearables_archives"),
    path("wearables/back/", connections.back, name="wearables_back"),
    path("wearables/<slug:provider>/connect/", connections.connect, name="wearables_connect"),
    path("wearables/<uuid:uuid>/disconnect/", connections.disconnect, name="wearables_disconnect"),
]
