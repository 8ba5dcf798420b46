"""Whether exact counts of overlapping sets give a small group away: a search for other populations with the same counts.

The sets divide the people into groups (all who are in the same sets). For each group of 1 to `few` people a population
is sought, whole numbers of people in the groups, that has the same counts and more than `few` in that group. First by
moves that change no count: one more in the groups p and q, one fewer in r and s, where each set holds as many of p and q
as of r and s (Diaconis and Sturmfels, Ann Statist 1998). Where these do not do, SciPy's HiGHS seeks it (a mixed-integer
program); what it finds is checked in whole numbers before it counts.
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyroaring import BitMap

NEAR, FAR = (16, 128), (96, 1024)  # how many groups are tried as r and as s
ROUNDS = 3  # how often all moves are tried
ORDERS, MOVES = 20, 100_000  # how often they are tried in another order, and how many moves in all of these
INFEASIBLE = 2  # SciPy's word for it


@dataclass(frozen=True)
class Limits:
    """Of one search. Beyond them nothing is decided."""

    sets: int = 500
    groups: int = 50_000
    program: int = 600  # groups in one program
    seconds: float = 10.0


@dataclass(frozen=True)
class Groups:
    """`inside`: bool[groups, sets]; `sizes`: int64[groups], none 0; `marks`: uint64[groups], sorted: the XOR of its sets' own;
    `order`: the groups by size, largest first."""

    inside: np.ndarray
    sizes: np.ndarray
    marks: np.ndarray
    order: np.ndarray


def isolates(sets: Sequence[BitMap], everyone: int, few: int, limits: Limits) -> bool | None:
    """Whether the sizes of `sets` of people 0..everyone-1 show of some group that it has `few` people or fewer.

    None: it could not be decided within the limits.
    """
    if len(sets) > limits.sets:
        return None
    found = groups(sets, everyone)
    if len(found.sizes) > limits.groups:
        return None
    until = time.monotonic() + limits.seconds
    for group in map(int, np.flatnonzero(found.sizes <= few)):
        if time.monotonic() > until:
            return None
        if any(_moved(found, group, few, *reach) for reach in (NEAR, FAR)):
            continue
        larger = _programmed(found, group, few, until) if len(found.sizes) <= limits.program else None
        if not larger:
            return None if larger is None else True
    return False


def groups(sets: Sequence[BitMap], everyone: int) -> Groups:
    """The groups that have people. Equal marks are equal membership, but for a chance of one in 2^64 a pair."""
    marks = np.zeros(everyone, dtype=np.uint64)
    members = [np.frombuffer(people.to_array(), dtype=np.uint32) for people in sets]
    for people in members:
        marks[people] ^= np.uint64(secrets.randbits(64))
    found, first, sizes = np.unique(marks, return_index=True, return_counts=True)
    inside = np.zeros((len(first), len(sets)), dtype=bool)
    for number, people in enumerate(members):
        mask = np.zeros(everyone, dtype=bool)
        mask[people] = True
        inside[:, number] = mask[first]
    return Groups(inside, sizes.astype(np.int64), found, np.argsort(-sizes, kind="stable"))


def _moved(found: Groups, group: int, few: int, near: int, far: int) -> bool:
    """Whether moves bring more than `few` people into the group: r from those most like it, s from the largest."""
    own = found.inside[group]
    distance = np.count_nonzero(found.inside != own, axis=1)
    nearest = np.argpartition(distance, min(near, len(distance) - 1))[: near + 1]
    r, s = nearest[distance[nearest] > 0], found.order[:far]
    apart_r, apart_s = (found.inside[r] != own).astype(np.float32), (found.inside[s] != own).astype(np.float32)
    marks = found.marks[r][:, None] ^ found.marks[s][None, :] ^ found.marks[group]
    q = np.minimum(np.searchsorted(found.marks, marks), len(found.marks) - 1)
    fits = (apart_r @ apart_s.T == 0) & (found.marks[q] == marks) & (s != group)[None, :]
    i, j = np.nonzero(fits)
    room = np.minimum(found.sizes[r[i]], found.sizes[s[j]])
    moves = np.column_stack((r[i], s[j], q[i, j]))
    wanted = few + 1 - int(found.sizes[group])
    return any(_made(found.sizes, moves[order].tolist(), wanted) for order in _orders(room))


def _orders(room: np.ndarray) -> Iterator[np.ndarray]:
    """In which moves are tried: those with the most room first, then any: what one takes another may have needed."""
    yield np.argsort(-room, kind="stable")
    for number in range(min(ORDERS, MOVES // len(room)) if len(room) else 0):
        yield np.random.default_rng(number).permutation(len(room))


def _made(sizes: np.ndarray, moves: list[list[int]], lacking: int) -> bool:
    """Whether moves, made one after the other as far as there are people for them, bring as many as are lacking."""
    changed: dict[int, int] = {}
    for less, other_less, more in moves * ROUNDS:  # what a later move adds, an earlier one can use
        amount = min(lacking, *(int(sizes[g]) + changed.get(g, 0) for g in (less, other_less)))
        for g, change in ((less, -amount), (other_less, -amount), (more, amount)):
            changed[g] = changed.get(g, 0) + change
        lacking -= amount
        if not lacking:
            return True
    return False


def _programmed(found: Groups, group: int, few: int, until: float) -> bool | None:
    """The same by a mixed-integer program, which finds one where there is one; None: it took too long."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    rows = np.vstack([np.ones(len(found.sizes)), found.inside.T]).astype(np.int64)
    counts = rows @ found.sizes
    least = np.zeros(len(found.sizes))
    least[group] = few + 1
    most = np.full(len(found.sizes), max(int(counts[0]), few + 1))
    answer: Any = milp(
        np.zeros(len(found.sizes)),
        integrality=np.ones(len(found.sizes)),
        bounds=Bounds(least, most),
        constraints=[LinearConstraint(rows, counts, counts)],
        options={"time_limit": max(until - time.monotonic(), 0.01)},
    )
    if answer.x is None:
        return False if answer.status == INFEASIBLE else None
    world = np.rint(answer.x).astype(np.int64)
    return True if (world >= least).all() and (rows @ world == counts).all() else None
