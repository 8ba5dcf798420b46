"""What a breakdown shows, against an attacker who lists every table that could lie behind it.

The attacker knows the rules, everything shown, and which hidden numbers are small. Whatever the table, no value of
1..min_cell may be ruled out for a small number by all this (spec of complementary suppression).
"""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.disclosure import Policy, table
from commonweal.disclosure.suppression import UNBOUNDED, known

SMALL = Policy(min_cell=3, round_to=3)  # small enough that an attacker can list everything
TOP = 12


def shown_of(counts, policy=SMALL):
    return table(counts, policy)


def could_be(count, value, true, small, thin):
    """The range that the attacker allows for one number."""
    if count.suppressed:
        low, high = known(true, small, thin, True, SMALL)
    else:
        low, high = (0, 0) if count.persons == 0 else (max(count.persons - 3, 3) + 1, count.persons)
    return low <= value <= min(high, 3 * TOP)


def is_small(n):
    return 0 < n <= SMALL.min_cell


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, TOP), min_size=2, max_size=3))
def test_one_way_no_value_of_a_small_cell_is_ruled_out(values):
    counts = {f"r{i}": n for i, n in enumerate(values)}
    shown = shown_of(counts)
    withheld = all(c.suppressed for _, c in shown.one_way()) and shown.total.suppressed
    if withheld:
        return  # nothing at all is said
    total = sum(values)
    worlds = [
        world
        for world in product(range(TOP + 4), repeat=len(values))
        if could_be(shown.total, sum(world), total, is_small(total), False)
        and all(
            could_be(c, w, v, is_small(v), is_small(total))
            for (_, c), w, v in zip(shown.one_way(), world, values, strict=True)
        )
    ]
    assert tuple(values) in worlds
    for place, value in enumerate(values):
        if is_small(value):
            assert {world[place] for world in worlds} >= {1, 2, 3}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 8), min_size=4, max_size=4))
def test_two_way_no_value_of_a_small_cell_is_ruled_out(values):
    a, b, c, d = values
    shown = shown_of({"r0": {"c0": a, "c1": b}, "r1": {"c0": c, "c1": d}})
    sums = [a + b, c + d, a + c, b + d]
    totals = [*shown.row_totals, *shown.column_totals]
    if all(x.suppressed for x in (*totals, shown.total, *shown.cells[0], *shown.cells[1])):
        return
    flat = [*shown.cells[0], *shown.cells[1]]
    thin = [is_small(sums[r]) or is_small(sums[2 + k]) for r, k in ((0, 0), (0, 1), (1, 0), (1, 1))]
    worlds = [
        (w, x, y, z)
        for w, x, y, z in product(range(14), repeat=4)
        if could_be(shown.total, w + x + y + z, sum(values), is_small(sum(values)), False)
        and all(
            could_be(t, s, true, is_small(true), False)
            for t, s, true in zip(totals, (w + x, y + z, w + y, x + z), sums, strict=True)
        )
        and all(
            could_be(f, v, true, is_small(true), h)
            for f, v, true, h in zip(flat, (w, x, y, z), values, thin, strict=True)
        )
    ]
    assert tuple(values) in worlds
    for place, value in enumerate(values):
        if is_small(value):
            assert {world[place] for world in worlds} >= {1, 2, 3}


@pytest.mark.parametrize(
    ("counts", "shown", "total"),
    [
        ({"a": 100, "b": 50}, [100, 60], 160),
        ({"a": 5, "b": 75}, [None, None], 80),  # 80 less "61 to 80" would tell at most 19 of a
        ({"a": 5, "b": 75, "c": 300}, [None, 80, 300], 380),
        ({"a": 0, "b": 75}, [0, 80], 80),
        ({"a": 2, "b": 3, "c": 0}, [None, None, None], None),  # too few to break down: zeros too are kept
        ({}, [], 0),
    ],
)
def test_examples(counts, shown, total):
    made = table(counts, Policy())
    assert [c.persons for _, c in made.one_way()] == shown
    assert made.total.persons == total


def test_exact_shows_everything():
    made = table({"a": {"x": 1, "y": 0}, "b": {"x": 2, "y": 30}}, Policy(), exact=True)
    assert [[c.persons for c in row] for row in made.cells] == [[1, 0], [2, 30]]
    assert made.total.persons == 33


def test_the_defence_matters():
    """Rounded numbers alone give away: with 61 to 80 in all and 61 to 80 in the one, the other has 19 at most."""
    possible = {total - large for total in range(61, 81) for large in range(61, 81) if total > large}
    assert 20 not in possible
    assert table({"a": 5, "b": 75}, Policy()).cells[1][0].suppressed


def test_ranges_of_large_hidden_cells_are_open():
    assert known(50, False, False, True, Policy()) == (21, UNBOUNDED)
