"""Reading one person's days from the provider, until all is read, a limit is met, or the time is up. No database here."""

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from commonweal.vault.linking.client import Client, Ended, Limited, Malformed, Unreachable
from commonweal.vault.wearables.models import Sync
from commonweal.vault.wearables.normal import Parts
from commonweal.vault.wearables.sync import reading, rules
from commonweal.vault.wearables.sync.rules import Reached

PATIENCE = 60.0  # seconds for one person in one round
MOST_DAYS = 60  # in one round, so that others have their turn
SEVERAL = 3  # days that cannot be understood, after which it is not these days that are wrong


@dataclass(frozen=True)
class Job:
    """A connection to read; `permitted_at` is when the permission began."""

    sync: Sync
    client: Client
    reached: Reached
    permitted_at: datetime


@dataclass
class Outcome:
    """What came of a job. `trouble`: as in Sync; `wait`: what the provider asks for; `ended`: it knows us no longer.

    `refused`: kinds of data that the person left out; `days`: how many were read, `unclear`: how many were no days.
    """

    job: Job
    reached: Reached
    first: date
    today: date
    time_zone: str
    parts: Parts = field(default_factory=Parts)
    refused: set[str] = field(default_factory=set)
    days: int = 0
    unclear: int = 0
    trouble: str = ""
    wait: timedelta | None = None
    ended: bool = False


def read(job: Job, now: datetime) -> Outcome:
    """Read what is due. Never raises for what a provider says or does not say."""
    found = Outcome(job, job.reached, now.date(), now.date(), job.sync.time_zone)
    try:
        _read(found, now)
    except Limited as limited:
        found.trouble, found.wait = Sync.LIMITED, limited.wait
    except Ended:
        found.ended = True
    except Unreachable:
        found.trouble = Sync.UNREACHABLE
    except Malformed:
        found.trouble = Sync.MALFORMED
    return found


def _read(found: Outcome, now: datetime) -> None:
    job, until = found.job, time.monotonic() + PATIENCE
    profile = reading.profile(job.client)
    found.time_zone = profile.zone or job.sync.time_zone
    zone = rules.zone_of(found.time_zone)
    found.today, permitted = (moment.astimezone(zone or UTC).date() for moment in (now, job.permitted_at))
    found.first = rules.first_day(permitted, profile.since)
    reading.read_devices(job.client, found.parts, found.today, found.refused)
    for day in rules.days(job.reached, found.first, found.today):
        if found.days + found.unclear >= MOST_DAYS or time.monotonic() > until:
            return
        try:
            reading.read_day(job.client, found.parts, day, zone, found.refused)
            found.days += 1
        except Malformed:  # such a day holds up no other
            found.unclear += 1
            if found.unclear >= SEVERAL:
                raise
        found.reached = found.reached.with_day(day)
