"""Kaplan-Meier curves and the log-rank test from how many people had each length of follow-up.

statsmodels makes the estimate; its variance is Greenwood's, and intervals are on the scale log(-log S) (Kalbfleisch &
Prentice, The Statistical Analysis of Failure Time Data, 2002, 1.4), which stay between 0 and 1.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """`people` who were followed for `days`; for `events` of them the event came then. Days are distinct, in order."""

    days: Vector
    people: Vector
    events: Vector

    def at_risk(self, days: Vector) -> Vector:
        """How many were followed for so many days or longer."""
        left = np.append(np.cumsum(self.people[::-1])[::-1], 0)
        return left[np.searchsorted(self.days, days)]


@dataclass(frozen=True)
class Curve:
    """One place for each day on which the event came to somebody."""

    days: Vector
    at_risk: Vector
    events: Vector
    survival: Vector
    low: Vector
    high: Vector

    def median(self, of: str = "survival") -> float | None:
        """The first day on which no more than half are left; None where it is not reached."""
        reached = np.flatnonzero(getattr(self, of) <= 0.5)
        return float(self.days[reached[0]]) if len(reached) else None


def curve(counts: Counts, level: float = 0.95) -> Curve:
    from scipy.special import ndtri
    from statsmodels.duration.survfunc import SurvfuncRight

    times = np.repeat(counts.days, 2)
    status = np.tile([1.0, 0.0], len(counts.days))
    weights = np.column_stack([counts.events, counts.people - counts.events]).ravel()
    kept = weights > 0
    if not counts.events.sum():
        return Curve(*(np.empty(0) for _ in range(6)))
    made = SurvfuncRight(times[kept], status[kept], freq_weights=weights[kept])
    left, events, survival = made.n_risk, made.n_events, made.surv_prob
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(events / (left * (left - events)))
        half = float(ndtri((1 + level) / 2)) * np.sqrt(greenwood) / np.abs(np.log(survival))
        low, high = survival ** np.exp(half), survival ** np.exp(-half)
    last = survival <= 0
    low[last], high[last] = 0.0, np.nan
    return Curve(made.surv_times, left, events, survival, low, high)


def log_rank(groups: list[Counts]) -> tuple[float, int, float] | None:
    """Chi-squared, degrees of freedom, p (Mantel 1966; Peto & Peto 1972); None where no event tells groups apart."""
    from scipy.special import chdtrc

    days = np.unique(np.concatenate([g.days[g.events > 0] for g in groups]))
    left = np.array([g.at_risk(days) for g in groups])
    events = np.array([_at(g, days) for g in groups])
    all_left, all_events = left.sum(0), events.sum(0)
    shares = left / all_left
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(all_left > 1, all_events * (all_left - all_events) / (all_left - 1), 0.0)
    apart = (events - shares * all_events).sum(1)[1:]
    covariance = (np.diag(shares @ spread) - (shares * spread) @ shares.T)[1:, 1:]
    freedom = int(np.linalg.matrix_rank(covariance))
    if not freedom:
        return None
    statistic = float(apart @ np.linalg.pinv(covariance, hermitian=True) @ apart)
    return statistic, freedom, float(chdtrc(freedom, statistic))


def _at(group: Counts, days: Vector) -> Vector:
    """Events on each of some days."""
    found = np.zeros(len(days))
    there = np.isin(group.days, days)
    found[np.searchsorted(days, group.days[there])] = group.events[there]
    return found
