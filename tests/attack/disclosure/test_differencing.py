"""Who asks for two sets that differ by one person learns nothing of that person; without the defences, everything.

The attacker knows everything of everybody but whether the target has a condition.
"""

from random import Random

import numpy as np
import pytest
from pyroaring import BitMap

from commonweal.disclosure import Noise, Policy
from commonweal.disclosure.exports import check
from commonweal.disclosure.perturbation import Browsing, record_keys

PEOPLE, TARGETS = 3000, 300
POLICY = Policy()
KEYS = record_keys(b"s" * 32, "release", PEOPLE)
SUPPRESSED_ONLY = Policy(round_to=1, noise=Noise(0))
ROUNDED_ONLY = Policy(noise=Noise(0))


def guesses_right(policy: Policy, *, padded: bool) -> float:
    """How often the attacker is right about a target, of those of whom half have the condition.

    `padded`: others are added until the set without the target fills a bin, so that one more would open the next.
    """
    gate, rng, right = Browsing(KEYS, policy), Random(5), 0
    for _ in range(TARGETS):
        people = np.array(rng.sample(range(PEOPLE), 420 if padded else rng.randrange(200, 1000)), dtype=np.uint32)
        target, ill = people[-1], rng.random() < 0.5
        without = np.sort(people[:-1] if not padded else people[:400])
        with_target = np.sort(np.append(without, target)) if ill else without
        right += (gate.count(with_target).persons != gate.count(without).persons) == ill
    return right / TARGETS


def test_two_nested_cohorts_do_not_tell_of_the_one_between():
    assert guesses_right(POLICY, padded=False) < 0.7
    assert guesses_right(POLICY, padded=True) < 0.9


def test_suppression_alone_tells_always_and_rounding_alone_tells_who_fills_the_bin():
    assert guesses_right(SUPPRESSED_ONLY, padded=False) == 1
    assert guesses_right(ROUNDED_ONLY, padded=True) == 1


@pytest.mark.parametrize("least", [1, 5, 20])
def test_exports_that_differ_by_few_are_refused_whichever_came_first(least):
    larger, smaller = BitMap(range(500)), BitMap(range(500 - least))
    for first, second in ((larger, smaller), (smaller, larger)):
        assert check(first, [], PEOPLE, POLICY).passed
        assert not check(second, [first], PEOPLE, POLICY).passed


def test_overlapping_exports_that_differ_by_few_are_refused():
    one, other = BitMap(range(500)), BitMap(range(5, 505))
    assert not check(other, [one], PEOPLE, POLICY).passed


def test_what_is_left_of_a_whole_by_its_parts_is_refused_and_would_tell():
    whole, parts = BitMap(range(500)), [BitMap(range(n, n + 99)) for n in range(0, 495, 99)]
    released: list[BitMap] = []
    for one in [*parts, whole]:
        if check(one, released, PEOPLE, POLICY).passed:
            released.append(one)
    assert released == parts
    assert len(whole) - sum(len(part) for part in parts) == 5


def test_a_complement_tells_no_more_than_the_set():
    one = BitMap(range(500))
    almost_the_rest = BitMap(range(503, PEOPLE))
    assert not check(almost_the_rest, [one], PEOPLE, POLICY).passed
    assert PEOPLE - len(one) - len(almost_the_rest) == 3
