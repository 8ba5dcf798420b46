"""What wearable devices recorded, as events: one a person and day, with a number."""

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from commonweal.commons.release import Release
from commonweal.errors import BadInput

HARD_ZONES = ("Cardio", "Peak")


@dataclass(frozen=True)
class Signal:
    """The table of a signal, its day, and how the rows of one day become a number (of two devices, the larger)."""

    table: str
    day: str
    number: Callable[[ir.Table], ir.Scalar]


def _steps(t: ir.Table) -> ir.Scalar:
    return t.steps.max()


def _active(t: ir.Table) -> ir.Scalar:
    return (t.fairly_active_minutes.fill_null(0) + t.very_active_minutes.fill_null(0)).max()


def _hard(t: ir.Table) -> ir.Scalar:
    return t.minute_in_zone.sum(where=t.zone_name.isin(HARD_ZONES))


def _asleep(t: ir.Table) -> ir.Scalar:
    return t.minute_asleep.sum()


SIGNALS = {
    "steps": Signal("activity_summary", "date", _steps),
    "activity": Signal("activity_summary", "date", _active),
    "heart_rate": Signal("heart_rate_summary", "date", _hard),
    "sleep": Signal("sleep_daily_summary", "sleep_date", _asleep),
}


def days(release: Release, name: str) -> ir.Table:
    """person_id, event_id (the day as a number: a person has one such event a day), start, end, visit_id and
    concept (null), number.

    Raises BadInput where the release has no such table.
    """
    signal = SIGNALS[name]
    if not release.has(signal.table):
        raise BadInput(f"wearable: release {release.name} has no table {signal.table}; leave the criterion out")
    table = release.table(signal.table)
    rows = table.filter(table[signal.day].notnull())
    found = rows.group_by(person_id=rows.person_id, start=rows[signal.day]).aggregate(number=signal.number(rows))
    return found.select(
        "person_id",
        event_id=found.start.delta(ibis.date(1970, 1, 1), unit="day"),
        start="start",
        end="start",
        visit_id=ibis.null("int64"),
        concept=ibis.null("int64"),
        number=found.number.cast("float64"),
    )
