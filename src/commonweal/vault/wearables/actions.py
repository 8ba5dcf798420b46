"""Connecting a provider, and cutting a connection: our use ends at once, the provider is told until it confirms."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import Refused
from commonweal.vault.consent.grants import grants_in_force
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.models import Connection
from commonweal.vault.wearables.rules import scope_of
from commonweal.vault.wearables.sealing import seal


def may_connect(participant: Participant, provider: str, now: datetime | None = None) -> bool:
    """Whether the person shares data of this provider now."""
    at = now or timezone.now()
    return grants_in_force(participant, scope_of(provider), at, at, new_data=True)


@transaction.atomic
def connect(participant: Participant, provider: str, tokens: dict[str, str], *, actor: object) -> Connection:
    """Keep the tokens, sealed. A second time renews them. Raises Refused where the person does not share this."""
    held = Participant.objects.select_for_update().get(pk=participant.pk)
    if not may_connect(held, provider):
        raise Refused("wearables: the participant does not share data of this provider")
    connection, added = Connection.objects.get_or_create(
        participant=held,
        provider=provider,
        state=Connection.CONNECTED,
        defaults={"connected_at": timezone.now()},
    )
    connection.sealed = seal(connection, tokens)
    connection.save(update_fields=["sealed"])
    audit.record(
        "wearables.connect" if added else "wearables.renew", actor=actor, subject=participant, provider=provider
    )
    return connection


@transaction.atomic
def cut(connection: Connection, *, actor: object = audit.SYSTEM, why: str = "asked") -> bool:
    """End our use now and put the provider on the list of whom to tell. False where that was done before."""
    now = timezone.now()
    cutting = {"state": Connection.CUTTING, "cut_at": now, "next_attempt_at": now, "why": why}
    changed = Connection.objects.filter(pk=connection.pk, state=Connection.CONNECTED).update(**cutting)
    if changed:
        audit.record(
            "wearables.cut", actor=actor, subject=connection.participant, provider=connection.provider, why=why
        )
    return bool(changed)


@transaction.atomic
def cut_all(participant: Participant, *, actor: object = audit.SYSTEM, why: str = "asked") -> int:
    """Cut every connection of one person; answers how many were cut now."""
    Participant.objects.select_for_update().get(pk=participant.pk)  # who is connecting at this moment ends first
    connected = Connection.objects.filter(participant=participant, state=Connection.CONNECTED)
    return sum(cut(one, actor=actor, why=why) for one in connected.order_by("pk"))


@transaction.atomic
def ended(connection: Connection) -> bool:
    """The provider says that the permission has ended there: nobody is left to tell. False where it was cut before."""
    now = timezone.now()
    done = {"state": Connection.CUT, "cut_at": now, "told_at": now, "sealed": b"", "why": Connection.ENDED_THERE}
    changed = Connection.objects.filter(pk=connection.pk, state=Connection.CONNECTED).update(**done)
    if changed:
        audit.record(
            "wearables.ended", actor=audit.SYSTEM, subject=connection.participant, provider=connection.provider
        )
    return bool(changed)
