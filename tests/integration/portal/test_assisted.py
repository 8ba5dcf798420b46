"""Consent together: the same screens for the person at the staff's side, a witness, and nothing else on that device."""

from datetime import timedelta

import pytest
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.ui.context import current_protocol
from commonweal.vault.consent import contents
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.people import actions as people
from commonweal.vault.people.models import Participant
from tests.integration.portal.conftest import PROFILE

pytestmark = pytest.mark.django_db(transaction=True)
SIGNED = {
    "signed_name": "Inés Rivera",
    "witness_name": "Omar Haddad",
    "witness_signature": "omar haddad",
    "answer": "yes",
}


@pytest.fixture
def imported(transactional_db, sites):
    """Somebody without an account, from an import."""
    one = Participant.objects.create(
        participant_id="P555666777", biobank_id="A555666777", origin="import", registered_at=timezone.now()
    )
    people.record_profile(one, PROFILE, source="test")
    people.pair(one, sites[0], source="test")
    return one


def begin(client, one, module="primary", language="en"):
    return client.post(f"/staff/people/{one.uuid}/together/", {"module": module, "language": language, "witness": "on"})


def read(client, module="primary", language="en"):
    text = current_protocol().consents[module].current.texts[language]
    for number in range(1, len(text.screens) + 1):
        assert client.get(f"/consent/{module}/{number}/").status_code == 200
    right = {question.id: question.correct for question in text.questions}
    assert client.post(f"/consent/{module}/check/", right).url.endswith("/sign/")
    return text


def sign(client, text, module="primary", **changes):
    return client.post(f"/consent/{module}/sign/", SIGNED | {"content_sha256": text.sha256} | changes)


def test_somebody_without_an_account_says_yes_with_help_and_a_witness(imported, as_staff):
    client = as_staff("site_staff")
    begin(client, imported)
    answer = sign(client, read(client))
    assert answer.url == "/staff/together/"
    fact = imported.consent_answers.get()
    assert (fact.answer, fact.method, fact.source, fact.signed_name) == ("yes", "assisted", "staff", "Inés Rivera")
    hand = fact.signature
    assert (hand.witness_name, hand.witness_signature, hand.assisted_by.email) == (
        "Omar Haddad", "omar haddad", fact.signature.assisted_by.email,
    )  # fmt: skip
    told = contents.contents_of(fact, current_protocol(), fact.document.uuid)
    assert told["signature"]["witness_name"] == "Omar Haddad"


def test_the_audit_names_who_helped_and_the_person_is_the_subject(imported, as_staff):
    client = as_staff("site_staff")
    begin(client, imported)
    sign(client, read(client))
    done = Event.objects.get(action="consent.answer")
    began = Event.objects.get(action="assist.began")
    assert done.actor == began.actor and done.subject == began.subject and "assisted" in str(done.details)
    assert Event.objects.filter(action="staff.opened", subject=done.subject).exists()


@pytest.mark.parametrize("changes, says", [
    ({"witness_name": "", "witness_signature": ""}, "needs a witness"),
    ({"witness_name": "ines RIVERA", "witness_signature": "ines rivera"}, "somebody else"),
    ({"witness_name": "…", "witness_signature": "…"}, "somebody else"),
    ({"witness_signature": "Omar"}, "signs with the name"),
    ({"signed_name": "Omar Haddad"}, "your name is"),
])  # fmt: skip
def test_a_yes_needs_a_witness_who_is_neither_the_person_nor_who_helps(changes, says, imported, as_staff):
    client = as_staff("site_staff")
    begin(client, imported)
    answer = sign(client, read(client), **changes)
    assert says in answer.content.decode() and not ConsentAnswer.objects.exists()


def test_who_helps_is_no_witness_where_their_name_is_known(imported, as_staff, person):
    from commonweal.vault.consent.assisted import may_witness

    helper = person("profile", given_name="Leo", family_name="Park").account
    assert not may_witness("léo  park", imported, helper) and may_witness("Ana Park", imported, helper)


def test_a_no_needs_no_witness(imported, as_staff):
    client = as_staff("site_staff")
    begin(client, imported)
    sign(client, read(client), answer="no", witness_name="", witness_signature="", signed_name="")
    assert imported.consent_answers.get().answer == "no"
    assert Event.objects.get(action="consent.answer").actor == Event.objects.get(action="assist.began").actor


def test_the_device_shows_nothing_but_the_one_module_until_the_password_is_said(imported, as_staff):
    client = as_staff("site_staff")
    begin(client, imported)
    elsewhere = (
        "/staff/",
        f"/staff/people/{imported.uuid}/",
        "/staff/people/",
        "/home/",
        "/consent/ehr/1/",
        "/consents/",
        "/staff/papers/",
    )
    for path in elsewhere:
        assert client.get(path).url == "/staff/together/", path
    text = read(client)
    sign(client, text)
    assert client.get("/consent/primary/1/").url == "/staff/together/"  # over: nobody else goes on in this session
    assert "not the password" in client.post("/staff/together/", {"password": "wrong wrong wrong"}).content.decode()
    assert client.get("/staff/people/").url == "/staff/together/"
    answer = client.post("/staff/together/", {"password": "seven quiet herons"})
    assert answer.url == f"/staff/people/{imported.uuid}/"
    assert client.get("/staff/people/").status_code == 200


def test_too_many_wrong_passwords_log_out(imported, as_staff):
    client = as_staff("site_staff")
    begin(client, imported)
    for _ in range(5):
        answer = client.post("/staff/together/", {"password": "wrong wrong wrong"})
    assert "login" in answer.url and "login" in client.get("/staff/people/").url


def test_what_one_person_read_counts_for_nobody_else(imported, as_staff, person):
    client, other = as_staff("site_staff"), person("profile")
    begin(client, imported)
    read(client)
    client.post("/staff/together/", {"password": "seven quiet herons"})
    begin(client, other)
    assert client.get("/consent/primary/sign/").url == "/consent/primary/1/"


def test_the_session_ends_by_itself_after_an_hour(imported, as_staff, monkeypatch):
    from commonweal.vault.staff import together

    client = as_staff("site_staff")
    monkeypatch.setattr(together, "LASTS", timedelta(seconds=-1))
    begin(client, imported)
    assert client.get("/consent/primary/1/").url == "/staff/together/"


def test_only_for_people_of_ones_own_site_and_by_those_who_may(imported, as_staff, sites, as_person, person):
    for client in (as_staff("site_staff", sites[1]),):
        assert begin(client, imported).status_code == 404
        assert "together" not in client.session
    assert begin(as_staff("steward"), imported).status_code == 403
    assert begin(as_person(person("profile")), imported).status_code == 403


def test_a_text_that_was_superseded_meanwhile_is_read_again(imported, as_staff):
    client = as_staff("site_staff")
    begin(client, imported)
    text = read(client)
    answer = sign(client, text._replace(sha256="0" * 64))
    assert answer.status_code == 302 and answer.url == "/consent/primary/1/"
    assert not ConsentAnswer.objects.exists()
