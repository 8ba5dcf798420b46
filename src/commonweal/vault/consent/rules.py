"""What a participant's facts grant: the one pure rule behind `grants_in_force`.

1. For each scope the latest answer whose scopes include it decides, by (event, authored, received, sequence): it grants
   the scope when it is a yes that has not expired. No, not sure and later grant nothing; an older yes does not come back.
2. Nothing is granted without `participate`.
3. Nothing is granted from a withdrawal on, whatever its kind, for ever.
4. A deactivation, or an approved report of death, ends `recontact`. What was given before stays in use.
5. `new_data=True` asks for what may be collected now: nothing after a deactivation or a death; no `measurements` and no
   `biospecimens` while the person is held in prison or jail, as the latest custody fact says. Being held withdraws
   nobody, so what was given stays in use, and surveys and health records go on (enrolment rules of All of Us:
   measurements and samples are suspended).
6. A fact later than `at`, or received after `known_at`, is not known yet. A known fact that supersedes another of its
   kind takes its place for good, whenever it happened; but a withdrawal, which cannot be undone or moved, always counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

ANSWER, WITHDRAWAL, DEACTIVATION, DECEASE, CUSTODY = "answer", "withdrawal", "deactivation", "decease", "custody"
YES, NO, NOT_SURE, LATER = "yes", "no", "not_sure", "later"
ANSWERS = (YES, NO, NOT_SURE, LATER)
PARTICIPATE, RECONTACT = "participate", "recontact"
NOT_IN_CUSTODY = frozenset({"measurements", "biospecimens"})  # what is not collected while somebody is held
_MOMENTS = ("event_time", "authored_time", "received_time", "expires_at")
ADULT = 18  # completed years at the time of consent (All of Us core protocol v1.12, adult eligibility)


@dataclass(frozen=True)
class GrantFact:
    """One consent fact of one person. All times aware, in any zone; they are kept in UTC. `sequence` breaks ties (the
    order in which facts were stored).

    `supersedes`: the sequence of the fact of the same kind whose place it takes. `held`: of custody facts.
    """

    kind: str
    event_time: datetime
    authored_time: datetime
    received_time: datetime
    answer: str | None = None
    scopes: frozenset[str] = frozenset()
    expires_at: datetime | None = None
    sequence: int = 0
    supersedes: int | None = None
    held: bool = False

    def __post_init__(self) -> None:
        """In one and the same zone Python compares wall clocks, which go back an hour in autumn; hence UTC."""
        for name in _MOMENTS:
            value = getattr(self, name)
            if value is not None and value.tzinfo is not UTC:
                object.__setattr__(self, name, value.astimezone(UTC))

    @property
    def order(self) -> tuple[datetime, datetime, datetime, int]:
        return self.event_time, self.authored_time, self.received_time, self.sequence


def grants(facts: Iterable[GrantFact], at: datetime, known_at: datetime, *, new_data: bool = False) -> frozenset[str]:
    """The scopes in force for one person at `at`, as far as was known at `known_at`; the order of `facts` is no matter.

    `new_data`: those under which something may be collected at that moment.
    """
    at = at.astimezone(UTC)
    known = _known(facts, at, known_at.astimezone(UTC))
    kinds = {fact.kind for fact in known}
    if WITHDRAWAL in kinds:
        return frozenset()
    latest: dict[str, GrantFact] = {}
    for fact in known:
        if fact.kind == ANSWER:
            latest.update(dict.fromkeys(fact.scopes, fact))
    granted = frozenset(scope for scope, fact in latest.items() if _holds(fact, at))
    if PARTICIPATE not in granted:
        return frozenset()
    if kinds & {DEACTIVATION, DECEASE}:
        return frozenset() if new_data else granted - {RECONTACT}
    return granted - NOT_IN_CUSTODY if new_data and _held(known) else granted


def _known(facts: Iterable[GrantFact], at: datetime, known_at: datetime) -> list[GrantFact]:
    """What counts, in order of time."""
    received = [fact for fact in facts if fact.received_time <= known_at]
    replaced = {(fact.kind, fact.supersedes) for fact in received if fact.kind != WITHDRAWAL}
    counting = [f for f in received if f.event_time <= at and (f.kind, f.sequence) not in replaced]
    return sorted(counting, key=lambda fact: fact.order)


def _held(known: list[GrantFact]) -> bool:
    custody = [fact for fact in known if fact.kind == CUSTODY]
    return bool(custody) and custody[-1].held


def _holds(fact: GrantFact, at: datetime) -> bool:
    return fact.answer == YES and (fact.expires_at is None or at < fact.expires_at)
