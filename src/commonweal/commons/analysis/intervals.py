"""Intervals of proportions and rates, and their direct standardisation. `level` is the coverage, 0.95 by default.

Wilson (J Am Stat Assoc 1927;22:209) for proportions; exact Poisson (Garwood, Biometrika 1936;28:437) for rates; for
directly standardised rates the gamma interval (Fay & Feuer, Stat Med 1997;16:791); for directly standardised
proportions Wilson's at the effective number of people (Dean & Pagano, J Surv Stat Methodol 2015;3:484).
"""

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Range = tuple[float, float]


def wilson(cases: float, people: float, level: float = 0.95) -> Range:
    """Of cases / people; `people` above 0."""
    from scipy.special import ndtri

    z2 = float(ndtri((1 + level) / 2)) ** 2
    share = cases / people
    middle = (share + z2 / (2 * people)) / (1 + z2 / people)
    half = (z2 * (share * (1 - share) / people + z2 / (4 * people**2))) ** 0.5 / (1 + z2 / people)
    return (0.0 if cases == 0 else middle - half, 1.0 if cases == people else middle + half)


def poisson(events: float, level: float = 0.95) -> Range:
    """Of an expected number of which `events` were seen."""
    tail = (1 - level) / 2
    low = _chi2(tail, 2 * events) / 2 if events else 0.0
    return low, _chi2(1 - tail, 2 * (events + 1)) / 2


def standardised_rate(events: Vector, time: Vector, weights: Vector, level: float = 0.95) -> tuple[float, float, float]:
    """Rate, low, high of strata with `events` in `time`, weighted as a standard population; weights add up to 1."""
    tail, each = (1 - level) / 2, weights / time
    rate, variance, largest = float(each @ events), float(each**2 @ events), float(each.max())
    low = variance / (2 * rate) * _chi2(tail, 2 * rate**2 / variance) if rate else 0.0
    wide = variance + largest**2
    freedom = 2 * (rate + largest) ** 2 / wide
    return rate, low, wide / (2 * (rate + largest)) * _chi2(1 - tail, freedom)


def standardised_share(
    cases: Vector, people: Vector, weights: Vector, level: float = 0.95
) -> tuple[float, float, float]:
    """Proportion, low, high of strata with `cases` of `people`, weighted as a standard population; weights add up to 1."""
    shares = cases / people
    share = float(weights @ shares)
    variance = float(weights**2 @ (shares * (1 - shares) / people))
    effective = share * (1 - share) / variance if variance > 0 else float(people.sum())
    return (share, *wilson(share * effective, effective, level))


def _chi2(share: float, freedom: float) -> float:
    """Quantile of the chi-squared distribution (scipy.special loads in a tenth of the time of scipy.stats)."""
    from scipy.special import gammaincinv

    return 2 * float(gammaincinv(freedom / 2, share))
