"""One count through the gate."""

import pytest

from commonweal.disclosure import Count, Policy, count, digest, table
from commonweal.errors import BadInput

POLICY = Policy()


@pytest.mark.parametrize(
    ("persons", "shown"),
    [(0, 0), (1, None), (20, None), (21, 40), (40, 40), (41, 60), (100, 100), (123_456, 123_460)],
)
def test_small_counts_are_hidden_and_others_rounded_up(persons, shown):
    answer = count(persons, POLICY)
    assert answer.persons == shown
    assert answer.suppressed == (shown is None)
    assert answer.rounded_to == (None if shown is None else 20)
    assert not answer.exact


def test_exact_passes_untouched_and_says_so():
    assert count(3, POLICY, exact=True) == Count(3, False, None, True)


@pytest.mark.parametrize("make", [lambda: count(-1, POLICY), lambda: Policy(round_to=0), lambda: Policy(min_cell=-1)])
def test_what_cannot_be_is_refused(make):
    with pytest.raises(BadInput):
        make()


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_a_table_has_no_number_below_zero():
    with pytest.raises(BadInput):
        table({"a": -1}, POLICY)
