"""The counts of people by link, kept so that pages open at once however many people came.

Where counting is quick, or nothing has changed, what is told is the very present. In a large program the worker counts
anew every half minute, and pages tell what it last counted; where no worker runs, a page counts when that is too old.
"""

import time
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from commonweal.protocol import Protocol
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.partners import counting
from commonweal.vault.partners.models import KeptCounts, OutreachLink
from commonweal.vault.people.models import Arrival
from commonweal.vault.surveys.models import SurveyResponse

QUICK = 0.3  # seconds: counted anew at each change
LATE = timedelta(seconds=150)  # the worker does not run
OLD = timedelta(hours=1)  # what changes without a new fact, such as who is a test person
Counts = dict[str, dict[int, int]]


def people(protocol: Protocol) -> Counts:
    """Step -> id of an invitation -> people."""
    kept = KeptCounts.objects.first()
    if kept and _holds(kept, _seen(protocol), timezone.now()):
        return {step: {int(link): n for link, n in by.items()} for step, by in kept.people.items()}
    return _count(protocol)


def tick() -> int:
    """What the worker does: count anew where something has changed."""
    protocol = current_protocol()
    kept = KeptCounts.objects.first()
    fresh = kept and kept.seen == _seen(protocol) and timezone.now() - kept.taken_at < OLD
    if fresh or not OutreachLink.objects.exists():
        return 0
    _count(protocol)
    return 1


def _holds(kept: KeptCounts, seen: list[Any], now: datetime) -> bool:
    age = now - kept.taken_at
    return age < OLD if kept.seen == seen else kept.seconds > QUICK and age < LATE


def _seen(protocol: Protocol) -> list[Any]:
    """What was counted: the last fact of each kind, and what the baseline is."""
    last = [model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in (Arrival, ConsentAnswer, SurveyResponse)]
    return [*last, *protocol.baseline]


def _count(protocol: Protocol) -> Counts:
    seen, began = _seen(protocol), time.monotonic()
    found = counting.count(protocol)
    values = {"taken_at": timezone.now(), "seconds": time.monotonic() - began, "seen": seen, "people": found}
    KeptCounts.objects.update_or_create(pk=1, defaults=values)
    return found
