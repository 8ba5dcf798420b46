"""Counts with differential privacy: noise of the stated spread, a budget that runs out, and no small number."""

import math
import statistics
import sys

import pytest

from commonweal.disclosure import Policy
from commonweal.disclosure.private import Budget, private_count
from commonweal.errors import BadInput, Refused

POLICY = Policy()


def test_the_noise_is_as_large_as_it_says():
    answers = [private_count(1000, Budget(0.5, 1), POLICY) for _ in range(2000)]
    assert statistics.mean(a.persons for a in answers) == pytest.approx(1000, abs=0.5)
    off = sum(abs(a.persons - 1000) > a.error for a in answers)
    assert off <= 0.06 * len(answers)  # 75 are expected; told one less, 124
    assert len({a.persons for a in answers}) > 5


@pytest.mark.parametrize("epsilon", [0.01, 0.1, 0.3, 0.5, 1.0, 2.0, 5.0])
def test_it_says_the_least_error_that_nineteen_of_twenty_answers_keep(epsilon):
    error = private_count(1000, Budget(epsilon, 10), POLICY).error

    def beyond(bound):
        whole = [math.exp(-epsilon * abs(noise)) for noise in range(-9000, 9001)]
        return sum(p for noise, p in zip(range(-9000, 9001), whole, strict=True) if abs(noise) > bound) / sum(whole)

    assert beyond(error) <= 0.05 and (error == 0 or beyond(error - 1) > 0.05)


def test_what_comes_out_small_is_not_told():
    told = {private_count(3, Budget(5, 5), POLICY).persons for _ in range(20)}
    assert told == {None}


def test_the_budget_runs_out_exactly():
    assert private_count(500, Budget(0.1, 0.3, 0.2), POLICY).epsilon == 0.1
    with pytest.raises(Refused, match="used up"):
        private_count(500, Budget(0.1, 0.3, 0.3), POLICY)


def test_what_cannot_be_is_refused():
    with pytest.raises(BadInput):
        private_count(-1, Budget(0.1, 1), POLICY)


def test_without_opendp_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    with pytest.raises(BadInput, match=r"commonweal\[dp\]"):
        private_count(100, Budget(0.1, 1), POLICY)
