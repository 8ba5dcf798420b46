"""The reference table of checks on a paper consent, a test for each of its rows, and the states of a paper."""

from datetime import UTC, date, datetime
from itertools import product

import pytest

from commonweal.vault.consent.paper import checks, states
from commonweal.vault.consent.paper.checks import Expected, Written, problems
from commonweal.vault.consent.statuses import QuestionnaireStatus, questionnaire_status

DAY = date(2026, 3, 10)
RIGHT = Written(signature_text="Ann Miller", signed_on=DAY, printed_name="Ann Miller")


def wrong(expected=None, **changes):
    return problems(Written(**(RIGHT.__dict__ | changes)), expected or Expected(DAY))


def test_a_paper_with_nothing_wrong_passes():
    assert wrong() == []


def test_file_exists():
    assert wrong(file_exists=False) == ["file_missing"]


@pytest.mark.parametrize(
    "text, image, passes", [("A. M.", False, True), ("", True, True), ("", False, False), ("  ", False, False)]
)
def test_signature_is_text_or_an_image(text, image, passes):
    assert wrong(signature_text=text, signature_is_image=image) == ([] if passes else ["signature_missing"])


@pytest.mark.parametrize("signed, passes", [
    (date(2026, 3, 1), True), (date(2026, 2, 28), False), (date(2026, 3, 19), True), (date(2026, 3, 20), False),
])  # fmt: skip
def test_signing_date_is_fewer_than_ten_days_from_the_authored_date_either_way(signed, passes):
    assert wrong(signed_on=signed) == ([] if passes else ["signing_date_far"])


def test_signing_date_that_is_missing_is_invalid():
    assert wrong(signed_on=None) == ["signing_date_missing"]


@pytest.mark.parametrize("authored, day", [
    (datetime(2026, 3, 11, 4, 59, tzinfo=UTC), date(2026, 3, 10)),  # summer time: five hours behind
    (datetime(2026, 3, 11, 5, 0, tzinfo=UTC), date(2026, 3, 11)),
    (datetime(2026, 1, 11, 5, 59, tzinfo=UTC), date(2026, 1, 10)),
])  # fmt: skip
def test_authored_date_is_converted_to_us_central(authored, day):
    assert checks.authored_day(authored) == day


@pytest.mark.parametrize("name", ["", "  ", "null", "null null", "NULL  Null"])
def test_printed_name_missing_or_null_is_invalid(name):
    assert wrong(printed_name=name) == ["printed_name_missing"]


def test_a_name_that_only_holds_null_is_a_name():
    assert wrong(printed_name="Null Nullsson") == []


@pytest.mark.parametrize("expected, printed", [("sensitive", ""), ("", "sensitive")])
def test_the_form_that_the_person_must_have_and_no_other(expected, printed):
    assert wrong(Expected(DAY, form=expected), form=printed) == ["wrong_form"]
    assert wrong(Expected(DAY, form=expected), form=expected) == []


@pytest.mark.parametrize("mark", [None, False])
def test_confirmation_check_mark_must_be_selected(mark):
    assert wrong(Expected(DAY, check_mark=True), check_mark=mark) == ["check_mark_missing"]
    assert wrong(Expected(DAY, check_mark=True), check_mark=True) == []
    assert wrong(check_mark=mark) == []


def test_sensitive_form_needs_initials_on_it():
    sensitive = Expected(DAY, form="sensitive", initials=True)
    assert wrong(sensitive, form="sensitive") == ["initials_missing"]
    assert wrong(sensitive, form="sensitive", initials="AM") == []
    assert wrong(sensitive) == ["wrong_form", "initials_missing"]


def test_guardian_printed_name_and_linked_account():
    child = Expected(DAY, guardian=True)
    assert wrong(child) == ["guardian_name_missing", "guardian_not_linked"]
    assert wrong(child, guardian_name="Eva Miller") == ["guardian_not_linked"]
    assert wrong(Expected(DAY, guardian=True, guardian_linked=True), guardian_name="Eva Miller") == []


@pytest.mark.parametrize("answer", ["no", "not_sure"])
def test_a_no_needs_only_its_file(answer):
    assert problems(Written(answer), Expected(DAY, form="x", check_mark=True, guardian=True)) == []
    assert problems(Written(answer, file_exists=False), Expected(DAY)) == ["file_missing"]


def test_every_rule_has_words_for_staff():
    from commonweal.vault.consent.paper.words import PROBLEMS

    assert set(PROBLEMS) >= {*checks.RULES, checks.NOT_READ}


def test_all_pass_is_ready_for_sync_and_only_one_valid_result_of_an_answer_is_kept():
    assert states.checked([], valid_already=False) == "READY_FOR_SYNC"
    assert states.checked([], valid_already=True) == "OBSOLETE"
    assert states.checked(["wrong_form"], valid_already=True) == "NEEDS_CORRECTING"


def test_states_of_a_paper_go_forward_only():
    every = list(states.NEXT)
    allowed = {(a, b) for a, b in product(every, every) if states.may_follow(a, b)}
    assert not {(a, b) for a, b in allowed if a in ("SYNC_COMPLETE", "OBSOLETE")}
    assert ("NEEDS_CORRECTING", "SYNC_COMPLETE") not in allowed
    assert ("READY_FOR_SYNC", "SYNC_COMPLETE") in allowed


def test_questionnaire_status_names_and_numbers():
    assert {one.name: one.value for one in QuestionnaireStatus} == {
        "UNSET": 0, "SUBMITTED": 1, "SUBMITTED_NO_CONSENT": 2, "SUBMITTED_NOT_SURE": 3, "SUBMITTED_INVALID": 4,
        "SUBMITTED_NOT_VALIDATED": 5,
    }  # fmt: skip


@pytest.mark.parametrize("answer, status", [(None, 0), ("later", 0), ("yes", 1), ("no", 2), ("not_sure", 3)])
def test_questionnaire_status_of_an_answer_on_our_own_screens(answer, status):
    assert questionnaire_status(answer) == status


@pytest.mark.parametrize("files, status", [
    ([], 5), ([None], 5), ([False], 4), ([None, False], 4), ([False, True], 1), ([True], 1),
])  # fmt: skip
def test_ehr_yes_on_paper_counts_only_once_its_file_passed_and_an_invalid_one_upgrades(files, status):
    assert questionnaire_status("yes", files) == status
    assert questionnaire_status("no", files) == 2
