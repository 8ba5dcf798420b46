"""Cox's model of one phecode, on the scale of age, with Efron's treatment of ties and late entry.

A person is at risk after the age of entry, up to the age of exit (of the first date for cases). Sums over everybody at risk
at each event are not made event by event: a person's part is their relative hazard times what the baseline hazard
gained while they were at risk, so that gradients are one product with the design. Only tied cases are looked at apart.
Source: Efron, J Am Stat Assoc 1977; Therneau and Grambsch, Modeling Survival Data, 2000, chapter 3.
"""

from dataclasses import dataclass

import numpy as np

from commonweal.commons.analysis.phewas.alone import FINITE
from commonweal.commons.analysis.phewas.design import EXPOSURE, Floats

MOST = 25


@dataclass(frozen=True)
class Cox:
    """Of the exposure, in standard deviations; `score` is the z of the score test without it, where there is no fit."""

    beta: float
    error: float
    score: float
    converged: bool


def cox(x: Floats, entry: Floats, leaving: Floats, event: np.ndarray) -> Cox:
    """`x` [people, columns] has no constant and begins with the exposure. Ages in any unit; who leaves before entering
    is never at risk. Without a finite maximum, the score test."""
    work = _Risk(x, entry, leaving, event)
    everything = np.arange(x.shape[1])
    beta, inverse, sound = _climb(work, everything)
    first = EXPOSURE - 1
    if sound and np.abs(beta).max() < FINITE:
        return Cox(float(beta[first]), float(np.sqrt(inverse[first, first])), np.nan, True)
    held, _, sound = _climb(work, np.delete(everything, first))
    if not sound or np.abs(held).max() > FINITE:
        return Cox(np.nan, np.nan, np.nan, False)
    _, gradient, information = work.at(held)
    spread = np.linalg.inv(information)[first, first]
    return Cox(np.nan, np.nan, float(gradient[first] * np.sqrt(spread)), False)


class _Risk:
    """Who is at risk at which event times, worked out once for all steps."""

    def __init__(self, x: Floats, entry: Floats, leaving: Floats, event: np.ndarray) -> None:
        counted = leaving > entry
        self.x, event, leaving, entry = x[counted], event[counted], leaving[counted], entry[counted]
        self.times, self.when = np.unique(leaving[event], return_inverse=True)
        self.cases = np.flatnonzero(event)
        self.begin = np.searchsorted(self.times, entry, side="right")  # the first event they are at risk at
        self.end = np.searchsorted(self.times, leaving, side="right")  # the first they are no longer at risk at
        ties = np.bincount(self.when, minlength=len(self.times))
        order = np.argsort(self.when, kind="stable")
        rank = np.empty(len(order))
        rank[order] = np.arange(len(order)) - np.repeat(np.cumsum(ties) - ties, ties)
        self.fraction = rank / ties[self.when]  # of the tied cases' own hazard that is taken off: Efron
        self.total = self.x[self.cases].sum(axis=0)
        self.columns = np.ascontiguousarray(self.x.T)

    def at(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Log partial likelihood, gradient, information."""
        predictor = self.x @ beta
        shift = predictor.max()
        hazard = np.exp(predictor - shift)
        at_risk, tied = self._sums(hazard)
        sums = (at_risk - self.fraction * tied).T
        share = 1 / sums[:, 0]
        means = sums[:, 1:] * share[:, None]
        gained = np.concatenate([[0], np.cumsum(np.bincount(self.when, share, len(self.times)))])
        weight = hazard * (gained[self.end] - gained[self.begin])
        lost = np.bincount(self.when, self.fraction * share, len(self.times))[self.when]
        weight[self.cases] -= hazard[self.cases] * lost
        likelihood = float(predictor[self.cases].sum() - (np.log(sums[:, 0]) + shift).sum())
        information = self.x.T @ (self.x * weight[:, None]) - means.T @ means
        return likelihood, self.total - means.sum(axis=0), information

    def _sums(self, hazard: Floats) -> tuple[Floats, Floats]:
        """Hazards, and hazards times each column, [columns + 1, cases]: of those at risk at the event of each case (who has
        begun, less who has ended), and of those who have their event with it."""
        size = len(self.times) + 1
        at_risk, tied = np.empty((2, len(self.columns) + 1, size))
        for place, row in enumerate((1.0, *self.columns)):
            part = hazard * row
            at_risk[place] = np.bincount(self.begin, part, size) - np.bincount(self.end, part, size)
            tied[place] = np.bincount(self.when, part[self.cases], size)
        return np.cumsum(at_risk, axis=1)[:, self.when], tied[:, self.when]


def _climb(work: _Risk, free: np.ndarray) -> tuple[Floats, Floats, bool]:
    """Newton's steps in the coefficients `free`, the others 0; coefficients, inverse information of `free`, converged."""
    beta = np.zeros(work.x.shape[1])
    likelihood, gradient, information = work.at(beta)
    part = np.ix_(free, free)
    for _ in range(MOST):
        try:
            inverse = np.linalg.inv(information[part])
        except np.linalg.LinAlgError:
            return beta, np.empty(0), False
        step = np.zeros_like(beta)
        step[free] = inverse @ gradient[free]
        if not np.isfinite(step).all() or np.abs(beta).max() > 2 * FINITE:
            return beta, inverse, False
        for _ in range(12):
            tried = work.at(beta + step)
            if tried[0] >= likelihood - 1e-10 * abs(likelihood):
                break
            step /= 2
        beta = beta + step
        likelihood, gradient, information = tried
        if np.abs(step).max() < 1e-9:
            return beta, np.linalg.inv(information[part]), True
    return beta, inverse, False
