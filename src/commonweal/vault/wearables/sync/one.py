"""Reading one person's days from the provider, until all is read, a limit is met, or the time is up. No database here."""

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa

from commonweal.vault.wearables.models import Sync
from commonweal.vault.wearables.sync import reading, rules
from commonweal.vault.wearables.sync.client import Client, Ended, Limited, Malformed, Unreachable
from commonweal.vault.wearables.sync.rules import Reached

PATIENCE = 120.0  # seconds for one person in one round
MOST_DAYS = 60  # in one round, so that others have their turn
SEVERAL = 3  # days that cannot be understood, after which it is not these days that are wrong


@dataclass(frozen=True)
class Job:
    """A connection to read; `permitted_at` is when the permission began."""

    sync: Sync
    client: Client
    reached: Reached
    permitted_at: datetime
    time_zone: str
    refused: frozenset[str]


@dataclass
class Outcome:
    """What came of a job. `trouble`: as in Sync; `wait`: what the provider asks for; `ended`: it knows us no longer."""

    job: Job
    reached: Reached
    first: date
    today: date
    time_zone: str
    refused: set[str]
    last_data: date | None
    tables: list[tuple[str, pa.Table]] = field(default_factory=list)
    days: int = 0
    unclear: int = 0
    trouble: str = ""
    wait: timedelta | None = None
    ended: bool = False


def read(job: Job, now: datetime) -> Outcome:
    """Read what is due. Never raises for what a provider says or does not say."""
    found = Outcome(job, job.reached, now.date(), now.date(), job.time_zone, set(job.refused), job.sync.last_data)
    try:
        _read(job, found, now)
    except Limited as limited:
        found.trouble, found.wait = Sync.LIMITED, limited.wait
    except Ended:
        found.ended = True
    except Unreachable:
        found.trouble = Sync.UNREACHABLE
    except Malformed:
        found.trouble = Sync.MALFORMED
    return found


def _read(job: Job, found: Outcome, now: datetime) -> None:
    until = time.monotonic() + PATIENCE
    profile = reading.profile(job.client)
    found.time_zone = profile.time_zone or job.time_zone
    zone = rules.zone_of(found.time_zone) or UTC
    found.today, found.first = now.astimezone(zone).date(), job.permitted_at.astimezone(zone).date()
    who = reading.Who(job.sync.connection.participant_id, job.sync.connection.provider, found.time_zone)
    found.tables += reading.devices(job.client, who, found.today, found.refused)
    for day in rules.days(job.reached, found.first, found.today):
        if found.days + found.unclear >= MOST_DAYS or time.monotonic() > until:
            return
        _day(job, found, who, day)


def _day(job: Job, found: Outcome, who: reading.Who, day: date) -> None:
    """One day, whole or not at all; one that cannot be understood is passed over, so that it holds up no other."""
    try:
        tables = reading.day(job.client, who, day, found.refused)
    except Malformed:
        found.unclear += 1
        if found.unclear >= SEVERAL:
            raise
    else:
        found.tables += tables
        found.days += 1
        if reading.worn(tables):
            found.last_data = max(found.last_data or day, day)
    found.reached = found.reached.with_day(day)
