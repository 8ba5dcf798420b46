"""The worker's part: connections whose permission has ended are cut, and providers are told until they confirm.

Tokens stay, sealed, only for telling; with the confirmation they are erased.
"""

from datetime import datetime, timedelta

import pyarrow as pa
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault import columns
from commonweal.vault.consent.population import granted_at
from commonweal.vault.people import changes
from commonweal.vault.people.models import Change, Participant
from commonweal.vault.wearables import oauth, providers, sealing
from commonweal.vault.wearables.actions import cut
from commonweal.vault.wearables.models import Connection, SharingCheck
from commonweal.vault.wearables.rules import scope_of, wait_after

AT_ONCE = 50  # connections told in one tick
ALL_EVERY = timedelta(hours=1)
CLAIM = timedelta(minutes=2)  # longer than a provider may take to answer


def tick() -> int:
    """Cut what is no longer shared; tell whom it is time to tell. Answers how many providers confirmed."""
    cut_unshared()
    return tell_due()


def cut_unshared() -> int:
    """Cut connections whose person no longer shares them: a later no, an expiry, leaving, being left in peace, death.

    Those are looked at about whom something became known since the last time; everybody once an hour, since a
    permission may also end by itself.
    """
    now = timezone.now()
    last = SharingCheck.objects.first() or SharingCheck(everybody_at=now - ALL_EVERY)
    changes.number_waiting()
    position = Change.objects.aggregate(last=Max("position"))["last"] or 0
    everybody = last.everybody_at <= now - ALL_EVERY
    connected = Connection.objects.filter(state=Connection.CONNECTED)
    if not everybody:
        about = Change.objects.filter(position__gt=last.position, position__lte=position)
        connected = connected.filter(participant__in=about.values("participant"))
    number = _cut_of(connected, now)
    last.position, last.everybody_at = position, now if everybody else last.everybody_at
    last.save()
    return number


def _cut_of(connected: QuerySet[Connection], now: datetime) -> int:
    number = 0
    for provider in sorted(set(connected.values_list("provider", flat=True))):
        mine = list(connected.filter(provider=provider).select_related("participant").order_by("pk"))
        shared = shared_at([one.participant_id for one in mine], provider, now)
        number += sum(cut(one, why="no longer shared") for one, still in zip(mine, shared, strict=True) if not still)
    return number


def shared_at(participants: list[int], provider: str, now: datetime) -> list[bool]:
    """Whether each of these people shares new data of `provider` at `now`."""
    moments = pa.table(
        {
            "participant": pa.array(participants, pa.int64()),
            "at": pa.repeat(pa.scalar(now, columns.MOMENT), len(participants)),
        }
    )
    told: list[bool] = granted_at(moments, scope_of(provider), now, new_data=True).to_pylist()
    return told


def tell_due(participant: Participant | None = None) -> int:
    """Tell the providers whose time has come (of one person: all that wait, now). Answers how many confirmed."""
    waiting = Connection.objects.filter(state=Connection.CUTTING)
    if participant is not None:
        waiting = waiting.filter(participant=participant)
    else:
        waiting = waiting.filter(next_attempt_at__lte=timezone.now())
    return sum(_tell(one) for one in waiting.order_by("next_attempt_at", "pk")[:AT_ONCE])


def _tell(connection: Connection) -> bool:
    """Tell one provider; no transaction is open while it answers, and nobody else tells it meanwhile."""
    if not _claimed(connection):
        return False
    try:
        _revoke(connection)
    except oauth.Unreachable:
        return False
    now = timezone.now()
    with transaction.atomic():
        done = {"state": Connection.CUT, "told_at": now, "sealed": b"", "next_attempt_at": None}
        Connection.objects.filter(pk=connection.pk).update(**done)
        audit.record("wearables.told", actor=audit.SYSTEM, subject=connection.participant, provider=connection.provider)
    return True


def _claimed(connection: Connection) -> bool:
    attempts = connection.attempts + 1
    after = timezone.now() + max(wait_after(attempts), CLAIM)
    same = Connection.objects.filter(pk=connection.pk, state=Connection.CUTTING, attempts=connection.attempts)
    return bool(same.update(attempts=attempts, next_attempt_at=after))


def _revoke(connection: Connection) -> None:
    try:
        provider = providers.described(connection.provider)
        tokens = sealing.unseal(connection)
    except BadInput:
        raise oauth.Unreachable("not described as it should be") from None
    except sealing.Broken:
        raise oauth.Unreachable("tokens cannot be opened") from None
    if provider is None:
        raise oauth.Unreachable("not described")
    oauth.revoke(provider, tokens)
