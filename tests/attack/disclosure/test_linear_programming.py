"""Who puts all that was released into a linear program finds no small group; without the defences, every time."""

import math
from random import Random

import numpy as np
import pytest
from pyroaring import BitMap

from commonweal.disclosure import Policy, count
from commonweal.disclosure.exports import check
from commonweal.disclosure.linked import linked
from tests.attack.disclosure.people import BY, bounds, population, tally

UNROUNDED = Policy(round_to=1)  # rounding would hide what suppression alone has to
TABLES = (("age", "site"), ("site", "ill"))


def alone(counts, cells, policy):
    """What is shown where each number passes the gate by itself."""
    return {cell: count(int(row @ counts), policy) for cell, row in cells.items()}


def worked_out(shown, cells, counts):
    """Small numbers that are hidden, and yet known to lie in less than 1..20."""
    rows = np.array(list(cells.values()), dtype=float)
    low = np.array([1.0 if c.suppressed else c.persons for c in shown.values()])
    high = np.array([math.inf if c.suppressed else c.persons for c in shown.values()])
    for place, row in enumerate(rows):
        if 0 < row @ counts <= 20:
            high[place] = 20
    found = []
    for cell, row in cells.items():
        if 0 < row @ counts <= 20:
            least, most = bounds(row.astype(float), rows, low, high)
            if least > 1.5 or most < 19.5:
                found.append(cell)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_tables_that_leave_together_tell_no_small_number(seed):
    people = tally(population(seed))
    counts = np.array(list(people.values()))
    shown = linked(people, BY, TABLES, UNROUNDED)
    cells = {cell: np.array([set(cell) <= set(zip(BY, key, strict=True)) for key in people]) for cell in shown}
    assert any(not c.suppressed for cell, c in shown.items() if len(cell) == 2)
    assert worked_out(shown, cells, counts) == []


def test_where_each_number_passes_by_itself_they_tell():
    found = []
    for seed in range(3):
        people = tally(population(seed))
        counts = np.array(list(people.values()))
        names = linked(people, BY, TABLES, UNROUNDED)
        cells = {cell: np.array([set(cell) <= set(zip(BY, key, strict=True)) for key in people]) for cell in names}
        found.append(worked_out(alone(counts, cells, UNROUNDED), cells, counts))
    assert all(found)


def session(seed, number=24):
    """Sets that somebody asks for one after the other: by one or two things, with and without one another."""
    people, rng = population(seed), Random(seed)
    for _ in range(number):
        first, second = (rng.randrange(len(BY)) for _ in range(2))
        one, two = rng.choice(people)[first], rng.choice(people)[second]
        join = rng.choice([lambda a, b: a and b, lambda a, b: a or b, lambda a, b: a and not b])
        yield people, BitMap(i for i, p in enumerate(people) if join(p[first] == one, p[second] == two))


def isolated(sets, number):
    """Groups of people that the exact sizes of these sets show to be of 20 or fewer, and of one at least."""
    groups: dict[tuple[bool, ...], int] = {}
    for person in range(number):
        key = tuple(person in one for one in sets)
        groups[key] = groups.get(key, 0) + 1
    rows = np.array([[1.0] * len(groups), *([float(key[i]) for key in groups] for i in range(len(sets)))])
    sizes = rows @ np.array(list(groups.values()))
    goals = dict(zip(groups, np.eye(len(groups)), strict=True))
    small = [key for key, people in groups.items() if people <= 20]
    return [key for key in small if bounds(goals[key], rows, sizes, sizes)[1] <= 20.5]


@pytest.mark.parametrize("seed", range(2))
def test_the_exports_of_a_session_isolate_nobody(seed):
    released: list[BitMap] = []
    for people, asked in session(seed):
        if check(asked, released, len(people), Policy()).passed:
            released.append(asked)
    assert len(released) >= 4
    assert isolated(released, 1200) == []


def test_without_the_register_they_isolate_somebody():
    for seed in range(3):
        released = [asked for _, asked in session(seed) if 20 < len(asked) < 1180]
        assert isolated(released, 1200)
