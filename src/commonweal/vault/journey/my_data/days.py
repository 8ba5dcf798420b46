"""What a person's devices recorded, day by day, read from the store of wearables.

A day is told as worn, not worn, or nothing received; a day that the person left out is told as left out. Where two
devices recorded a day, the one that was worn longer speaks for it.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import duckdb
from django.conf import settings

from commonweal import duck
from commonweal.ui.series import GIVEN, NONE, OFF, OUT
from commonweal.vault.people.models import Participant
from commonweal.vault.wearables import store
from commonweal.vault.wearables.left_out import days_of
from commonweal.vault.wearables.tables import DATED

ACTIVITY, SLEEP, HEART = "activity", "sleep", "heart"
STAGES = ("deep", "light", "rem", "wake")  # of newer devices; older ones tell asleep, restless and awake
_SOURCES = {
    ACTIVITY: ("activity_summary",),
    SLEEP: ("sleep_daily_summary",),
    HEART: ("heart_rate_minute_level", "heart_rate_summary", "resting_heart_rate"),
}
_VALUES = {
    ACTIVITY: """SELECT date AS day, provider, steps, coalesce(fairly_active_minutes, 0) + coalesce(very_active_minutes, 0)
        AS active FROM current_activity_summary""",
    SLEEP: """SELECT sleep_date AS day, provider, sum(minute_asleep) AS asleep, sum(minute_deep) AS deep,
        sum(minute_light) AS light, sum(minute_rem) AS rem, sum(coalesce(minute_wake, minute_awake)) AS wake,
        sum(minute_restless) AS restless, sum(minute_in_bed) AS in_bed FROM current_sleep_daily_summary GROUP BY ALL""",
    # The least and greatest of a zone are where the zone ends, not what was measured: those come from the minutes.
    HEART: """SELECT day, provider, min(low) AS low, max(high) AS high, max(resting) AS resting, sum(raised) AS raised
        FROM (
        SELECT CAST(datetime AS DATE) AS day, provider, min(heart_rate_value) AS low, max(heart_rate_value) AS high,
            NULL::DOUBLE AS resting, NULL::INTEGER AS raised FROM current_heart_rate_minute_level GROUP BY ALL
        UNION ALL SELECT date, provider, NULL, NULL, heart_rate_value, NULL FROM current_resting_heart_rate
        UNION ALL SELECT date, provider, NULL, NULL, NULL, minute_in_zone FROM current_heart_rate_summary
            WHERE zone_name IN ('Fat Burn', 'Cardio', 'Peak')) GROUP BY ALL""",
}


@dataclass(frozen=True)
class Day:
    """One day of one kind. `state` as in `ui.series`; `values` by name, empty where the day has none."""

    day: date
    state: str
    values: dict[str, Any]

    def get(self, name: str) -> Any:
        return self.values.get(name) if self.state == GIVEN else None


@dataclass(frozen=True)
class Held:
    """What there is of one kind: the number of days with something, the first, the newest, and from which providers."""

    count: int
    first: date
    last: date
    providers: tuple[str, ...]
    received: datetime


@contextmanager
def _views(person: Participant, *tables: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with `current_TABLE` of this person alone."""
    with duck.passing() as con:
        for table in tables:
            store.current(con, settings.COMMONWEAL_HOME, table, participants=[person.pk])
        yield con


def held(person: Participant, kinds: Iterable[str] = tuple(_SOURCES)) -> dict[str, Held]:
    """What there is by kind; a kind of which nothing ever came in is absent."""
    found = {}
    with _views(person, *(name for kind in kinds for name in _SOURCES[kind])) as con:
        for kind in kinds:
            tables = _SOURCES[kind]
            dated = " UNION ALL ".join(
                f"SELECT CAST({DATED[t]} AS DATE) AS day, provider, received FROM current_{t}" for t in tables
            )
            row = con.execute(f"""SELECT count(DISTINCT day), min(day), max(day), list_sort(list(DISTINCT provider)),
                max(received) FROM ({dated})""").fetchone()
            if row and row[0]:
                found[kind] = Held(row[0], row[1], row[2], tuple(row[3]), row[4])
    return found


def read(person: Participant, kind: str, first: date, last: date) -> list[Day]:
    """Every day from `first` to `last`, in order."""
    out = days_of(person)
    with _views(person, "wear_day", *_SOURCES[kind]) as con:
        given, worn = _values(con, kind, first, last), _worn(con, first, last)
    days = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        values, status = given.get(day, {}), worn.get(day, "unknown")
        days.append(Day(day, OUT if day in out else _state(values, status), values))
    return days


def _state(values: dict[str, Any], status: str) -> str:
    """A day that was not worn has no values, whatever zeros a device wrote for it."""
    if status == "not_worn":
        return OFF
    return GIVEN if any(value is not None for value in values.values()) else NONE


def _values(con: duckdb.DuckDBPyConnection, kind: str, first: date, last: date) -> dict[date, dict[str, Any]]:
    con.execute(
        f"""SELECT v.* EXCLUDE (provider) FROM ({_VALUES[kind]}) AS v
        LEFT JOIN current_wear_day AS w ON w.provider = v.provider AND w.date = v.day
        WHERE v.day BETWEEN ? AND ?
        QUALIFY row_number() OVER (PARTITION BY v.day ORDER BY w.minutes_worn DESC NULLS LAST, v.provider) = 1""",
        [first, last],
    )
    names = [column[0] for column in con.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in con.fetchall()]
    return {row.pop("day"): row for row in rows}


def _worn(con: duckdb.DuckDBPyConnection, first: date, last: date) -> dict[date, str]:
    """Worn where any device was; not worn where one says so and none was."""
    rows = con.execute(
        """SELECT date, CASE WHEN bool_or(status = 'worn') THEN 'worn' WHEN bool_or(status = 'not_worn') THEN 'not_worn'
        ELSE 'unknown' END FROM current_wear_day WHERE date BETWEEN ? AND ? GROUP BY date""",
        [first, last],
    )
    return dict(rows.fetchall())


def minutes(person: Participant, day: date) -> list[tuple[datetime, int]]:
    """(wall clock, beats a minute) of one day, in order. The hour that a clock repeats is averaged minute by minute."""
    with _views(person, "heart_rate_minute_level") as con:
        rows = con.execute(
            """SELECT datetime, CAST(round(avg(heart_rate_value)) AS INTEGER) FROM current_heart_rate_minute_level
            WHERE datetime BETWEEN ? AND ? GROUP BY datetime ORDER BY datetime""",
            [datetime.combine(day, time.min), datetime.combine(day, time.max)],
        )
        return rows.fetchall()


def newest_with_minutes(person: Participant) -> date | None:
    """The newest day of which the heart rate is there minute by minute."""
    with _views(person, "heart_rate_minute_level") as con:
        row = con.execute("SELECT max(CAST(datetime AS DATE)) FROM current_heart_rate_minute_level").fetchone()
    return row[0] if row else None
