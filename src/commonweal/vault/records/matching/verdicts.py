"""What is made of the participants that a patient was weighed against: one of them, none, or a question for the staff."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from commonweal.protocol.matching import Level, Matching

NO_MATCH, AMBIGUOUS, NEAR_MISS, INCOMPLETE = "no_match", "ambiguous", "near_miss", "incomplete_identity"
KEY_FIELDS = ("given", "family", "birth")
MOST_KEY_FIELDS = (
    1  # that may differ; with two, the reference's central check takes a person out of a site's records too
)


@dataclass(frozen=True)
class Match:
    """The participant, or None and why."""

    participant: int | None
    reason: str = ""


@dataclass(frozen=True)
class Scored:
    """A participant weighed against a patient: bits for one and the same person, and how each detail came out."""

    participant: int
    weight: float
    levels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """The match, and the participants about whom a person of the staff has to decide."""

    match: Match
    near: tuple[Scored, ...] = ()


def bits(probability: float) -> float:
    return math.log2(probability / (1 - probability))


def judge(found: Sequence[Scored], matching: Matching, same: Collection[int] = (), *, crowded: bool = False) -> Verdict:
    """`found`: the participants weighed against one patient; `same`: those of whom the staff said that they are the patient.
    `crowded`: so many were born on the patient's day that the same day says no more than a slip in another one would.

    What the staff said makes a match of a near miss, never of less; records that change are looked at again.
    """
    near = sorted((one for one in found if _near(one, matching)), key=lambda one: (-one.weight, one.participant))
    if not near:
        return Verdict(Match(None, NO_MATCH))
    fitting = [one for one in near if one.participant in same or _fits(one, matching, crowded)]
    said = [one for one in fitting if one.participant in same]
    if len(said) == 1 and len(fitting) == 1:
        return Verdict(Match(said[0].participant))
    if len(fitting) > 1:
        return Verdict(Match(None, AMBIGUOUS), tuple(near))
    if fitting and all(fitting[0].weight - one.weight >= matching.lead for one in near if one is not fitting[0]):
        return Verdict(Match(fitting[0].participant))
    return Verdict(Match(None, NEAR_MISS), tuple(near))


def _near(one: Scored, matching: Matching) -> bool:
    differing = sum(one.levels.get(name) == "other" for name in KEY_FIELDS)
    return differing <= MOST_KEY_FIELDS and one.weight >= bits(matching.near_miss)


def _fits(one: Scored, matching: Matching, crowded: bool) -> bool:
    """Whether the pair is a match by itself."""
    if one.weight < bits(matching.match):
        return False
    reached = [level for name, at in one.levels.items() if (level := getattr(getattr(matching, name), at, None))]
    reached += [matching.birth.slip] if crowded and one.levels.get("birth") == "same" else []
    return not any(level.never or _lacks(level, one) for level in reached)


def _lacks(level: Level, one: Scored) -> bool:
    return bool(level.needs) and not any(one.levels.get(name) == "same" for name in level.needs)
