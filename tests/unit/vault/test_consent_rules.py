"""What answers grant: the pure rule."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from commonweal.vault.consent.rules import GrantFact, grants

START = datetime(2024, 1, 1, tzinfo=UTC)
PRIMARY = frozenset({"participate", "recontact", "surveys"})
EHR = frozenset({"ehr"})


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def answer(day, said, scopes=PRIMARY, *, received=None, authored=None, expires=None, sequence=0):
    late = at(day if received is None else received)
    written = at(day if authored is None else authored)
    return GrantFact("answer", at(day), written, late, said, scopes, expires, sequence)


def leaving(kind, day, received=None):
    return GrantFact(kind, at(day), at(day), at(day if received is None else received))


def test_nothing_is_granted_by_nothing():
    assert grants([], at(1), at(1)) == frozenset()


def test_a_yes_grants_its_scopes_from_its_moment_on():
    facts = [answer(1, "yes")]
    assert grants(facts, at(1) - timedelta(microseconds=1), at(9)) == frozenset()
    assert grants(facts, at(1), at(9)) == PRIMARY


@pytest.mark.parametrize("said", ["no", "not_sure"])
def test_the_latest_answer_counts(said):
    facts = [answer(1, "yes"), answer(2, "yes", EHR), answer(3, said, EHR), answer(5, "yes", EHR)]
    assert grants(facts, at(2), at(9)) == PRIMARY | EHR
    assert grants(facts, at(3), at(9)) == PRIMARY
    assert grants(facts, at(5), at(9)) == PRIMARY | EHR


def test_nothing_holds_without_participate():
    facts = [answer(1, "yes", EHR), answer(2, "yes"), answer(3, "no")]
    assert grants(facts, at(1), at(9)) == frozenset()
    assert grants(facts, at(2), at(9)) == PRIMARY | EHR
    assert grants(facts, at(3), at(9)) == frozenset()


def test_what_was_not_received_yet_is_not_known():
    facts = [answer(1, "yes"), answer(2, "no", received=8)]
    assert grants(facts, at(3), at(7)) == PRIMARY
    assert grants(facts, at(3), at(8)) == frozenset()


def test_a_yes_expires_at_its_very_moment_and_an_older_one_does_not_come_back():
    facts = [answer(0, "yes"), answer(0, "yes", EHR), answer(1, "yes", EHR, expires=at(5))]
    assert "ehr" in grants(facts, at(5) - timedelta(microseconds=1), at(9))
    assert "ehr" not in grants(facts, at(5), at(9))


def test_a_later_answer_counts_only_for_the_scopes_it_is_about():
    facts = [answer(1, "yes"), answer(2, "no", frozenset({"recontact"}))]
    assert grants(facts, at(3), at(3)) == PRIMARY - {"recontact"}


def test_a_withdrawal_ends_everything_from_its_moment_on_once_it_is_known():
    facts = [answer(1, "yes"), leaving("withdrawal", 3, received=6), answer(7, "yes")]
    assert grants(facts, at(3) - timedelta(microseconds=1), at(9)) == PRIMARY
    assert grants(facts, at(3), at(6)) == frozenset()
    assert grants(facts, at(3), at(6) - timedelta(microseconds=1)) == PRIMARY
    assert grants(facts, at(8), at(9)) == frozenset()


def test_a_deactivation_ends_contact_and_keeps_what_was_given():
    facts = [answer(1, "yes"), leaving("deactivation", 3)]
    assert grants(facts, at(2), at(9)) == PRIMARY
    assert grants(facts, at(3), at(9)) == PRIMARY - {"recontact"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"received": 5, "authored": 2}, {"received": 4, "authored": 3}),  # authored before received
        ({"received": 4, "authored": 3}, {"received": 5, "authored": 3}),
        ({"received": 5, "sequence": 1}, {"received": 5, "sequence": 2}),
    ],
)
def test_ties_are_broken_by_authored_then_received_then_sequence(first, second):
    facts = [answer(2, "no", **first), answer(2, "yes", **second)]
    for order in permutations(facts):
        assert grants(order, at(9), at(9)) == PRIMARY
    other = [answer(2, "yes", **first), answer(2, "no", **second)]
    for order in permutations(other):
        assert grants(order, at(9), at(9)) == frozenset()
