"""Standardised differences between two groups: how far apart they are, whatever their sizes.

Continuous: (m1 - m2) / sqrt((s1² + s2²) / 2). Binary: the same, with s² = p(1 - p). Several categories: the Mahalanobis
distance of the two vectors of proportions, with the mean of their multinomial covariances; it has no sign.
Sources: Austin, Stat Med 2009;28:3083 (continuous, binary); Yang & Dalton, SAS Global Forum 2012, paper 335 (categories).
Where neither group varies, the difference is 0 if they agree and infinite if they do not.
"""

import math

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


def continuous(first: float, first_sd: float, second: float, second_sd: float) -> float:
    """Of two means with their standard deviations; positive where the first is larger."""
    return _over(first - second, math.sqrt((first_sd**2 + second_sd**2) / 2))


def binary(first: float, second: float) -> float:
    """Of two proportions (0 to 1)."""
    return _over(first - second, math.sqrt((first * (1 - first) + second * (1 - second)) / 2))


def categories(first: Vector, second: Vector) -> float:
    """Of two vectors of proportions over the same categories, each adding up to 1."""
    return distance(first - second, covariance(first, second))


def covariance(first: Vector, second: Vector) -> Vector:
    """The mean of both multinomial covariances."""
    return np.asarray(sum((np.diag(p) - np.outer(p, p) for p in (first, second)), np.zeros((len(first),) * 2)) / 2)


def distance(apart: Vector, spread: Vector) -> float:
    """Mahalanobis distance over all categories but the first; those that nobody is in say nothing.

    A pseudo-inverse: categories without spread (all people in one of them) are told apart by `outside`.
    """
    inner = spread[1:, 1:]
    solved = np.linalg.pinv(inner, hermitian=True) @ apart[1:]
    outside = apart[1:] - inner @ solved
    if np.abs(outside).max(initial=0) > 1e-9:
        return math.inf
    return math.sqrt(max(float(apart[1:] @ solved), 0.0))


def _over(apart: float, spread: float) -> float:
    if spread == 0:
        return 0.0 if apart == 0 else math.copysign(math.inf, apart)
    return apart / spread
