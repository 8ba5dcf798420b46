"""What answers grant: the pure rule."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

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


def leaving(kind, day, received=None, **more):
    return GrantFact(kind, at(day), at(day), at(day if received is None else received), **more)


def test_nothing_is_granted_by_nothing():
    assert grants([], at(1), at(1)) == frozenset()


def test_a_yes_grants_its_scopes_from_its_moment_on():
    facts = [answer(1, "yes")]
    assert grants(facts, at(1) - timedelta(microseconds=1), at(9)) == frozenset()
    assert grants(facts, at(1), at(9)) == PRIMARY


@pytest.mark.parametrize("said", ["no", "not_sure", "later"])
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


BODY = frozenset({"participate", "recontact", "surveys", "measurements", "biospecimens", "ehr"})


@pytest.mark.parametrize("kind", ["deactivation", "decease"])
def test_after_a_deactivation_or_a_death_nothing_is_collected_and_nobody_is_contacted(kind):
    facts = [answer(1, "yes", BODY), leaving(kind, 3)]
    assert grants(facts, at(3), at(9)) == BODY - {"recontact"}
    assert grants(facts, at(3), at(9), new_data=True) == frozenset()
    assert grants(facts, at(3) - timedelta(microseconds=1), at(9), new_data=True) == BODY


def test_while_somebody_is_held_measurements_and_samples_are_suspended_and_nothing_is_withdrawn():
    facts = [answer(1, "yes", BODY), leaving("custody", 3, held=True), leaving("custody", 5, held=False)]
    for day, suspended in ((2, set()), (3, {"measurements", "biospecimens"}), (5, set())):
        assert grants(facts, at(day), at(9), new_data=True) == BODY - suspended
        assert grants(facts, at(day), at(9)) == BODY


def test_a_correction_takes_the_place_of_what_it_supersedes_once_it_is_known():
    facts = [answer(1, "yes", sequence=1), leaving("deactivation", 2, sequence=1)]
    corrected = [*facts, GrantFact("deactivation", at(5), at(5), at(6), sequence=2, supersedes=1)]
    assert "recontact" not in grants(corrected, at(3), at(5))
    assert "recontact" in grants(corrected, at(3), at(6))
    assert "recontact" not in grants(corrected, at(5), at(6))


def test_a_withdrawal_cannot_be_moved_by_another_that_supersedes_it():
    facts = [answer(1, "yes"), leaving("withdrawal", 2, sequence=1), leaving("withdrawal", 5, sequence=2, supersedes=1)]
    assert grants(facts, at(3), at(9)) == frozenset()


def test_an_answer_in_the_hour_that_clocks_show_twice_counts_at_its_own_moment():
    chicago = ZoneInfo("America/Chicago")
    before, after = (datetime(2024, 11, 3, 1, 30, fold=fold, tzinfo=chicago) for fold in (0, 1))
    facts = [GrantFact("answer", after, after, after, "yes", PRIMARY)]
    assert grants(facts, before, after) == frozenset()
    assert grants(facts, after, after) == PRIMARY


def test_in_spring_a_yes_expires_when_the_hour_that_does_not_exist_is_over():
    chicago = ZoneInfo("America/Chicago")
    ends = datetime(2025, 3, 9, 3, 0, tzinfo=chicago)
    facts = [GrantFact("answer", at(1), at(1), at(1), "yes", PRIMARY, expires_at=ends)]
    assert grants(facts, datetime(2025, 3, 9, 1, 59, 59, tzinfo=chicago), ends) == PRIMARY
    assert grants(facts, datetime(2025, 3, 9, 8, 0, tzinfo=UTC), ends) == frozenset()
