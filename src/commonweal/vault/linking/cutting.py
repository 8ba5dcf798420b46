"""The worker's part: connections whose permission has ended are cut, and providers are told until they confirm.

Tokens stay, sealed, only for telling; with the confirmation they are erased.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.linking import oauth, sealing
from commonweal.vault.linking.actions import cut
from commonweal.vault.linking.client import wait_after
from commonweal.vault.linking.models import Linked
from commonweal.vault.linking.room import Room
from commonweal.vault.people import changes
from commonweal.vault.people.models import Change, Participant

AT_ONCE = 50  # connections told in one tick
ALL_EVERY = timedelta(hours=1)
CLAIM = timedelta(minutes=2)  # longer than a provider may take to answer


def tick(room: Room) -> int:
    """Cut what is no longer shared; tell whom it is time to tell. Answers how many providers confirmed."""
    cut_unshared(room)
    return tell_due(room)


def cut_unshared(room: Room) -> int:
    """Cut connections whose person no longer shares them: a later no, an expiry, leaving, being left in peace, death.

    Those are looked at about whom something became known since the last time; everybody once an hour, since a
    permission may also end by itself.
    """
    now = timezone.now()
    last = room.checks.first() or room.checks.model(everybody_at=now - ALL_EVERY)
    changes.number_waiting()
    position = Change.objects.aggregate(last=Max("position"))["last"] or 0
    everybody = last.everybody_at <= now - ALL_EVERY
    connected = room.connections.filter(state=Linked.CONNECTED)
    if not everybody:
        about = Change.objects.filter(position__gt=last.position, position__lte=position)
        connected = connected.filter(participant__in=about.values("participant"))
    number = _cut_of(room, connected)
    last.position, last.everybody_at = position, now if everybody else last.everybody_at
    last.save()
    return number


def _cut_of(room: Room, connected: Any) -> int:
    number, now = 0, timezone.now()
    for provider in sorted(set(connected.values_list("provider", flat=True))):
        mine = list(connected.filter(provider=provider).select_related("participant").order_by("pk"))
        shared = room.shared_at([one.participant_id for one in mine], provider, now)
        for one, still in zip(mine, shared, strict=True):
            number += not still and cut(room, one, why="no longer shared")
    return number


def tell_due(room: Room, participant: Participant | None = None) -> int:
    """Tell the providers whose time has come (of one person: all that wait, now). Answers how many confirmed."""
    waiting = room.connections.filter(state=Linked.CUTTING)
    if participant is not None:
        waiting = waiting.filter(participant=participant)
    else:
        waiting = waiting.filter(next_attempt_at__lte=timezone.now())
    return sum(_tell(room, one) for one in waiting.order_by("next_attempt_at", "pk")[:AT_ONCE])


def _tell(room: Room, connection: Linked) -> bool:
    """Tell one provider; no transaction is open while it answers, and nobody else tells it meanwhile."""
    if not _claimed(room, connection):
        return False
    try:
        told = _revoke(room, connection)
    except oauth.Unreachable:
        return False
    with transaction.atomic():
        at = timezone.now() if told else None
        done = {"state": Linked.CUT, "told_at": at, "sealed": b"", "next_attempt_at": None}
        room.connections.filter(pk=connection.pk).update(**done)
        action = f"{room.name}.told" if told else f"{room.name}.erased"
        audit.record(action, actor=audit.SYSTEM, subject=connection.participant, provider=connection.provider)
    return True


def _claimed(room: Room, connection: Linked) -> bool:
    attempts = connection.attempts + 1
    after = timezone.now() + max(wait_after(attempts), CLAIM)
    same = room.connections.filter(pk=connection.pk, state=Linked.CUTTING, attempts=connection.attempts)
    return bool(same.update(attempts=attempts, next_attempt_at=after))


def _revoke(room: Room, connection: Linked) -> bool:
    """False where the provider has no door to be told at (RFC 7009 is one that not every provider has): then erasing the
    tokens is all. Raises oauth.Unreachable.
    """
    try:
        tokens = room.unseal(connection)
        provider = room.service_of(connection, tokens)
    except BadInput:
        raise oauth.Unreachable("not described as it should be") from None
    except sealing.Broken:
        raise oauth.Unreachable("tokens cannot be opened") from None
    if provider is None:
        raise oauth.Unreachable("not described")
    if provider.revoke_url:
        oauth.revoke(provider, tokens)
    return bool(provider.revoke_url)
