"""Who can join: each rule of the adult program, over plain values."""

from datetime import date
from types import SimpleNamespace

import pytest

from commonweal.protocol.states import NAMES
from commonweal.vault.people import eligibility
from commonweal.vault.people.eligibility import ELIGIBLE, NEEDS_REVIEW, NOT_ASKED, NOT_ELIGIBLE, judge

ASKED = [
    SimpleNamespace(id=name, eligible_when=wanted)
    for name, wanted in (("adult", True), ("lives_in_us", True), ("decides_alone", True), ("in_custody", False))
]
RIGHT = {question.id: question.eligible_when for question in ASKED}


def test_all_answers_as_asked_are_eligible():
    assert judge(ASKED, RIGHT) == eligibility.Judgement(ELIGIBLE)


@pytest.mark.parametrize("question", ASKED, ids=lambda question: question.id)
def test_one_other_answer_is_not_eligible_and_names_its_question(question):
    found = judge(ASKED, RIGHT | {question.id: not question.eligible_when})
    assert (found.state, found.reasons) == (NOT_ELIGIBLE, (question.id,))


@pytest.mark.parametrize("question", ASKED, ids=lambda question: question.id)
def test_not_sure_needs_a_review(question):
    found = judge(ASKED, RIGHT | {question.id: None})
    assert (found.state, found.reasons) == (NEEDS_REVIEW, (question.id,))


def test_a_clear_no_decides_before_what_is_not_sure():
    assert judge(ASKED, RIGHT | {"decides_alone": None, "adult": False}).state == NOT_ELIGIBLE


def test_what_staff_denied_is_not_opened_by_other_answers():
    assert judge(ASKED, RIGHT, denied_by_staff=True).state == NEEDS_REVIEW
    assert judge(ASKED, RIGHT | {"adult": False}, denied_by_staff=True).state == NOT_ELIGIBLE


def test_an_answer_that_is_missing_is_no_answer():
    with pytest.raises(KeyError):
        judge(ASKED, {"adult": True})


@pytest.mark.parametrize(
    ("birth", "day", "of_age"),
    [
        (date(2008, 11, 22), date(2026, 11, 22), True),  # the birthday itself
        (date(2008, 11, 23), date(2026, 11, 22), False),  # the day before
        (date(2008, 2, 29), date(2026, 2, 28), False),  # a leap-day birthday: not yet in a common year
        (date(2008, 2, 29), date(2026, 3, 1), True),  # but on 1 March
        (date(2010, 2, 28), date(2028, 2, 28), True),
        (date(2027, 1, 1), date(2026, 11, 22), False),  # still to come
    ],
)
def test_eighteen_at_the_time_of_consent(birth, day, of_age):
    assert eligibility.is_of_age(birth, day) is of_age


@pytest.mark.parametrize("birth", [date(2008, 2, 29), date(2008, 2, 28), date(2008, 3, 1), date(1999, 12, 31)])
@pytest.mark.parametrize("minimum", [18, 19, 21])
def test_the_first_day_of_age_is_the_first(birth, minimum):
    first = eligibility.is_of_age_on(birth, minimum)
    assert eligibility.is_of_age(birth, first, minimum)
    assert not eligibility.is_of_age(birth, date.fromordinal(first.toordinal() - 1), minimum)


def test_territories_are_part_of_the_country_and_nothing_else_is():
    assert all(eligibility.lives_in_the_country(code) for code in NAMES)
    assert all(eligibility.lives_in_the_country(code) for code in ("PR", "GU", "VI", "AS", "MP", "DC"))
    assert not any(eligibility.lives_in_the_country(code) for code in ("", "ON", "XX", "pr", "MX"))


def test_the_machine_is_whole():
    """Every state can be reached and left, and every change is between states that there are."""
    changes = {(old, new) for old, _, new in eligibility.MACHINE}
    assert {state for change in changes for state in change} == set(eligibility.STATES_OF_ELIGIBILITY)
    assert not any(new == NOT_ASKED for _, new in changes)
    for state in (ELIGIBLE, NOT_ELIGIBLE, NEEDS_REVIEW):
        assert any(old == state for old, _ in changes)
        assert any(new == state for _, new in changes)
