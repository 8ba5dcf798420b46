"""Connecting an account, and cutting it: our use ends at once, the provider is told until it confirms."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import Refused
from commonweal.vault.linking.models import Linked
from commonweal.vault.linking.room import Room
from commonweal.vault.people.models import Participant


@transaction.atomic
def connect(room: Room, participant: Participant, provider: str, tokens: dict[str, str], *, actor: object) -> Any:
    """Keep the tokens, sealed. A second time renews them. Raises Refused where the person does not share this."""
    held = Participant.objects.select_for_update().get(pk=participant.pk)
    if not room.may_connect(held, provider, timezone.now()):
        raise Refused(f"{room.name}: the participant does not share data of this provider")
    connection, added = room.connections.get_or_create(
        participant=held,
        provider=provider,
        state=Linked.CONNECTED,
        defaults={"connected_at": timezone.now()},
    )
    connection.sealed = room.seal(connection, tokens)
    connection.save(update_fields=["sealed"])
    done = f"{room.name}.connect" if added else f"{room.name}.renew"
    audit.record(done, actor=actor, subject=participant, provider=provider)
    return connection


@transaction.atomic
def cut(room: Room, connection: Linked, *, actor: object = audit.SYSTEM, why: str = "asked") -> bool:
    """End our use now and put the provider on the list of whom to tell. False where that was done before."""
    now = timezone.now()
    cutting = {"state": Linked.CUTTING, "cut_at": now, "next_attempt_at": now, "why": why}
    changed = room.connections.filter(pk=connection.pk, state=Linked.CONNECTED).update(**cutting)
    if changed:
        audit.record(
            f"{room.name}.cut", actor=actor, subject=connection.participant, provider=connection.provider, why=why
        )
    return bool(changed)


@transaction.atomic
def cut_all(room: Room, participant: Participant, *, actor: object = audit.SYSTEM, why: str = "asked") -> int:
    """Cut every connection of one person; answers how many were cut now."""
    Participant.objects.select_for_update().get(pk=participant.pk)  # who is connecting at this moment ends first
    connected = room.connections.filter(participant=participant, state=Linked.CONNECTED)
    return sum(cut(room, one, actor=actor, why=why) for one in connected.order_by("pk"))


@transaction.atomic
def ended(room: Room, connection: Linked) -> bool:
    """The provider says that the permission has ended there: nobody is left to tell. False where it was cut before."""
    now = timezone.now()
    done = {"state": Linked.CUT, "cut_at": now, "told_at": now, "sealed": b"", "why": Linked.ENDED_THERE}
    changed = room.connections.filter(pk=connection.pk, state=Linked.CONNECTED).update(**done)
    if changed:
        audit.record(
            f"{room.name}.ended", actor=audit.SYSTEM, subject=connection.participant, provider=connection.provider
        )
    return bool(changed)
