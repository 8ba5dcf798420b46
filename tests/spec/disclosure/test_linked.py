"""Tables that share cells or totals, against an attacker who lists every population that could lie behind them.

The attacker knows the rules, everything shown, and which hidden numbers are small (as in test_breakdown.py).
"""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.disclosure import Policy
from commonweal.disclosure.linked import linked
from commonweal.disclosure.suppression import known
from commonweal.errors import BadInput

SMALL = Policy(min_cell=2, round_to=2)
BY = ("sex", "age", "site")
EVERY = list(product("fm", "yo", "ab"))
TABLES = (("sex", "age"), ("age", "site"))


def of(cell, people):
    places = {BY.index(name): value for name, value in cell}
    return sum(n for key, n in people.items() if all(key[i] == v for i, v in places.items()))


def people(numbers):
    return dict(zip(EVERY, numbers, strict=True))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=8, max_size=8))
def test_no_small_number_can_be_worked_out_from_two_tables(numbers):
    truth = people(numbers)
    shown = linked(truth, BY, TABLES, SMALL)
    assert len(shown) == 1 + 3 * 2 + 2 * 4
    if all(c.suppressed for c in shown.values()):
        return
    totals = {cell: of(cell, truth) for cell in shown}
    small = {cell for cell, n in totals.items() if 0 < n <= 2}
    ranges = {
        cell: known(totals[cell], cell in small, any(set(s) < set(cell) for s in small), c.suppressed, SMALL)
        for cell, c in shown.items()
    }
    possible: dict = {cell: set() for cell in small}
    for world in _worlds(ranges):
        for cell in small:
            possible[cell].add(of(cell, world))
    assert all(found >= {1, 2} for found in possible.values())


def _worlds(ranges):
    """Populations by sex and age and by age and site that agree with all: the third classification is then free."""
    allowed = [ranges[tuple(sorted([("sex", s), ("age", a)]))] for s, a in product("fm", "yo")]
    for numbers in product(*(range(low, min(high, 11) + 1) for low, high in allowed)):
        sex_age = dict(zip(product("fm", "yo"), numbers, strict=True))
        young, old = (sum(n for (_, age), n in sex_age.items() if age == a) for a in "yo")
        if not _within(ranges, sex_age, "sex", "age"):
            continue
        for a_young, a_old in product(range(young + 1), range(old + 1)):
            age_site = {("y", "a"): a_young, ("y", "b"): young - a_young, ("o", "a"): a_old, ("o", "b"): old - a_old}
            if _within(ranges, age_site, "age", "site"):
                yield _one(sex_age, age_site)


def _within(ranges, table, first, second):
    cells = {tuple(sorted([(first, f), (second, s)])): n for (f, s), n in table.items()}
    for (f, s), n in table.items():
        for part in ([(first, f)], [(second, s)], []):
            cells[tuple(part)] = cells.get(tuple(part), 0) + n
    return all(ranges[cell][0] <= n <= ranges[cell][1] for cell, n in cells.items())


def _one(sex_age, age_site):
    """Some population with these two tables (north-west corner, for each age)."""
    world = dict.fromkeys(EVERY, 0)
    for age in "yo":
        rows, columns = {s: sex_age[s, age] for s in "fm"}, {s: age_site[age, s] for s in "ab"}
        for sex, site in product("fm", "ab"):
            n = min(rows[sex], columns[site])
            world[sex, age, site] += n
            rows[sex] -= n
            columns[site] -= n
    return world


def test_a_number_that_is_hidden_in_one_table_does_not_come_back_from_the_other():
    """Site b has one old person: its row goes, and so does what would bring it back by the ages of both tables."""
    truth = people([30, 30, 40, 0, 30, 30, 40, 1])
    shown = linked(truth, BY, (("sex", "age"), ("age", "site")), Policy(round_to=1))
    old, a, b = ("age", "o"), ("site", "a"), ("site", "b")
    assert shown[old, b].suppressed
    assert shown[old, a].suppressed or shown[(old,)].suppressed
    assert shown[("age", "y"), b].suppressed or shown[(b,)].suppressed
    assert shown[("age", "y"), ("sex", "f")].persons == 60
    rounded = linked(truth, BY, (("sex", "age"), ("age", "site")), Policy())
    assert [cell for cell, c in rounded.items() if c.suppressed] == [(old, b)]


def test_what_is_not_small_is_shown_rounded():
    shown = linked(people([50] * 8), BY, TABLES, Policy())
    assert {c.persons for c in shown.values()} == {100, 200, 400}


def test_where_nothing_helps_all_is_withheld():
    shown = linked({("f",): 5, ("m",): 0}, ("sex",), (("sex",),), Policy())
    assert {c.suppressed for c in shown.values()} == {True}


@pytest.mark.parametrize(
    ("truth", "by"),
    [({("f",): -1}, ("sex",)), ({(str(i), str(j)): 30 for i in range(50) for j in range(50)}, ("one", "two"))],
)
def test_what_cannot_be_is_refused(truth, by):
    with pytest.raises(BadInput):
        linked(truth, by, (by,), Policy())
