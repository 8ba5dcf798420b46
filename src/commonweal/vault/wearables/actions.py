"""Connecting a provider of wearable data, and cutting a connection."""

from datetime import datetime

from django.utils import timezone

from commonweal import audit
from commonweal.vault.linking import actions as linking
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.models import Connection
from commonweal.vault.wearables.room import ROOM


def may_connect(participant: Participant, provider: str, now: datetime | None = None) -> bool:
    """Whether the person shares data of this provider now."""
    return ROOM.may_connect(participant, provider, now or timezone.now())


def connect(participant: Participant, provider: str, tokens: dict[str, str], *, actor: object) -> Connection:
    """Keep the tokens, sealed. A second time renews them. Raises Refused where the person does not share this."""
    made: Connection = linking.connect(ROOM, participant, provider, tokens, actor=actor)
    return made


def cut(connection: Connection, *, actor: object = audit.SYSTEM, why: str = "asked") -> bool:
    """End our use now and put the provider on the list of whom to tell. False where that was done before."""
    return linking.cut(ROOM, connection, actor=actor, why=why)


def cut_all(participant: Participant, *, actor: object = audit.SYSTEM, why: str = "asked") -> int:
    """Cut every connection of one person; answers how many were cut now."""
    return linking.cut_all(ROOM, participant, actor=actor, why=why)


def ended(connection: Connection) -> bool:
    """The provider says that the permission has ended there: nobody is left to tell. False where it was cut before."""
    return linking.ended(ROOM, connection)
