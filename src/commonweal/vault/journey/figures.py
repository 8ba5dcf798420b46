"""The two numbers of the first page: how many people joined, how many share their health records.

They are counted once a day for the start of the day, and leave through disclosure; the counting is recorded.
"""

from dataclasses import dataclass
from datetime import date, datetime

import pyarrow.compute as pc
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from commonweal import audit, disclosure
from commonweal.protocol import Protocol
from commonweal.vault.consent.population import population_grants
from commonweal.vault.people.models import Participant

KEEP_SECONDS = 3600


@dataclass(frozen=True)
class Figures:
    """Numbers as they may be shown, and the day at whose start (UTC) they were counted."""

    joined: disclosure.Count
    sharing: disclosure.Count
    on: date


def published(protocol: Protocol, now: datetime | None = None) -> Figures:
    """The figures for the start of today (UTC)."""
    at = (now or timezone.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    key = f"figures:{settings.COMMONWEAL_SITE}:{at.isoformat()}"
    found = cache.get(key)
    if found is None:
        found = _count(protocol, at)
        cache.set(key, found, KEEP_SECONDS)
    return found


def _count(protocol: Protocol, at: datetime) -> Figures:
    grants = population_grants(at, timezone.now())
    made_up = list(Participant.objects.filter(is_test=True).values_list("pk", flat=True))
    policy = policy_of(protocol)
    shown = {}
    for name, scope in (("joined", "participate"), ("sharing", "ehr")):
        people = grants.filter(pc.equal(grants["scope"], scope))["participant"]
        real = len(people) - len(set(people.to_pylist()) & set(made_up)) if made_up else len(people)
        shown[name] = disclosure.count(real, policy)
    audit.record("figures.published", actor=audit.SYSTEM, **{name: count.persons for name, count in shown.items()})
    return Figures(shown["joined"], shown["sharing"], at.date())


def policy_of(protocol: Protocol) -> disclosure.Policy:
    rule = protocol.privacy.disclosure
    return disclosure.Policy(min_cell=rule.min_cell, round_to=rule.round_to)
