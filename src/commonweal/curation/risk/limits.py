"""Whether what was measured keeps to the limits of the protocol, and which of them were not applied and why.

An attack is over its limit where it does better than that by more than luck explains: its share of right guesses less
three standard errors (Wilson's lower bound), less what guessing blindly gets right, is above the limit; tried on fewer
than 20 people it is not judged. Everything else is over where the figure is.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

from commonweal.curation.checks.base import Check
from commonweal.protocol.risk import Risk, TierRisk

LEAST_TARGETS = 20
ERRORS = 3.0
FEWEST = "population_least"
WITHIN, OVER, NOT_APPLIED = "within", "over", "not_applied"


@dataclass(frozen=True)
class Judged:
    """One limit: `figure` must not be above `limit` (of population_least, not below). Outcome: within, over, not_applied."""

    id: str
    figure: float
    limit: float
    over: bool
    applied: bool = True

    def as_dict(self) -> dict[str, Any]:
        outcome = WITHIN if not self.over else OVER if self.applied else NOT_APPLIED
        return {"id": self.id, "figure": round(self.figure, 6), "limit": self.limit, "outcome": outcome}


def judge(measured: dict[str, Any], rules: Risk, tier: str) -> list[dict[str, Any]]:
    """Each limit of the tier that something was measured for, with figure, limit and outcome."""
    limits, people = rules.of(tier), measured["people"]
    applied = rules.small_program is None or people >= rules.small_program.below
    found = [*_groups(measured, limits, applied), *_population(measured, limits), *_attacks(measured, limits)]
    return [one.as_dict() for one in found]


def checks(measured: dict[str, Any], rules: Risk, tier: str) -> list[Check]:
    """Limits that were passed stop a release: their number, and each of them.

    A manifest of before these figures were measured fails: it has to be built again.
    """
    if "people" not in measured:
        return [Check("risk.measured", 1)]
    judged = judge(measured, rules, tier)
    over = [Check(f"risk.{one['id']}", *_apart(one)) for one in judged if one["outcome"] == OVER]
    return [Check("risk.limits", len(over)), *over]


def exemption(measured: dict[str, Any], rules: Risk) -> dict[str, Any] | None:
    """Why the limits on groups in the release are not applied to one of so few people; None where they are."""
    small = rules.small_program
    return small.model_dump() if small is not None and measured["people"] < small.below else None


def _apart(judged: dict[str, Any]) -> tuple[float, float]:
    """Figure and limit so that more is worse: of the population, fewer people are."""
    figure, limit = judged["figure"], judged["limit"]
    return (1 / max(figure, 1e-9), 1 / limit) if judged["id"] == FEWEST else (figure, limit)


def _groups(measured: dict[str, Any], limits: TierRisk, applied: bool) -> list[Judged]:
    shares = {"expected": measured["expected"], "alone": measured["people_alone"] / max(measured["people"], 1)}
    bounds = {"expected": limits.expected_max, "alone": limits.alone_max}
    return [Judged(n, shares[n], bound, shares[n] > bound, applied) for n, bound in bounds.items() if bound is not None]


def _population(measured: dict[str, Any], limits: TierRisk) -> list[Judged]:
    found, most, least = measured["population"], limits.population_small_max, limits.population_least
    if found is None:
        return []
    share = found["below"] / max(found["people"], 1)
    small = [] if most is None else [Judged("population_small", share, most, share > most)]
    return small if least is None else [*small, Judged(FEWEST, found["smallest"], least, found["smallest"] < least)]


def _attacks(measured: dict[str, Any], limits: TierRisk) -> list[Judged]:
    tried = [one for one in measured["attacks"] if one["id"] in limits.attacks and one["targets"] >= LEAST_TARGETS]
    return [
        Judged(f"attack.{one['id']}", one["success"], limits.attacks[one["id"]], _sure(one) > limits.attacks[one["id"]])
        for one in tried
    ]


def _sure(attack: dict[str, Any]) -> float:
    """The share of right guesses that is certain beyond luck, less chance."""
    return lower(attack["success"], attack["targets"]) - attack["chance"]


def lower(share: float, number: int, errors: float = ERRORS) -> float:
    """Wilson's lower bound of a share seen in `number` trials, `errors` standard errors down."""
    z2 = errors * errors
    centre = share + z2 / (2 * number)
    margin = errors * sqrt(share * (1 - share) / number + z2 / (4 * number * number))
    return (centre - margin) / (1 + z2 / number)
