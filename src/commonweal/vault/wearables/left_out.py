"""Days that people took out of their wearable data: noting them, and reading the store without them."""

from collections.abc import Iterable
from datetime import date, datetime

import duckdb
import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.people import facts
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables.models import DayLeftOut
from commonweal.vault.wearables.tables import DATED

REASONS = (DayLeftOut.NOT_ME, DayLeftOut.BROKEN, DayLeftOut.OTHER)
SCHEMA = pa.schema([("participant", pa.int64()), ("day", pa.date32())])


@transaction.atomic
def say(participant: Participant, day: date, *, left_out: bool, reason: str = "", source: str) -> DayLeftOut | None:
    """Leave a day out, or take it back; None where that is how it stands already.

    Raises BadInput for a day to come, or a reason that there is not.
    """
    now = timezone.now()
    if day > now.date():
        raise BadInput("day: it has not come yet")
    if left_out and reason not in REASONS:
        raise BadInput("day: choose why it is left out")
    latest = latest_of(participant, day)
    if (latest is not None and latest.left_out) == left_out:
        return None
    fact = DayLeftOut.objects.create(
        participant=participant,
        day=day,
        left_out=left_out,
        reason=reason if left_out else "",
        event_time=now,
        authored_time=now,
        received_time=now,
        source=source,
        idempotency_key=facts.key("day-left-out", participant.pk, day, left_out, latest.pk if latest else 0),
        supersedes=latest,
    )
    audit.record("wearables.day", actor=participant, subject=participant, left_out=left_out)
    return fact


def latest_of(participant: Participant, day: date) -> DayLeftOut | None:
    return participant.days_left_out.filter(day=day).order_by("-authored_time", "-id").first()


def days_of(participant: Participant) -> dict[date, DayLeftOut]:
    """The days that are left out now, with the fact that says so."""
    found: dict[date, DayLeftOut] = {}
    for fact in participant.days_left_out.order_by("authored_time", "id"):
        found[fact.day] = fact
    return {day: fact for day, fact in found.items() if fact.left_out}


def left_out(participants: Iterable[int] | None = None, known_at: datetime | None = None) -> pa.Table:
    """SCHEMA: the days that are left out, of these people or of all, as far as was known at `known_at` (aware)."""
    told = DayLeftOut.objects.order_by("authored_time", "id")
    if participants is not None:
        told = told.filter(participant__in=list(participants))
    if known_at is not None:
        told = told.filter(received_time__lte=known_at)
    latest: dict[tuple[int, date], bool] = {}
    for person, day, out in told.values_list("participant_id", "day", "left_out").iterator():
        latest[person, day] = out
    rows = sorted(key for key, out in latest.items() if out)
    return pa.table({"participant": [p for p, _ in rows], "day": [d for _, d in rows]}, schema=SCHEMA)


def without(
    con: duckdb.DuckDBPyConnection,
    view: str,
    table: str,
    *,
    participants: Iterable[int] | None = None,
    known_at: datetime | None = None,
) -> str:
    """Make the view `used_TABLE`: what `view` (of `store.current`) has but the days left out; answers its name.

    Whoever uses wearable data for anything but showing them to their person reads them through this.
    """
    con.register("days_left_out", left_out(participants, known_at))
    con.execute(f"""CREATE OR REPLACE TEMP VIEW used_{table} AS SELECT * FROM {view} AS rows WHERE NOT EXISTS (
        SELECT 1 FROM days_left_out AS d WHERE d.participant = rows.participant AND d.day = CAST(rows.{DATED[table]} AS DATE))""")
    return f"used_{table}"
