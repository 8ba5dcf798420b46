"""Helpers and guardians: what they can do, what they never can, and that it is all written down."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.urls import get_resolver, reverse
from django.utils import timezone

from commonweal.audit import opaque
from commonweal.audit.models import Event
from commonweal.errors import BadInput, Refused
from commonweal.ui import context
from commonweal.ui.policies import policy_of
from commonweal.vault.people import helping
from commonweal.vault.people.models import AccountLink

pytestmark = pytest.mark.django_db(transaction=True)

ABOUT = {
    "given_name": "Inés",
    "family_name": "Rivera",
    "birth_day": "27",
    "birth_month": "8",
    "birth_year": "1961",
    "sex_at_birth": "female",
    "address_line": "1450 W Harrison St",
    "city": "Evanston",
    "state": "IL",
    "zip": "60607",
}


@pytest.fixture
def pair(person, as_person):
    """(the participant, their client, the helper's participant, the helper's client), linked."""
    one, other = person(), person("account", email="helper@example.org")
    _, code = helping.invite(one, "helper", "daughter")
    client = as_person(other)
    client.post(reverse("help_others"), {"code": code.lower()})
    return one, as_person(one), other, client


def begin(client):
    link = AccountLink.objects.get(ended_at__isnull=True)
    return client.post(reverse("help_begin", args=[link.uuid]))


def guardian_of(one, other, as_person):
    """The browser of the guardian `other`, who begins to act for `one`."""
    _, code = helping.invite(one, "guardian", "mother")
    client = as_person(other)
    client.post(reverse("help_others"), {"code": code})
    begin(client)
    return client


@pytest.fixture
def with_guardians(monkeypatch, protocol):
    accounts = protocol.program.accounts.model_copy(update={"guardians": True})
    program = protocol.program.model_copy(update={"accounts": accounts})
    changed = replace(protocol, program=program)
    monkeypatch.setattr(context.protocol, "load", lambda path: changed)
    return changed


def test_the_code_is_shown_once_and_only_its_digest_is_kept(person, as_person):
    client = as_person(person())
    page = client.post(reverse("helpers"), {"kind": "helper", "relationship": "daughter"}).content.decode()
    code = re.search(r"<strong>([A-Z2-9]{5}-[A-Z2-9]{5})</strong>", page)[1]
    assert code not in client.get(reverse("helpers")).content.decode()
    assert AccountLink.objects.get().code_digest == helping.digest(code)
    assert code.replace("-", "") not in str(AccountLink.objects.values())


def test_a_helper_fills_in_pages_under_their_own_account(pair, sites):
    one, _, other, client = pair
    assert begin(client)["Location"] == reverse("home")
    page = client.get(reverse("home")).content.decode()
    assert "You are helping Inés" in page
    assert client.post(reverse("about_you"), ABOUT | {"site": sites[0]}).status_code == 302
    assert one.profiles.order_by("id").last().city == "Evanston"
    assert not other.profiles.exists()
    actor, subject = opaque.name(other.account), opaque.name(one)
    assert Event.objects.filter(action="people.profile", actor=actor, subject=subject).count() == 1
    assert Event.objects.filter(action="helper.did", actor=actor, subject=subject).exists()


def test_what_a_helper_changes_keeps_the_participants_address_and_language(pair, sites):
    one, _, _, client = pair
    begin(client)
    client.cookies["portal_language"] = "es"
    client.post(reverse("about_you"), ABOUT | {"site": sites[0]})
    kept = one.profiles.order_by("id").last()
    assert (kept.email, kept.language) == ("ines@example.org", "en")


def test_a_helper_stops_and_is_on_their_own_pages_again(pair):
    _, _, _, client = pair
    begin(client)
    client.post(reverse("help_stop"))
    page = client.get(reverse("home")).content.decode()
    assert "You are helping" not in page
    assert "People whom you help" in page


def participant_pages(resolver=None):
    for entry in (resolver or get_resolver()).url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from participant_pages(entry)
        elif policy_of(entry.callback) == "participant":
            yield entry


VALUES = {"IntConverter": 1, "UUIDConverter": "00000000-0000-0000-0000-000000000001"}
WORDS = {"module": "primary", "code": "TheBasics"}


def address(entry):
    wanted = entry.pattern.converters
    return reverse(
        entry.name,
        kwargs={name: VALUES.get(type(kind).__name__) or WORDS.get(name, "x") for name, kind in wanted.items()},
    )


def test_every_page_that_is_not_named_is_closed_to_helpers(pair):
    """Also a page that is added later: it is closed until it is named."""
    _, _, _, client = pair
    begin(client)
    closed = [entry for entry in participant_pages() if entry.name not in helping.OPEN_TO_HELPERS]
    assert {"withdraw", "data", "data_download", "consent_sign", "consent_check", "invite"} <= {e.name for e in closed}
    for entry in closed:
        for answer in (client.get(address(entry)), client.post(address(entry), {"sure": "on"})):
            assert (answer.status_code, answer["Location"]) == (302, reverse("home")), entry.name


def test_a_helper_signs_nothing_and_withdraws_nobody(pair, protocol):
    one, _, _, client = pair
    begin(client)
    before = one.consent_answers.count()
    text = protocol.consents["ehr"].current.texts["en"]
    client.post(reverse("consent_sign", args=["ehr"]), {"answer": "no", "content_sha256": text.sha256})
    client.post(reverse("withdraw"), {"sure": "on"})
    assert one.consent_answers.count() == before
    assert not one.withdrawals.exists()


def test_a_helper_sees_no_health_records_or_data(pair):
    _, _, _, client = pair
    begin(client)
    page = client.get(reverse("data"), follow=True).content.decode()
    assert "only they can open it" in page


def test_either_side_ends_it_at_once(pair, sites):
    one, owner, _, client = pair
    begin(client)
    link = AccountLink.objects.get()
    owner.post(reverse("helper_end", args=[link.uuid]))
    assert "You are helping" not in client.get(reverse("home")).content.decode()
    client.post(reverse("about_you"), ABOUT | {"site": sites[0]})
    assert one.profiles.count() == 1
    assert client.post(reverse("help_begin", args=[link.uuid])).status_code == 404


def test_the_helper_may_end_it(pair):
    _, _, _, client = pair
    link = AccountLink.objects.get()
    client.post(reverse("help_leave", args=[link.uuid]))
    assert AccountLink.objects.get().ended_at is not None


def test_nobody_else_may_use_or_end_a_link(pair, person, as_person):
    link = AccountLink.objects.get()
    stranger = as_person(person(email="stranger@example.org"))
    for name in ("help_begin", "help_leave", "helper_end"):
        assert stranger.post(reverse(name, args=[link.uuid])).status_code == 404
    assert AccountLink.objects.get().ended_at is None


def test_a_code_works_once_for_seven_days_and_not_for_oneself(person, as_person):
    one, other = person(), person("account", email="helper@example.org")
    link, code = helping.invite(one, "helper")
    with pytest.raises(Refused):
        helping.accept(one.account, code)
    AccountLink.objects.filter(pk=link.pk).update(code_until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused):
        helping.accept(other.account, code)
    _, first = helping.invite(one, "helper")
    _, code = helping.invite(one, "helper")
    with pytest.raises(Refused):
        helping.accept(other.account, first)  # a newer code makes the older one void
    helping.accept(other.account, code)
    with pytest.raises(Refused):
        helping.accept(person("account", email="third@example.org").account, code)


def test_codes_of_helpers_cannot_be_tried_one_after_the_other(person, as_person):
    cache.clear()
    one, other = person(), person("account", email="helper@example.org")
    _, code = helping.invite(one, "helper")
    client = as_person(other)
    pages = {client.post(reverse("help_others"), {"code": "AAAAABBBBB"}).content.decode() for _ in range(10)}
    assert all("This code is not open" in page for page in pages)
    assert "This code is not open" in client.post(reverse("help_others"), {"code": code}).content.decode()
    assert not AccountLink.objects.filter(started_at__isnull=False).exists()


def test_there_are_no_guardians_unless_the_program_has_them(person):
    with pytest.raises(BadInput):
        helping.invite(person(), "guardian")


def test_a_program_that_ends_helping_offers_it_to_nobody(pair, monkeypatch):
    _, _, _, client = pair
    assert "People whom you help" in client.get(reverse("home")).content.decode()
    monkeypatch.setattr(helping, "kinds", tuple)
    for page in ("home", "help_others"):
        assert "People whom you help" not in client.get(reverse(page)).content.decode()
    assert begin(client).status_code == 404


def test_a_program_without_helpers_has_no_such_page(person, as_person, monkeypatch):
    monkeypatch.setattr(helping, "kinds", tuple)
    assert as_person(person()).get(reverse("helpers")).status_code == 404


def test_a_guardian_may_open_the_page_that_is_signed(with_guardians, person, as_person):
    one, other = person("profile"), person("account", email="guardian@example.org")
    client = guardian_of(one, other, as_person)
    answer = client.get(reverse("consent_sign", args=["primary"]))
    assert answer["Location"] != reverse("home")  # to what is still to be read
    assert client.get(reverse("withdraw"))["Location"] == reverse("home")


def test_five_helpers_are_enough(person):
    one = person()
    for number in range(helping.MOST):
        account = person("account", email=f"h{number}@example.org").account
        _, code = helping.invite(one, "helper")
        helping.accept(account, code)
    with pytest.raises(Refused):
        helping.invite(one, "helper")


def test_two_who_help_each_other_stay_apart(person, as_person):
    one, other = person(), person(email="b@example.org", given_name="Bea")
    for owner, helper in ((one, other), (other, one)):
        _, code = helping.invite(owner, "helper")
        helping.accept(helper.account, code)
    client = as_person(one)
    link = AccountLink.objects.get(participant=other)
    client.post(reverse("help_begin", args=[link.uuid]))
    assert "Hello, Bea" in client.get(reverse("home")).content.decode()
    theirs = AccountLink.objects.get(participant=one)
    assert client.post(reverse("help_begin", args=[theirs.uuid])).status_code == 404


def test_a_guardian_signs_with_a_name_of_their_own_and_who_draws_says_it_too(with_guardians, person, as_person):
    one, other = person("profile"), person("account", email="guardian@example.org")
    client = guardian_of(one, other, as_person)
    text = with_guardians.consents["primary"].current.texts["en"]
    for number in range(1, len(text.screens) + 1):
        client.get(reverse("consent_screen", args=["primary", number]))
    client.post(reverse("consent_check", args=["primary"]), {q.id: q.correct for q in text.questions})
    told = {"answer": "yes", "content_sha256": text.sha256, "drawing": "M10 20L200 30.5L400 180"}
    page = client.post(reverse("consent_sign", args=["primary"]), told).content.decode()
    assert "please type your full name" in page and not one.consent_answers.exists()
    page = client.post(reverse("consent_sign", args=["primary"]), told | {"signed_name": "x" * 401}).content.decode()
    assert "at most 400 characters" in page and not one.consent_answers.exists()
    client.post(reverse("consent_sign", args=["primary"]), told | {"signed_name": "Marta Rivera"})
    hand = one.consent_answers.get().signature
    assert (hand.guardian_name, hand.guardian_relationship, hand.kind) == ("Marta Rivera", "mother", "drawn")
    done = Event.objects.get(action="consent.answer")
    assert done.actor == opaque.name(other.account) and done.subject == opaque.name(one)
