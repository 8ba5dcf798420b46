"""Partial pooling of shares in closed form: cells with little data are drawn to what their kind does.

A cell's share comes from a Beta around its parent's mean m with strength M: y of n give Beta(M m + y, M (1 − m) + n − y), so
that the estimate is (n · y/n + M · m) / (n + M) and three contacts against a strength of hundreds say next to nothing. M
comes from how far cells of one parent lie apart beyond what chance does, by moments: with weights w = n/N and
S = Σ n (y/n − m)², E S = m(1 − m) [Σ(1 − w) + φ Σ(1 − w)(n − 1)] and M = 1/φ − 1. Source: Kleinman, "Proportions with
extraneous variance", JASA 68 (1973) 46–54.
"""

from dataclasses import dataclass

import numpy as np

LEAST, MOST, UNTOLD = 30.0, 3000.0, 100.0
"""Strengths: never less, never more, and where no parent has two cells with data."""


@dataclass(frozen=True)
class Pooled:
    """Beta posteriors of cells: `own` numbers (y, n) and how strongly (`strength`) they hang on their parents."""

    y: np.ndarray
    n: np.ndarray
    parent: np.ndarray
    strength: float

    def mean(self, parents: np.ndarray) -> np.ndarray:
        """Posterior means, given the parents' means."""
        return (self.y + self.strength * parents[self.parent]) / (self.n + self.strength)

    def draw(self, parents: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(draws, cells), given the parents as (draws, parents)."""
        middle = np.clip(parents[:, self.parent], 1e-9, 1 - 1e-9)
        return rng.beta(self.strength * middle + self.y, self.strength * (1 - middle) + self.n - self.y)


def pool(y: np.ndarray, n: np.ndarray, parent: np.ndarray, learn: "Pooled | None" = None) -> Pooled:
    """Cells with y of n each. `learn`: take the strength from there instead of from these cells."""
    n = np.maximum(np.asarray(n, float), y)
    strength = learn.strength if learn else _strength(np.asarray(y, float), n, np.asarray(parent))
    return Pooled(np.asarray(y, float), n, np.asarray(parent, int), strength)


def _strength(y: np.ndarray, n: np.ndarray, parent: np.ndarray) -> float:
    apart = chance = room = 0.0
    for one in np.unique(parent):
        here = (parent == one) & (n > 0)
        total, mean = n[here].sum(), y[here].sum() / max(n[here].sum(), 1.0)
        if here.sum() < 2 or not 0 < mean < 1:
            continue
        weight = n[here] / total
        apart += float((n[here] * (y[here] / n[here] - mean) ** 2).sum()) / (mean * (1 - mean))
        chance += float((1 - weight).sum())
        room += float(((1 - weight) * (n[here] - 1)).sum())
    if room <= 0:
        return UNTOLD
    phi = (apart - chance) / room
    return float(np.clip(1 / phi - 1, LEAST, MOST)) if phi > 0 else MOST
