"""What a participant's answers grant: the one pure rule behind `grants_in_force`.

For each scope the latest answer whose scopes include it counts, by (event, authored, received, sequence). It grants the
scope when it is a yes that has not expired. Nothing is granted without `participate`, and nothing after a withdrawal.
A deactivation ends `recontact`; what was given before stays in use. Facts later than `at`, or received after `known_at`,
are not known yet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

ANSWER, WITHDRAWAL, DEACTIVATION = "answer", "withdrawal", "deactivation"
YES, NO, NOT_SURE = "yes", "no", "not_sure"
PARTICIPATE, RECONTACT = "participate", "recontact"
ADULT = 18  # completed years at the time of consent (All of Us core protocol v1.12, adult eligibility)


@dataclass(frozen=True)
class GrantFact:
    """One consent fact of one person. All times aware. `sequence` breaks ties (the order in which facts were stored)."""

    kind: str
    event_time: datetime
    authored_time: datetime
    received_time: datetime
    answer: str | None = None
    scopes: frozenset[str] = frozenset()
    expires_at: datetime | None = None
    sequence: int = 0

    @property
    def order(self) -> tuple[datetime, datetime, datetime, int]:
        return self.event_time, self.authored_time, self.received_time, self.sequence


def grants(facts: Iterable[GrantFact], at: datetime, known_at: datetime) -> frozenset[str]:
    """The scopes in force for one person at `at`, as far as was known at `known_at`; the order of `facts` is no matter."""
    known = [fact for fact in facts if fact.event_time <= at and fact.received_time <= known_at]
    kinds = {fact.kind for fact in known}
    if WITHDRAWAL in kinds:
        return frozenset()
    latest: dict[str, GrantFact] = {}
    for fact in sorted((fact for fact in known if fact.kind == ANSWER), key=lambda fact: fact.order):
        latest.update(dict.fromkeys(fact.scopes, fact))
    granted = {scope for scope, fact in latest.items() if _holds(fact, at)}
    if PARTICIPATE not in granted:
        return frozenset()
    return frozenset(granted - {RECONTACT}) if DEACTIVATION in kinds else frozenset(granted)


def _holds(fact: GrantFact, at: datetime) -> bool:
    return fact.answer == YES and (fact.expires_at is None or at < fact.expires_at)
