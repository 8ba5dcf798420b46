"""Answering a module, leaving, and asking to be left in peace."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.errors import BadInput, Refused
from commonweal.vault.consent import actions
from commonweal.vault.consent.grants import deactivated_at, grants_in_force, scopes_in_force, withdrawn_at
from commonweal.vault.consent.models import ConsentAnswer, Deactivation, Signature, Withdrawal
from commonweal.vault.consent.signing import SignatureGiven
from commonweal.vault.people import actions as people_actions
from commonweal.vault.people.models import Account

pytestmark = pytest.mark.django_db
THEN = datetime(2025, 6, 1, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ANN = {"given_name": "Ann", "family_name": "Ng", "birth_date": date(1970, 5, 1), "sex_at_birth": "female"}


@pytest.fixture
def registered():
    account = Account.objects.create_user("ann@example.org", "a long enough password")
    return people_actions.register(account, language="en")


@pytest.fixture
def person(registered, program):
    people_actions.answer_eligibility(registered, {"adult": True, "prison": False}, program, source="portal")
    people_actions.record_profile(registered, ANN, source="portal")
    return registered


@pytest.fixture
def answer(program):
    def answer(person, module="primary", said="yes", **changes):
        text = program.consents[module].current.texts["en"].sha256 if module in program.consents else ""
        given = {"language": "en", "signed_name": "Ann Ng", "content_sha256": text, "authored": THEN} | changes
        return actions.answer_module(person, module, said, protocol=program, source="portal", **given)

    return answer


def test_a_yes_is_bound_to_the_text_that_was_shown(person, answer, program):
    fact = answer(person, signed_name="  Ann Ng ")
    assert (fact.module, fact.version, fact.answer, fact.signed_name) == ("primary", "1", "yes", "Ann Ng")
    assert fact.content_sha256 == program.consents["primary"].current.texts["en"].sha256
    assert fact.scopes == "biospecimens genomic_research measurements participate recontact surveys"
    assert (fact.event_time, fact.authored_time, fact.expires_at) == (THEN, THEN, None)
    assert fact.received_time > THEN
    now = timezone.now()
    assert grants_in_force(person, "surveys", now, now)
    assert not grants_in_force(person, "ehr", now, now)
    event = Event.objects.get(action="consent.answer")
    assert event.details == '{"answer":"yes","module":"primary"}'
    assert event.subject.startswith("participant:")
    assert str(person.uuid) not in event.subject


def test_an_answer_without_a_moment_is_given_now(person, answer):
    before = timezone.now()
    assert before <= answer(person, authored=None).event_time <= timezone.now()


def test_the_same_answer_is_the_same_fact(person, answer):
    assert answer(person).pk == answer(person).pk
    assert ConsentAnswer.objects.count() == 1
    assert Event.objects.filter(action="consent.answer").count() == 1


def test_an_authorisation_expires(person, answer):
    answer(person)
    fact = answer(person, "ehr", authored=THEN + DAY)
    assert fact.expires_at == THEN + 366 * DAY
    known = timezone.now()
    assert grants_in_force(person, "ehr", THEN + 365 * DAY, known)
    assert not grants_in_force(person, "ehr", THEN + 366 * DAY, known)


@pytest.mark.parametrize(
    ("module", "said", "changes"),
    [("genes", "yes", {}), ("primary", "maybe", {}), ("primary", "yes", {"language": "fr"})],
)
def test_unknown_modules_answers_and_languages_are_bad_input(person, answer, module, said, changes):
    with pytest.raises(BadInput, match="no such module, answer or language"):
        answer(person, module, said, **changes)


def test_a_moment_to_come_is_bad_input(person, answer):
    with pytest.raises(BadInput, match="in the future"):
        answer(person, authored=timezone.now() + DAY)


def test_another_text_than_the_current_one_cannot_be_signed(person, answer, program):
    spanish = program.consents["primary"].current.texts["es"].sha256
    with pytest.raises(Refused, match="not the current text"):
        answer(person, content_sha256=spanish)
    assert answer(person, content_sha256=spanish, language="es").language == "es"


def test_a_yes_needs_a_signature_and_a_no_does_not(person, answer):
    with pytest.raises(Refused, match="needs a signed name"):
        answer(person, signed_name=" ")
    assert answer(person, said="no", signed_name="").answer == "no"
    assert answer(person, said="not_sure", signed_name="", authored=THEN + DAY).answer == "not_sure"


def test_who_was_not_found_eligible_cannot_say_yes(registered, answer, program):
    people_actions.record_profile(registered, ANN, source="portal")
    with pytest.raises(Refused, match="not found eligible"):
        answer(registered)
    found = people_actions.answer_eligibility(registered, {"adult": True, "prison": True}, program, source="portal")
    assert (found.state, found.reasons) == ("not_eligible", ["prison"])
    with pytest.raises(Refused, match="not found eligible"):
        answer(registered)


def test_who_is_not_known_yet_cannot_say_yes(registered, answer, program):
    people_actions.answer_eligibility(registered, {"adult": True, "prison": False}, program, source="portal")
    with pytest.raises(Refused, match="record a profile before"):
        answer(registered)


def test_minors_cannot_say_yes_until_their_birthday(person, answer):
    people_actions.record_profile(person, {"birth_date": date(2007, 6, 2)}, source="portal")
    with pytest.raises(Refused, match="younger than 18"):
        answer(person)
    assert answer(person, authored=THEN + DAY).answer == "yes"


def test_a_module_stands_on_the_yes_before_it(person, answer):
    with pytest.raises(Refused, match="needs an earlier yes to primary"):
        answer(person, "ehr")
    answer(person, authored=THEN + DAY)
    with pytest.raises(Refused, match="needs an earlier yes to primary"):
        answer(person, "ehr", authored=THEN)
    answer(person, said="no", authored=THEN + 2 * DAY)
    with pytest.raises(Refused, match="needs an earlier yes to primary"):
        answer(person, "ehr", authored=THEN + 3 * DAY)
    answer(person, authored=THEN + 4 * DAY)
    answer(person, "ehr", authored=THEN + 5 * DAY)
    with pytest.raises(Refused, match="needs an earlier yes to ehr"):
        answer(person, "results", authored=THEN + 371 * DAY)  # the authorisation has expired
    assert answer(person, "results", authored=THEN + 369 * DAY).answer == "yes"


def test_leaving_is_for_good(person, answer):
    answer(person)
    left = actions.withdraw(person, source="portal")
    now = timezone.now()
    assert scopes_in_force(person, now, now) == frozenset()
    assert withdrawn_at(person) == left.event_time
    assert actions.withdraw(person, source="staff", reason="duplicate").pk == left.pk
    assert Withdrawal.objects.get().reason == "self"
    for said in ("yes", "no"):
        with pytest.raises(Refused, match="has left"):
            answer(person, said=said, authored=None)
    assert Event.objects.filter(action="consent.withdraw").count() == 1


def test_being_left_in_peace_keeps_what_was_given(person, answer):
    answer(person)
    assert deactivated_at(person) is None
    quiet = actions.deactivate(person, source="portal", authored=THEN + DAY)
    assert actions.deactivate(person, source="portal").pk == quiet.pk
    assert (Deactivation.objects.count(), deactivated_at(person)) == (1, THEN + DAY)
    now = timezone.now()
    assert "recontact" not in scopes_in_force(person, now, now)
    assert "surveys" in scopes_in_force(person, now, now)


def test_nobody_leaves_in_the_future(person):
    for leave in (actions.withdraw, actions.deactivate):
        with pytest.raises(BadInput, match="in the future"):
            leave(person, source="portal", authored=timezone.now() + DAY)


def test_the_same_answer_to_the_same_text_is_not_written_down_twice(person, answer):
    first = answer(person, authored=None)
    assert answer(person, authored=None).pk == first.pk
    assert answer(person, said="no", signed_name="", authored=None).pk != first.pk
    assert answer(person, authored=None).pk != first.pk  # a yes after a no is a new one
    assert ConsentAnswer.objects.count() == 3


def test_a_yes_that_will_end_can_be_renewed(person, answer):
    answer(person)
    earlier = answer(person, "ehr", authored=timezone.now() - 300 * DAY)
    renewed = answer(person, "ehr", authored=None)
    assert renewed.expires_at - earlier.expires_at >= 300 * DAY
    assert answer(person, "ehr", authored=None).pk == renewed.pk  # within the same minute it is the same


def test_later_is_recorded_where_nothing_was_decided_and_grants_nothing(person, answer):
    assert answer(person, said="later", signed_name="").answer == "later"
    now = timezone.now()
    assert scopes_in_force(person, now, now) == frozenset()
    answer(person, authored=None)
    with pytest.raises(Refused, match="'later' does not change"):
        answer(person, said="later", signed_name="", authored=None)
    assert "participate" in scopes_in_force(person, timezone.now(), timezone.now())


def test_signature_and_document_come_with_the_answer_or_not_at_all(person, answer):
    fact = answer(person, signature=SignatureGiven(initials="AN", typed_name="Ann Ng"))
    assert (fact.signature.kind, fact.signature.initials, fact.signature.signed_at) == ("typed", "AN", fact.event_time)
    assert fact.document.state == "waiting"
    with pytest.raises(BadInput, match="the drawing is not one"):
        answer(person, "ehr", signature=SignatureGiven("drawn", "Ann Ng", "M1 1"), authored=None)
    assert not ConsentAnswer.objects.filter(module="ehr").exists()
    assert Signature.objects.count() == 1


def test_a_helped_answer_names_who_helped(person, answer):
    staff = Account.objects.create_user("staff@example.org", "a long enough password")
    signature = SignatureGiven(
        typed_name="Ann Ng", assisted_by=staff, witness_name="Wes Wit", witness_signature="Wes Wit"
    )
    fact = answer(person, method="assisted", signature=signature)
    assert (fact.method, fact.signature.assisted_by, fact.signature.witness_name) == ("assisted", staff, "Wes Wit")
    event = Event.objects.get(action="consent.answer")
    assert event.actor.startswith("account:")
    assert '"method":"assisted"' in event.details


def test_paper_may_hold_an_earlier_versions_words(person, answer, program):
    old = program.consents["primary"]
    new = old.current._replace(version="2", texts=program.consents["ehr"].current.texts)
    program.consents["primary"] = old._replace(versions=(old.current, new))
    first = old.current.texts["en"].sha256
    with pytest.raises(Refused, match="not the current text"):
        answer(person, content_sha256=first)
    fact = answer(person, content_sha256=first, method="paper")
    assert (fact.version, fact.method) == ("1", "paper")
    with pytest.raises(Refused, match="no version of it has this text"):
        answer(person, content_sha256="0" * 64, method="paper")


def test_a_form_is_only_for_those_whose_state_it_is(by_state, person, answer):
    program, form = by_state, by_state.consents["ehr"].current.form
    answer(person)
    people_actions.record_profile(person, {"state": "TX"}, source="portal")
    with pytest.raises(Refused, match="not the current text"):
        answer(person, "ehr", authored=None)
    told = {"form": "sensitive", "content_sha256": form("sensitive").texts["en"].sha256, "authored": None}
    with pytest.raises(Refused, match="needs initials"):
        answer(person, "ehr", **told)
    fact = answer(person, "ehr", **told, signature=SignatureGiven(typed_name="Ann Ng", initials="AN"))
    assert fact.form == "sensitive"
    with pytest.raises(BadInput, match="no such module"):
        answer(person, "ehr", form="nothing")
    with pytest.raises(BadInput, match="no such module"):
        answer(person, "rights")  # asked of Californians alone
    people_actions.record_profile(person, {"state": "CA"}, source="portal")
    assert answer(person, "rights", authored=None).scopes == ""
    assert program.consents["rights"].scopes == ()


def test_the_programs_own_age_holds(person, answer, program):
    program.program.minimum_age = 60
    with pytest.raises(Refused, match="younger than 60"):
        answer(person)
