"""Made-up people to be attacked, and what an attacker does with linear programs."""

from itertools import product
from random import Random

import numpy as np
from scipy.optimize import linprog

BY = ("sex", "age", "site", "ill")
VALUES = (("f", "m"), ("18", "40", "60"), ("a", "b", "c"), ("no", "yes"))


def population(seed: int, number: int = 1200) -> list[tuple[str, ...]]:
    """By sex, age, site and a condition that few have; small groups are among them."""
    rng = Random(seed)
    weights = ((5, 5), (5, 4, 1), (10, 8, 2), (92, 8))
    return [tuple(rng.choices(v, w)[0] for v, w in zip(VALUES, weights, strict=True)) for _ in range(number)]


def tally(people: list[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    counts = dict.fromkeys(product(*VALUES), 0)
    for person in people:
        counts[person] += 1
    return counts


def bounds(goal: np.ndarray, rows: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """The least and the most that goal @ x can be, for x >= 0 with low <= rows @ x <= high."""
    sides = np.vstack([rows, -rows])
    ends = np.concatenate([high, -low])
    finite = np.isfinite(ends)
    found = [linprog(sign * goal, A_ub=sides[finite], b_ub=ends[finite], bounds=(0, None)) for sign in (1, -1)]
    return (found[0].fun if found[0].status == 0 else 0.0), (-found[1].fun if found[1].status == 0 else float("inf"))
