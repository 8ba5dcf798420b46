"""What became known about a participant, in order: the version of a person, and the feed that partner systems follow.

A change is written with each fact, in its transaction. It is numbered afterwards, when it is asked for, under a lock and in
the order in which transactions became visible: whoever has read up to a number never misses one below it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection, models, transaction
from django.utils import timezone

from commonweal.errors import Refused
from commonweal.vault.fact import Fact
from commonweal.vault.people.models import Change, Participant

if TYPE_CHECKING:
    import pyarrow as pa

NUMBERED_AT_ONCE = 20_000
_LOCK = 0x436F6D6D  # any number that nothing else locks by

_NUMBER = """
UPDATE people_change SET position = fresh.place FROM (
    SELECT id, (SELECT coalesce(max(position), 0) FROM people_change) + row_number() OVER (ORDER BY id) AS place
    FROM (SELECT id FROM people_change WHERE position IS NULL ORDER BY id LIMIT %s) AS waiting
) AS fresh WHERE people_change.id = fresh.id
"""


class Stale(Refused):
    """Somebody else changed the person meanwhile."""


def kind_of(model: type[models.Model]) -> str:
    """`ConsentAnswer` -> `consent_answer`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()


def note(participant: Participant, kind: str) -> Change:
    """Write that something became known about `participant`; `kind` as in `kind_of`."""
    return Change.objects.create(participant=participant, kind=kind, at=timezone.now())


def note_fact(sender: type[models.Model], instance: models.Model, created: bool, **_: Any) -> None:
    """Signal: every fact about a participant is a change."""
    if created and isinstance(instance, Fact) and hasattr(instance, "participant_id"):
        Change.objects.create(participant_id=instance.participant_id, kind=kind_of(sender), at=timezone.now())


def note_rows(model: type[models.Model], rows: "pa.Table") -> None:
    """Hook of `columns.insert`: one change for each person among facts that come in bulk, also where none was new."""
    if not (issubclass(model, Fact) and "participant_id" in rows.column_names):
        return
    import pyarrow as pa  # half of the time in which a command starts that adds nothing by columns
    import pyarrow.compute as pc

    from commonweal.vault import columns

    people = pc.unique(rows["participant_id"].combine_chunks())
    moment = pa.repeat(pa.scalar(timezone.now(), columns.MOMENT), len(people))
    columns.insert(
        Change, pa.table({"participant_id": people, "kind": pa.repeat(kind_of(model), len(people)), "at": moment})
    )


def version(participant: Participant) -> int:
    """From 1; one more with each change. A reader who sees the same number sees the same person."""
    return 1 + Change.objects.filter(participant=participant).count()


def lock(participant: Participant) -> None:
    """Hold this person till the end of the transaction: others who would change them wait.

    SQLite's writing transactions exclude each other already.
    """
    if connection.features.has_select_for_update:
        Participant.objects.select_for_update().only("pk").get(pk=participant.pk)


@contextmanager
def locked(participant: Participant, expected: int | None = None) -> Iterator[Participant]:
    """Change this person alone: others who do wait. Raises Stale where `expected` is no longer the version."""
    with transaction.atomic():
        held = Participant.objects.select_for_update().get(pk=participant.pk)
        if expected is not None and version(held) != expected:
            raise Stale("participant: changed meanwhile by someone else; look again before you change it")
        yield held


def number_waiting() -> None:
    """Give positions to all changes that are visible and have none."""
    while _number_some():
        pass


def people_since(position: int, most: int) -> tuple[list[int], int]:
    """Vault ids of those about whom something became known after `position`, at most `most` of them; and the position
    to go on from. A change counts once it has its position, so that none is missed, however late its transaction ended."""
    number_waiting()
    last = last_position()
    about = Change.objects.filter(position__gt=position, position__lte=last)
    return sorted(about.values_list("participant_id", flat=True).distinct()[:most]), last


def last_position() -> int:
    return Change.objects.aggregate(last=models.Max("position"))["last"] or 0


def _number_some() -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # SQLite has one writer at a time anyway
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if not Change.objects.filter(position__isnull=True).exists():
            return False
        cursor.execute(_NUMBER, [NUMBERED_AT_ONCE])
        return bool(cursor.rowcount == NUMBERED_AT_ONCE)


def after(position: int, people: "models.QuerySet[Participant]", limit: int) -> tuple[list[Change], int, bool]:
    """Changes of `people` after `position`, at most `limit`; the position to go on from; whether there are more."""
    number_waiting()
    last = last_position()
    found = Change.objects.filter(position__gt=position, position__lte=last, participant__in=people)
    rows = list(found.select_related("participant").order_by("position")[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, rows[-1].position or 0 if more else max(last, position), more
