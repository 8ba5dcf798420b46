"""Sealing events in batches whose roots are chained."""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from commonweal.audit import merkle
from commonweal.audit.models import Batch, Event

DUE = 1000  # events that wait for a seal before one is made unasked
AGE = timedelta(minutes=10)  # how long an event may wait while others come
# Asked after each commit that recorded something, so it is written once; events that wait, and those that do so for too long.
_WAITING = f"""
SELECT count(*), count(CASE WHEN "at" < %s THEN 1 END) FROM {Event._meta.db_table}
WHERE id > coalesce((SELECT last_event FROM {Batch._meta.db_table} ORDER BY number DESC LIMIT 1), 0)"""


def seal_if_due() -> Batch | None:
    """Seal when `DUE` events wait, or one has waited for `AGE`. Called after commit, never inside an event's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [connection.ops.adapt_datetimefield_value(timezone.now() - AGE)])
        waiting, old = cursor.fetchone()
    return seal() if old or waiting >= DUE else None


def seal() -> Batch | None:
    """Seal all waiting events in one batch, or do nothing where there are none."""
    with transaction.atomic():
        _alone()
        waiting = list(Event.objects.filter(pk__gt=_sealed_up_to()).order_by("pk").values_list("pk", "leaf"))
        if not waiting:
            return None
        last = Batch.objects.order_by("-number").first()
        batch = Batch(
            number=last.number + 1 if last else 1,
            first_event=waiting[0][0],
            last_event=waiting[-1][0],
            events=len(waiting),
            merkle_root=merkle.root([bytes.fromhex(leaf) for _, leaf in waiting]).hex(),
            previous_root=last.merkle_root if last else "",
            sealed_at=timezone.now(),
        )
        batch.seal = batch.computed_seal()
        batch.save(force_insert=True)
        return batch


def _sealed_up_to() -> int:
    return Batch.objects.order_by("-number").values_list("last_event", flat=True).first() or 0


def _alone() -> None:
    """One sealer at a time, and no event half written with a number lower than the batch's last.

    SQLite's writing transactions exclude each other already. On PostgreSQL the lock waits for open transactions that
    have written an event: their numbers are given before they commit.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE audit_batch IN EXCLUSIVE MODE")
            cursor.execute("LOCK TABLE audit_event IN SHARE MODE")
