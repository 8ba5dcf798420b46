"""Nearest neighbours on a line, each taken once: who is matched with whom by a score.

The closest pair is taken first, then the closest of those left, as long as the two lie within a caliper (without
replacement: Rosenbaum & Rubin, Am Stat 1985;39:33). On a line the pairs to take next stand where a run of people of one
kind meets a run of the other: there the two nearest can be taken, then the next two, and so on, as long as neither is closer
to somebody beyond the other end of its own run. All such places are seen to at once: a few rounds over whole columns, no
loop over people. People of one score are alike; chance, by the seed, says who of them is taken.
"""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Pairs = tuple[Ints, Ints]


def nearest(
    score: Floats, treated: Bools, *, caliper: float, ratio: int = 1, stratum: Ints | None = None, seed: int = 0
) -> Pairs:
    """Pairs as (places of the treated, places of their controls); the k-th for everybody comes before anybody's (k+1)-th.

    Only people of one stratum are matched. Memory grows with people, time with people times the rounds.
    """
    strata = np.zeros(len(score), np.int64) if stratum is None else stratum
    order = np.lexsort((np.random.default_rng(seed).random(len(score)), score, strata))
    free = np.ones(len(score), bool)
    pairs: list[Pairs] = []
    for _ in range(ratio):
        there = order[treated[order] | free[order]]
        pairs += _once(there, score, strata, treated, caliper)
        for _, controls in pairs:
            free[controls] = False
    return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])


def _once(there: Ints, score: Floats, strata: Ints, treated: Bools, caliper: float) -> list[Pairs]:
    """Everybody who is treated gets one control, as long as there is one. `there`: places, in order along the line."""
    first, second = _alike(there, score, strata, treated)
    pairs = [(there[first], there[second])]
    there = np.delete(there, np.concatenate([first, second]))
    while len(there) > 1:
        left, right = _meeting(score[there], strata[there], treated[there], caliper)
        if not len(left):
            break
        ill = treated[there[left]]
        pairs.append((there[np.where(ill, left, right)], there[np.where(ill, right, left)]))
        there = np.delete(there, np.concatenate([left, right]))
    return pairs


def _alike(there: Ints, score: Floats, strata: Ints, treated: Bools) -> Pairs:
    """Where in `there` those stand who have one score: as many of one kind as there are of the other."""
    new = np.ones(len(there), bool)
    new[1:] = (np.diff(score[there]) != 0) | (np.diff(strata[there]) != 0)
    block, kind = np.cumsum(new) - 1, treated[there]
    sizes = [np.bincount(block[own], minlength=int(new.sum())) for own in (kind, ~kind)]
    both = np.minimum(*sizes)
    chosen = []
    for own, size in zip((kind, ~kind), sizes, strict=True):
        places = np.flatnonzero(own)
        rank = np.arange(len(places)) - (np.cumsum(size) - size)[block[places]]
        chosen.append(places[rank < both[block[places]]])
    return chosen[0], chosen[1]


def _meeting(at: Floats, of: Ints, kind: Bools, caliper: float) -> Pairs:
    """Pairs to take now, as places along the line, from where runs meet outwards."""
    change = np.flatnonzero((kind[1:] != kind[:-1]) | (of[1:] != of[:-1]))
    start, end = np.append(0, change + 1), np.append(change, len(at) - 1)
    beyond_left = np.append(-np.inf, np.where(of[end[:-1]] == of[start[1:]], at[end[:-1]], -np.inf))
    beyond_right = np.append(np.where(of[end[:-1]] == of[start[1:]], at[start[1:]], np.inf), np.inf)
    meets = np.flatnonzero((of[end[:-1]] == of[start[1:]]) & (at[start[1:]] - at[end[:-1]] <= caliper))
    size = end - start + 1
    number = np.minimum(size[meets], size[meets + 1])
    run = np.repeat(meets, number)
    step = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    left, right = end[run] - step, start[run + 1] + step
    gap = at[right] - at[left]
    kept = (gap <= caliper) & (gap < at[left] - beyond_left[run]) & (gap <= beyond_right[run + 1] - at[right])
    return left[kept], right[kept]
