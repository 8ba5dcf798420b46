"""Counts while browsing: one noise for one set, of the stated spread, and never a number that must not be shown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.disclosure import Noise, Policy
from commonweal.disclosure.perturbation import Browsing, browse, cell_key, deviation, probabilities, record_keys
from commonweal.errors import BadInput

PEOPLE = 500
KEYS = record_keys(b"s" * 32, "release", PEOPLE)
POLICY = Policy()
GATE = Browsing(KEYS, POLICY)
MOST = 2**64 - 1


@given(st.sets(st.integers(0, PEOPLE - 1)), st.randoms())
@settings(max_examples=60, deadline=None)
def test_a_set_has_one_key_in_whatever_form_it_comes(people, random):
    shuffled = list(people)
    random.shuffle(shuffled)
    mask = np.zeros(PEOPLE, dtype=bool)
    mask[shuffled] = True
    in_order = np.array(sorted(people), dtype=np.uint32)
    forms = [in_order, np.array(shuffled, dtype=np.uint32), np.array(shuffled * 2, dtype=np.int64), mask]
    assert len({cell_key(KEYS, form) for form in forms}) == 1
    assert len({GATE.count(form) for form in forms}) == 1


@given(st.sets(st.integers(0, PEOPLE - 1), min_size=1, max_size=PEOPLE - 1))
@settings(max_examples=60, deadline=None)
def test_a_set_and_its_complement_are_moved_to_opposite_sides(people):
    mask = np.zeros(PEOPLE, dtype=bool)
    mask[list(people)] = True
    own, rest = cell_key(KEYS, mask), cell_key(KEYS, ~mask)
    assert own == MOST - rest
    assert deviation(own, Noise()) == -deviation(rest, Noise())


def test_the_keys_are_those_of_the_secret_and_the_release_alone():
    assert (record_keys(b"s" * 32, "release", PEOPLE) == KEYS).all()
    assert (record_keys(b"s" * 32, "release", 3) == KEYS[:3]).all()
    assert not (record_keys(b"t" * 32, "release", PEOPLE) == KEYS).any()
    assert not (record_keys(b"s" * 32, "another", PEOPLE) == KEYS).any()
    assert len(np.unique(KEYS)) == PEOPLE


@pytest.mark.parametrize("noise", [Noise(), Noise(5, 2.0), Noise(2, 1.99), Noise(40, 300), Noise(1, 0.5)])
def test_the_noise_has_mean_zero_and_the_variance_of_the_program(noise):
    shares = probabilities(noise)
    steps = range(-noise.maximum, noise.maximum + 1)
    assert sum(shares) == pytest.approx(1)
    assert sum(d * p for d, p in zip(steps, shares, strict=True)) == pytest.approx(0, abs=1e-9)
    assert sum(d * d * p for d, p in zip(steps, shares, strict=True)) == pytest.approx(noise.variance, rel=1e-6)


def test_among_all_keys_each_deviation_is_as_frequent_as_stated():
    noise = Noise(4, 3.0)
    spaced = [k * (2**64 // 20_000) for k in range(20_000)]
    found = np.bincount([deviation(key, noise) + 4 for key in spaced]) / len(spaced)
    assert found == pytest.approx(probabilities(noise), abs=2e-4)
    assert (deviation(0, noise), deviation(MOST, noise)) == (-4, 4)


def test_sets_that_differ_by_one_person_have_noises_that_say_nothing_of_each_other():
    mask = np.arange(PEOPLE) < 200
    pairs = []
    for person in range(200, 500):
        more = mask.copy()
        more[person] = True
        pairs.append((deviation(cell_key(KEYS, more), Noise()), deviation(cell_key(KEYS[::-1].copy(), more), Noise())))
    one, other = np.array(pairs).T
    assert len(set(one)) > 15
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.2
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.2


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, MOST))
@settings(max_examples=120, deadline=None)
def test_few_people_are_never_told_and_neither_are_all_but_a_few(persons, others, key):
    shown = browse(persons, persons + others, key, POLICY)
    few = 0 < persons <= 20 or (persons and 0 < others <= 20)
    assert shown.suppressed if few else True
    assert shown.persons is None or shown.persons == 0 or shown.persons > 20
    if not shown.suppressed:
        assert shown.persons % 20 == 0
        assert persons - 15 <= shown.persons < persons + 15 + 20
    assert not shown.exact


def test_nobody_and_everybody_are_told_as_they_are():
    for key in (0, 12345, MOST):
        assert (browse(0, 999, key, POLICY).persons, browse(999, 999, key, POLICY).persons) == (0, 1000)
    assert not browse(0, 999, 0, POLICY).perturbed
    assert browse(7, 7, 0, POLICY).suppressed


def test_somebody_near_the_limit_is_now_told_and_now_not():
    shown = {browse(23, 999, key * 2**58, POLICY).suppressed for key in range(64)}
    assert shown == {True, False}


def test_a_program_may_leave_counts_where_they_are():
    policy = Policy(noise=Noise(0))
    assert [browse(n, 999, MOST, policy).persons for n in (21, 40, 41, 978)] == [40, 40, 60, 980]
    assert not browse(21, 999, MOST, policy).perturbed
    assert browse(20, 999, 0, policy).suppressed
    assert browse(979, 999, 0, policy).suppressed
    assert probabilities(Noise(0)) == [1.0]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: record_keys(b"short", "release", 3),
        lambda: cell_key(KEYS, np.array([PEOPLE])),
        lambda: cell_key(KEYS, np.array([-1, 3])),
        lambda: cell_key(KEYS, np.ones(3, dtype=bool)),
        lambda: browse(-1, 10, 0, POLICY),
        lambda: browse(11, 10, 0, POLICY),
        lambda: Noise(2, 2.0),
        lambda: Noise(2, 0),
        lambda: Noise(-1),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(BadInput):
        wrong()


def test_several_sets_at_once():
    sets = [np.arange(0), np.arange(PEOPLE, dtype=np.uint32), np.arange(5)]
    assert [c.persons for c in GATE.counts(sets)] == [0, 500, None]
