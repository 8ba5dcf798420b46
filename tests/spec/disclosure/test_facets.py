"""What people by several facets show, against an attacker who lists every population that could lie behind it.

The attacker knows the rules, everything shown, and which hidden numbers are small (as in test_breakdown.py).
"""

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from commonweal.disclosure import Policy
from commonweal.disclosure.facets import crossed, split
from commonweal.disclosure.suppression import known
from commonweal.errors import BadInput

SMALL = Policy(min_cell=2, round_to=2)
TOP = 7


def ranges(count, true, thin):
    """The values that the attacker allows for one number."""
    low, high = known(true, 0 < true <= 2, thin and true <= 2, count.suppressed, SMALL)
    return range(low, min(high, 3 * TOP) + 1)


def everything_is_withheld(splits):
    return all(s.total.suppressed and all(c.suppressed for f in s.facets.values() for c in f.values()) for s in splits)


def facets(sex, age):
    return {"sex": dict(zip("fm", sex, strict=True)), "age": dict(zip("yo", age, strict=True))}


@settings(max_examples=80, deadline=None)
@given(st.integers(0, TOP), st.integers(0, TOP), st.integers(0, 2 * TOP))
def test_a_total_by_two_facets_rules_out_no_small_number(women, men, young):
    total = women + men
    young = min(young, total)
    truth = (women, men, young, total - young)
    shown = split(total, facets(truth[:2], truth[2:]), SMALL)
    if everything_is_withheld([shown]):
        return
    thin = 0 < total <= 2
    cells = [*shown.facets["sex"].values(), *shown.facets["age"].values()]
    allowed = [ranges(c, t, thin) for c, t in zip(cells, truth, strict=True)]
    totals = ranges(shown.total, total, False)
    worlds = [w for w in product(*allowed) if w[0] + w[1] == w[2] + w[3] and w[0] + w[1] in totals]
    assert truth in worlds
    for place, value in enumerate(truth):
        if 0 < value <= 2:
            assert {world[place] for world in worlds} >= {1, 2}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=4, max_size=4), st.integers(0, 10), st.integers(0, 10))
@example([0, 0, 4, 5], 0, 9)
def test_answers_by_two_facets_rule_out_no_small_number(sexes, young_yes, young_no):
    """The attacker works with all of it: both facets of both answers, their sums over the answers, and the total."""
    yes, no = sum(sexes[:2]), sum(sexes[2:])
    young = (min(young_yes, yes), min(young_no, no))
    truth = (*sexes, young[0], yes - young[0], young[1], no - young[1])
    items = {"yes": facets(truth[:2], truth[4:6]), "no": facets(truth[2:4], truth[6:])}
    shown = crossed(items, SMALL)
    if everything_is_withheld([shown.every, *shown.items.values()]):
        return
    worlds = [w for w in _populations(shown, truth) if _totals_hold(shown, truth, w)]
    assert truth in worlds
    for place, value in enumerate(truth):
        if 0 < value <= 2:
            assert {world[place] for world in worlds} >= {1, 2}


def _sums(w):
    """yes, no, women, men, young, old, everybody."""
    return (w[0] + w[1], w[2] + w[3], w[0] + w[2], w[1] + w[3], w[4] + w[6], w[5] + w[7], sum(w[:4]))


def _populations(shown, truth):
    yes, no, women, men, young, old, everybody = (0 < n <= 2 for n in _sums(truth))
    thin = [yes | women, yes | men, no | women, no | men, yes | young, yes | old, no | young, no | old]
    cells = [c for f in ("sex", "age") for i in ("yes", "no") for c in shown.items[i].facets[f].values()]
    allowed = [ranges(c, t, h or everybody) for c, t, h in zip(cells, truth, thin, strict=True)]
    narrow = [range(r.start, min(r.stop, 12)) for r in allowed]  # no number is above 10 in these examples
    for sexes in product(*narrow[:4]):
        for a, b in product(narrow[4], narrow[6]):
            old = (sexes[0] + sexes[1] - a, sexes[2] + sexes[3] - b)
            if old[0] in allowed[5] and old[1] in allowed[7]:
                yield (*sexes, a, old[0], b, old[1])


def _totals_hold(shown, truth, world):
    every = shown.every.facets
    counts = [shown.items["yes"].total, shown.items["no"].total, *every["sex"].values(), *every["age"].values()]
    counts.append(shown.every.total)
    small = 0 < sum(truth[:4]) <= 2
    return all(
        n in ranges(c, t, small and place < 6)
        for place, (c, t, n) in enumerate(zip(counts, _sums(truth), _sums(world), strict=True))
    )


def test_many_cells_just_over_the_limit_do_not_give_away_the_one_that_is_hidden():
    """19 groups of 21 people are told as 40, so of a total told as 400 only one person was left for the last."""
    ages = {str(n): 21 for n in range(19)} | {"last": 1}
    shown = split(400, {"age": ages}, Policy())
    told = [c.persons for c in shown.facets["age"].values() if not c.suppressed]
    least, most = sum(n - 19 for n in told), shown.total.persons or 10**9
    assert shown.facets["age"]["last"].suppressed and most - least >= 20


def test_zero_is_shown_and_large_numbers_are_rounded():
    shown = split(100, {"sex": {"f": 55, "m": 45, "x": 0}}, Policy())
    assert [c.persons for c in shown.facets["sex"].values()] == [60, 60, 0] and shown.total.persons == 100


@pytest.mark.parametrize(
    "ask",
    [
        lambda: split(5, {"sex": {"f": 4}}, SMALL),
        lambda: split(-1, {"sex": {"f": -1}}, SMALL),
        lambda: crossed({"yes": {"sex": {"f": 3}}}, SMALL),
        lambda: crossed({"yes": {"sex": {"f": 3}, "age": {"y": 2}}}, SMALL),
    ],
)
def test_numbers_that_do_not_add_up_are_refused(ask):
    with pytest.raises(BadInput, match=r"add up|two facets"):
        ask()
