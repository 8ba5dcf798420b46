"""Counts that leave for good: what is refused, and why; against an attacker who lists every population."""

from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from commonweal.disclosure import Policy
from commonweal.disclosure.exports import check
from commonweal.disclosure.verdict import Outcome
from commonweal.disclosure.worlds import Limits, groups, isolates

POLICY = Policy()
N = 1000


def people(first, last):
    return BitMap(range(first, last))


@pytest.mark.parametrize(
    ("new", "earlier", "said"),
    [
        (people(0, 0), [], ""),
        (people(0, N), [], ""),
        (people(0, 21), [], ""),
        (people(0, 20), [], "it counts 20 people or fewer"),
        (people(0, 980), [], "all but 20 people or fewer"),
        (people(0, 100), [people(0, 100)], ""),
        (people(0, 100), [people(0, 80)], "differs by 20 people or fewer"),
        (people(0, 80), [people(0, 100)], "differs by 20 people or fewer"),
        (people(0, 79), [people(0, 100)], ""),
        (people(10, 110), [people(0, 100)], "differs by 20 people or fewer"),
        (people(11, 111), [people(0, 100)], ""),
        (people(95, N), [people(0, 100)], "everyone outside a count exported before"),
        (people(100, N), [people(0, 100)], ""),
        (people(0, 100), [people(0, 40), people(40, 90)], "together with counts"),
        (people(0, 111), [people(0, 40), people(40, 90)], ""),
        (people(40, 90), [people(0, 100), people(0, 40)], "together with counts"),
        (people(0, 600), [people(0, 310), people(300, 600)], "together with counts"),
        (people(300, 310), [people(0, 310), people(300, 600)], "it counts 20 people or fewer"),
        (people(300, 600), [people(0, 310)], ""),
    ],
)
def test_what_gives_a_small_group_away_is_refused(new, earlier, said):
    verdict = check(new, earlier, N, POLICY)
    assert said in verdict.reason if said else verdict.passed
    assert verdict.outcome is (Outcome.REFUSED if said else Outcome.PASSED)


def test_no_reason_tells_how_many():
    assert "5" not in check(people(0, 100), [people(0, 95)], N, POLICY).reason


@given(st.lists(st.sets(st.integers(0, 9), min_size=1), min_size=1, max_size=3))
@example([{0, 1, 2, 3, 4}, {5, 6, 7}, {0, 1, 2, 3, 4, 5, 6}])
@settings(max_examples=30, deadline=None)
def test_whoever_lists_every_population_finds_what_the_search_finds(sets):
    """Of ten people, limit two: the attacker knows all sizes, and which groups have nobody."""
    found = groups([BitMap(s) for s in sets], 10)
    sizes, inside = found.sizes.tolist(), found.inside.T.tolist()
    wanted = [sum(n for n, of in zip(sizes, row, strict=True) if of) for row in inside]
    largest = [0] * len(sizes)
    for world in product(range(11), repeat=len(sizes) - 1):
        world = (*world, 10 - sum(world))
        if world[-1] >= 0 and all(
            sum(n for n, of in zip(world, row, strict=True) if of) == total
            for row, total in zip(inside, wanted, strict=True)
        ):
            largest = [max(pair) for pair in zip(largest, world, strict=True)]
    assert isolates([BitMap(s) for s in sets], 10, 2, Limits()) is any(most <= 2 for most in largest)


def test_moves_alone_clear_what_a_program_could():
    """Three questions with three answers each, and nobody's group above the limit: no program is allowed."""
    answers = list(product(range(3), repeat=3)) * 5
    sets = [BitMap(i for i, a in enumerate(answers) if a[q] == v) for q in range(3) for v in range(3)]
    assert isolates(sets, 1000, 20, Limits(program=0)) is False


def test_a_program_finds_what_moves_do_not():
    """One person is in all three sets; three of the others together make room for one more."""
    sets = [people(n, n + 100) | BitMap([900]) for n in (0, 100, 200)]
    assert isolates(sets, N, 20, Limits()) is False
    assert isolates(sets, N, 20, Limits(program=0)) is None


@pytest.mark.parametrize("limits", [Limits(sets=1), Limits(groups=2), Limits(seconds=-1.0), Limits(program=0)])
def test_what_cannot_be_decided_is_for_a_person_to_look_at(limits):
    verdict = check(people(0, 90), [people(0, 40), people(40, 80)], N, POLICY, limits)
    assert verdict.outcome is Outcome.REVIEW
    assert "ask the program" in verdict.reason


def test_a_program_that_takes_too_long_decides_nothing(monkeypatch):
    import scipy.optimize

    def late(*_, **__):
        return scipy.optimize.OptimizeResult(x=None, status=1)

    monkeypatch.setattr("scipy.optimize.milp", late)
    assert isolates([people(0, 40), people(40, 90), people(0, 100)], N, 20, Limits()) is None


def test_what_a_program_finds_is_checked_before_it_counts(monkeypatch):
    import numpy as np
    import scipy.optimize

    def wrong(goal, **_):
        return scipy.optimize.OptimizeResult(x=np.full(len(goal), 30.0), status=0)

    monkeypatch.setattr("scipy.optimize.milp", wrong)
    assert isolates([people(0, 40), people(40, 90), people(0, 100)], N, 20, Limits()) is None
