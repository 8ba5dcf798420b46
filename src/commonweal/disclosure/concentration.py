"""Sums and means of amounts (cost, dose, steps): held back where a few people make up most of them.

Two rules, both to hold (Hundepool et al., Statistical Disclosure Control, 2012, ch. 4): dominance, by which the n largest may
not exceed a share of the whole; and p per cent, by which what is neither the largest nor the second largest must leave the
second largest a doubt of more than p of the largest. Amounts count by their size, whatever their sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from commonweal.disclosure.count import Policy
from commonweal.disclosure.verdict import PASSED, Verdict, refused
from commonweal.errors import BadInput


@dataclass(frozen=True)
class Concentration:
    """The `people` largest may make up at most `share` of a sum; the rest must come to `p` of the largest or more."""

    people: int = 2
    share: float = 0.85
    p: float = 0.1

    def __post_init__(self) -> None:
        if self.people < 1 or not (0 < self.share < 1 and 0 < self.p < 1):
            raise BadInput("concentration: people must be 1 or more, share and p between 0 and 1")


def check(amounts: Sequence[float], policy: Policy, limits: Concentration) -> Verdict:
    """May the sum and mean of these amounts, one for each person, leave? Nobody's amounts say nothing, and pass."""
    sizes = sorted((abs(amount) for amount in amounts), reverse=True)
    if not sizes:
        return PASSED
    if len(sizes) <= policy.min_cell:
        return refused(f"it is of {policy.min_cell} people or fewer; put groups together")
    whole = sum(sizes)
    if sum(sizes[: limits.people]) > limits.share * whole:
        return refused(f"the {limits.people} largest make up more than {limits.share:.0%} of it; put groups together")
    if sum(sizes[2:]) < limits.p * sizes[0]:
        return refused(f"the second largest could tell the largest to within {limits.p:.0%}; put groups together")
    return PASSED
