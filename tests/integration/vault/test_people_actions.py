"""Registering, profile, pairing and eligibility."""

import re
from datetime import date

import pytest

from commonweal.audit.models import Event
from commonweal.errors import BadInput
from commonweal.vault.people import actions
from commonweal.vault.people.accounts import open_account
from commonweal.vault.people.current import current_eligibility, current_profile, current_site, is_eligible
from commonweal.vault.people.models import Account, Participant, Profile

pytestmark = pytest.mark.django_db
ANN = {"given_name": "Ann", "family_name": "Ng", "birth_date": date(1970, 5, 1), "sex_at_birth": "female"}


@pytest.fixture
def account():
    return Account.objects.create_user("ann@example.org", "a long enough password")


@pytest.fixture
def person(account):
    return actions.register(account, language="es")


def test_an_account_has_one_participant(account, person):
    assert actions.register(account, language="es") == person
    assert Participant.objects.count() == 1
    assert re.fullmatch(r"P[1-9]\d{8}", person.participant_id)
    assert re.fullmatch(r"A[1-9]\d{8}", person.biobank_id)
    assert (person.origin, person.external_id, person.is_test) == ("portal", None, False)
    account.refresh_from_db()
    assert account.language == "es"


def test_an_id_that_is_taken_is_drawn_again(account, monkeypatch):
    draws = iter(["P100000001", "A100000001", "P100000001", "A100000002", "P100000003", "A100000003"])
    Participant.objects.create(
        participant_id="P100000001", biobank_id="A100000009", origin="import", registered_at="2024-01-01T00:00Z"
    )
    monkeypatch.setattr("commonweal.vault.people.identifiers.new", lambda *_: (next(draws),))
    assert actions.register(account, language="en").participant_id == "P100000003"


def test_a_profile_needs_who_one_is(person):
    with pytest.raises(BadInput, match="birth_date is missing"):
        actions.record_profile(person, ANN | {"birth_date": None}, source="portal")
    with pytest.raises(BadInput, match="no such field: hobby"):
        actions.record_profile(person, ANN | {"hobby": "chess"}, source="portal")
    assert current_profile(person) is None


def test_a_change_is_a_new_profile_that_keeps_the_rest(person):
    first = actions.record_profile(person, ANN | {"city": "Springfield"}, source="portal")
    again = actions.record_profile(person, {"city": "Springfield"}, source="portal")
    assert again == first
    second = actions.record_profile(person, {"city": "Boston"}, source="portal")
    assert (second.supersedes, second.city, second.family_name) == (first, "Boston", "Ng")
    back = actions.record_profile(person, {"city": "Springfield"}, source="portal")
    assert (current_profile(person), Profile.objects.count()) == (back, 3)


def test_pairing_with_a_site_and_with_another(person):
    assert current_site(person) is None
    first = actions.pair(person, "north", "M1", source="portal")
    assert actions.pair(person, "north", "M1", source="portal") == first
    assert current_site(person) == "north"
    actions.pair(person, "south", source="portal")
    assert current_site(person) == "south"
    actions.pair(person, "", source="portal")
    assert current_site(person) is None
    assert person.pairings.count() == 3


def test_eligibility_is_what_the_questions_ask(person, program):
    assert (is_eligible(person), current_eligibility(person)) == (False, None)
    no = actions.answer_eligibility(person, {"adult": False, "prison": True}, program, source="portal")
    assert (no.state, no.reasons, is_eligible(person)) == ("not_eligible", ["adult", "prison"], False)
    yes = actions.answer_eligibility(person, {"adult": True, "prison": False}, program, source="portal")
    assert (yes.state, yes.reasons, is_eligible(person)) == ("eligible", [], True)
    assert yes.supersedes == no
    assert actions.answer_eligibility(person, {"adult": True, "prison": False}, program, source="portal") == yes


@pytest.mark.parametrize("answers", [{"adult": True}, {"adult": True, "prison": False, "more": True}])
def test_each_question_must_be_answered_and_no_other(person, program, answers):
    with pytest.raises(BadInput, match="answer each"):
        actions.answer_eligibility(person, answers, program, source="portal")


def test_no_identifier_stands_in_the_audit(person):
    actions.record_profile(person, ANN | {"email": "ann@example.org"}, source="portal")
    text = " ".join(f"{e.actor} {e.subject} {e.details}" for e in Event.objects.all())
    for secret in ("Ann", "Ng", "1970", "example.org", person.participant_id, str(person.uuid)):
        assert secret not in text


def test_opening_an_account_twice_is_opening_it_once():
    account, made = open_account("Staff@Clinic.example", "quite a long password")
    assert (made, account.email) == (True, "staff@clinic.example")
    assert open_account("staff@clinic.example", "quite a long password") == (account, False)
    with pytest.raises(BadInput, match="another password"):
        open_account("staff@clinic.example", "not the same password")


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [("nobody", "quite a long password", "not an e-mail address"), ("a@b.example", "short", "password")],
)
def test_bad_addresses_and_weak_passwords_are_refused(email, password, message):
    with pytest.raises(BadInput, match=message):
        open_account(email, password)
    assert not Account.objects.exists()
