"""Counts with differential privacy (extra `dp`): noise of the discrete Laplace distribution, and a budget that it uses up.

One person more or less changes a count by 1 at most, so noise of scale 1/epsilon makes the answer epsilon-private
(Dwork et al. 2006; without the holes of floating-point noise, Ghosh et al. 2012); what several answers cost adds up.
The noise is OpenDP's.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from commonweal.disclosure.count import Policy
from commonweal.errors import BadInput, Refused

OFF = 0.05  # of answers may be off by more than they say


@dataclass(frozen=True)
class Budget:
    """`epsilon`: what one count costs; `total`: what may be spent, of which `spent` is gone."""

    epsilon: float
    total: float
    spent: float = 0.0

    def check(self) -> None:
        """Raises Refused where one more count would exceed it. Sums are exact, so that none slips in by rounding."""
        if _exact(self.spent) + _exact(self.epsilon) > _exact(self.total):
            raise Refused("privacy budget: it is used up for this release; ask the program, or use ordinary counts")


@dataclass(frozen=True)
class PrivateCount:
    """`persons`: with noise, None where that is `min_cell` or less; in 19 of 20 answers it is off by `error` at most."""

    persons: int | None
    epsilon: float
    error: int


def private_count(persons: int, budget: Budget, policy: Policy) -> PrivateCount:
    """A noisy count of `persons`. Raises Refused where the budget does not allow it; whoever asks records what it cost."""
    if persons < 0:
        raise BadInput("a number of people cannot be below zero")
    budget.check()
    dp = _opendp()
    measurement = dp.m.make_laplace(dp.atom_domain(T=int), dp.absolute_distance(T=int), scale=1 / budget.epsilon)
    noisy = measurement(persons)
    return PrivateCount(noisy if noisy > policy.min_cell else None, budget.epsilon, _error(budget.epsilon))


def _error(epsilon: float) -> int:
    """The least whole number that the noise exceeds in one answer of 20 at most: by more than e it is off with the
    probability 2 a^(e+1) / (1 + a), where a = exp(-epsilon)."""
    a = math.exp(-epsilon)
    return max(0, math.ceil(math.log(OFF * (1 + a) / 2) / -epsilon) - 1)


def _exact(amount: float) -> Fraction:
    return Fraction(str(amount))


def _opendp() -> Any:
    try:
        import opendp.prelude as dp
    except ImportError:
        raise BadInput("private counts: OpenDP is not installed; install commonweal[dp]") from None
    dp.enable_features("contrib")
    return dp
