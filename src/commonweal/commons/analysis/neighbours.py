"""Nearest neighbours on a line, each taken once: who is matched with whom by a score.

The closest pair is taken first, then the closest of those left, as long as the two lie within a caliper ("closest" order;
Rosenbaum & Rubin, Am Stat 1985;39:33, without replacement). On a line such a pair always stands side by side, so that all pairs
which are closer than what lies to their left and right can be taken at once: a few rounds over whole columns, no loop
over people. People of one score are alike; chance, by the seed, says who of them is taken.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass
class _Side:
    """The people of one kind by block (all with one stratum and score): `people[first[b] + used[b]]` is next in b."""

    people: Ints
    first: Ints
    size: Ints
    used: Ints

    @property
    def left(self) -> Ints:
        return self.size - self.used

    def take(self, blocks: Ints, numbers: Ints) -> Ints:
        """The next so many of each block; a block stands there once."""
        starts = self.first[blocks] + self.used[blocks]
        self.used[blocks] += numbers
        within = np.arange(numbers.sum()) - np.repeat(np.cumsum(numbers) - numbers, numbers)
        return self.people[np.repeat(starts, numbers) + within]


def nearest(
    score: Floats,
    treated: npt.NDArray[np.bool_],
    *,
    caliper: float,
    ratio: int = 1,
    stratum: Ints | None = None,
    seed: int = 0,
) -> tuple[Ints, Ints]:
    """Pairs as (places of the treated, places of their controls); the k-th for everybody comes before anybody's (k+1)-th.

    Only people of one stratum are matched. Time grows with people times their logarithm, memory with people.
    """
    strata = np.zeros(len(score), np.int64) if stratum is None else stratum
    order = np.lexsort((np.random.default_rng(seed).random(len(score)), score, strata))
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(score[order]) != 0) | (np.diff(strata[order]) != 0)
    block = np.cumsum(new) - 1
    at, of = score[order][new], strata[order][new]
    ill, well = (_side(order, block, kind[order], len(at)) for kind in (treated, ~treated))
    pairs = [_round(ill, well, at, of, caliper)]
    for _ in range(ratio - 1):
        ill.used[:] = 0
        pairs.append(_round(ill, well, at, of, caliper))
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])


def _side(order: Ints, block: Ints, own: npt.NDArray[np.bool_], blocks: int) -> _Side:
    size = np.bincount(block[own], minlength=blocks)
    return _Side(order[own], np.cumsum(size) - size, size, np.zeros(blocks, np.int64))


def _round(ill: _Side, well: _Side, at: Floats, of: Ints, caliper: float) -> tuple[Ints, Ints]:
    """Everybody who is treated gets one control, as long as there is one."""
    number = np.minimum(ill.left, well.left)
    same = np.flatnonzero(number)
    found = [(ill.take(same, number[same]), well.take(same, number[same]))]
    active = np.flatnonzero(ill.left + well.left)
    while len(active) > 1:
        kind = ill.left[active] > 0
        fits = (kind[1:] != kind[:-1]) & (of[active[1:]] == of[active[:-1]])
        gap = np.where(fits, np.diff(at[active]), np.inf)
        gap[gap > caliper] = np.inf
        beside = np.concatenate([[np.inf], gap, [np.inf]])
        chosen = np.flatnonzero(np.isfinite(gap) & (gap < beside[:-2]) & (gap <= beside[2:]))
        if not len(chosen):
            break
        left, right = active[chosen], active[chosen + 1]
        first, second = np.where(kind[chosen], left, right), np.where(kind[chosen], right, left)
        number = np.minimum(ill.left[first], well.left[second])
        found.append((ill.take(first, number), well.take(second, number)))
        active = active[(ill.left[active] + well.left[active]) > 0]
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])
