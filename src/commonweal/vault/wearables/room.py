"""Wearables as a room that links accounts."""

from commonweal.vault.linking.room import Room
from commonweal.vault.wearables import providers
from commonweal.vault.wearables.models import Connection, SharingCheck
from commonweal.vault.wearables.rules import scope_of

ROOM = Room(
    name="wearables",
    connections=Connection.objects,
    checks=SharingCheck.objects,
    scope_of=scope_of,
    service_of=lambda connection, tokens: providers.described(connection.provider),
)
