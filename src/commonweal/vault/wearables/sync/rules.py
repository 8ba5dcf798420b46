"""The pure part of reading day by day: which days come next, and when to ask again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

LATE = 3  # days that are read again: a watch may hand in late what it counted
LONGEST_BACK = 3 * 365  # days of the past that are asked for at most
DAILY = timedelta(hours=24)
SOON = timedelta(hours=1)  # providers count their limits by the hour
SILENT = timedelta(days=14)  # without data for so long, the person is asked whether all is well


@dataclass(frozen=True)
class Reached:
    """What was read so far, in the wearer's local days: all from `oldest` to `newest`, both included; None: nothing."""

    oldest: date | None
    newest: date | None

    def with_day(self, day: date) -> "Reached":
        return Reached(min(self.oldest or day, day), max(self.newest or day, day))


def first_day(permitted: date, since: date | None) -> date:
    """The first day that is asked for: whoever says yes shares what the device has saved, from before that day too.

    `since`: when the account was opened. Where that is not told nobody knows how much there is to ask for, and the day
    of the permission is the first.
    """
    return permitted if since is None else min(permitted, since)


def days(reached: Reached, first: date, today: date) -> Iterator[date]:
    """The days to read, the most useful first: today and what came since, then back to `first`.

    `first` is as `first_day` tells. The last `LATE` days are read again. The order keeps what was read one span at
    any time, so that a stop in the middle loses nothing.
    """
    first = max(first, today - timedelta(days=LONGEST_BACK))
    if reached.oldest is None or reached.newest is None:
        start = oldest = today
    else:
        oldest = reached.oldest
        start = min(max(first, oldest, reached.newest - timedelta(days=LATE)), today)
    yield from _span(start, today)
    yield from _span(oldest - timedelta(days=1), first, step=-1)


def _span(start: date, end: date, step: int = 1) -> Iterator[date]:
    day = start
    while day <= end if step > 0 else day >= end:
        yield day
        day += timedelta(days=step)


def complete(reached: Reached, first: date, today: date) -> bool:
    """Whether nothing is left but the days to come."""
    first = max(first, today - timedelta(days=LONGEST_BACK))
    return reached.newest == today and reached.oldest is not None and reached.oldest <= first


def next_time(now: datetime, whole: bool) -> datetime:
    """When to ask again: tomorrow at this time where all is read, else once the provider allows more."""
    return now + (DAILY if whole else SOON)


def zone_of(name: object) -> ZoneInfo | None:
    """The time zone that a provider names; None where there is no such zone."""
    return ZoneInfo(name) if isinstance(name, str) and name in available_timezones() else None
