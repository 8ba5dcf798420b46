"""Fitbit's sleep logs: `classic` (asleep, restless, awake) and `stages` (deep, light, rem, wake), in API and export.

Version 1 of the API has no levels but one number a minute: 1 asleep, 2 restless, 3 awake (Web API reference, Get Sleep
Log, v1). A stages log has short wakes apart (`shortData`): they lie inside the levels of `data`, and minutes are counted
by the summary, so that they are not kept as levels of their own.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from itertools import groupby
from typing import Any

import pyarrow as pa

from commonweal.vault.wearables.normal import cells, clock
from commonweal.vault.wearables.normal.parts import Parts

_OF_A_NUMBER = {"1": "asleep", "2": "restless", "3": "awake"}


def read(parts: Parts, logs: Iterable[dict[str, Any]], *, zone: tzinfo | None = None, owner: str = "") -> None:
    """Add the logs: one row of the daily summary each, and their levels."""
    for log in logs:
        start, day = cells.wall(log.get("startTime")), _day(log)
        if day is None:
            parts.fault("no_day")
            continue
        main = log.get("isMainSleep", log.get("mainSleep"))
        name = cells.text(log.get("logId")) or f"{log.get('startTime')}"
        own = {"sleep_date": day, "is_main_sleep": main if isinstance(main, bool) else None, "log": name}
        parts.rows("sleep_daily_summary", [own | _minutes(log)], owner)
        _levels(parts, own, list(_spans(log, start)), zone, owner)


def _day(log: dict[str, Any]) -> date | None:
    """The day as Fitbit counts it: the one on which the sleep ended."""
    told = cells.day(log.get("dateOfSleep"))
    if told:
        return told
    start, length = cells.wall(log.get("startTime")), cells.number(log.get("duration"))
    if start is None or length is None or not 0 <= length < 7 * 86_400_000:
        return None
    return (start + timedelta(milliseconds=length)).date()


def _minutes(log: dict[str, Any]) -> dict[str, float | None]:
    levels = log["levels"] if isinstance(log.get("levels"), dict) else {}
    summary = levels["summary"] if isinstance(levels.get("summary"), dict) else {}

    def of(level: str) -> float | None:
        told = summary.get(level)
        return cells.number(told.get("minutes")) if isinstance(told, dict) else None

    return {
        "minute_in_bed": cells.number(log.get("timeInBed")),
        "minute_asleep": cells.number(log.get("minutesAsleep")),
        "minute_after_wakeup": cells.number(log.get("minutesAfterWakeup")),
        "minute_awake": cells.number(log.get("minutesAwake")),
        "minute_restless": _either(of("restless"), cells.number(log.get("restlessDuration"))),
        "minute_deep": of("deep"),
        "minute_light": of("light"),
        "minute_rem": of("rem"),
        "minute_wake": of("wake"),
    }


def _either(first: float | None, second: float | None) -> float | None:
    return second if first is None else first


def _spans(log: dict[str, Any], start: datetime | None) -> Iterable[tuple[datetime | None, Any, float | None]]:
    """(start, level, minutes) of each stretch."""
    levels = log["levels"] if isinstance(log.get("levels"), dict) else {}
    for one in levels.get("data") or []:
        if isinstance(one, dict):
            seconds = cells.number(one.get("seconds"))
            at = cells.wall(one.get("dateTime", one.get("datetime")))
            yield at, one.get("level"), None if seconds is None else seconds / 60
    minutes = [one for one in log.get("minuteData") or [] if isinstance(one, dict)]
    at = start
    for number, run in groupby(str(one.get("value")) for one in minutes):
        length = sum(1 for _ in run)
        yield at, _OF_A_NUMBER.get(number), float(length)
        at = at + timedelta(minutes=length) if at else None


def _levels(parts: Parts, own: dict[str, Any], spans: list[Any], zone: tzinfo | None, owner: str) -> None:
    """Those whose start and length can be read; the others are counted."""
    good = [(at, level, length) for at, level, length in spans if at and isinstance(level, str) and length is not None]
    parts.fault("unreadable_level", len(spans) - len(good))
    at = pa.chunked_array([pa.array([at for at, _, _ in good], pa.timestamp("us"))])
    told = clock.offsets(at, zone).to_pylist()
    parts.rows(
        "sleep_level",
        (
            own
            | {"level": level.lower(), "start_datetime": start, "utc_offset_minutes": off, "duration_in_min": length}
            for (start, level, length), off in zip(good, told, strict=True)
        ),
        owner,
    )
