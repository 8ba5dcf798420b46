"""Invitation codes and links: remembered once, never a way to find out who is in the program."""

import re
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from commonweal.errors import BadInput
from commonweal.vault.people import actions, invitations
from commonweal.vault.people.models import Account, Arrival, Invitation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def maker(transactional_db):
    return Account.objects.create_user("maker@example.org", "seven quiet herons")


@pytest.fixture
def make(maker, protocol, sites):
    def one(**changes):
        return invitations.make(
            **({"kind": "event", "label": "Health fair", "protocol": protocol, "by": maker, "site": sites[1]} | changes)
        )

    return one


def joined(client, email="new@example.org"):
    """Whoever has this session gets an account and comes to the first question."""
    account = Account.objects.create_user(email, "seven quiet herons")
    person = actions.register(account, language="en")
    kept = dict(client.session)
    client.force_login(account, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session.update({key: value for key, value in kept.items() if key == invitations.IN_SESSION})
    session.save()
    client.get(reverse("eligibility"))
    return person


def test_a_link_is_remembered_through_sign_up_and_suggests_its_site(make, sites):
    client = Client()
    made = make()
    assert client.get(reverse("invitation", args=[made.code.lower()]))["Location"] == reverse("join")
    person = joined(client)
    assert person.arrivals.get().invitation == made
    answers = {"adult": "yes", "lives_in_us": "yes", "decides_alone": "yes", "in_custody": "no"}
    client.post(reverse("eligibility"), answers)
    page = client.get(reverse("about_you")).content.decode()
    assert re.search(rf'value="{sites[1]}"[^>]*(checked|selected)', page)


def test_a_code_may_be_typed_as_one_likes(make):
    client, made = Client(), make()
    client.post(reverse("invitation_code"), {"code": f" {made.code[:4].lower()}-{made.code[4:]} "})
    assert client.session["invitation"] == made.code


def test_arrival_is_written_once(make):
    client = Client()
    first, second = make(), make(label="Another")
    client.get(reverse("invitation", args=[first.code]))
    person = joined(client)
    session = client.session
    session["invitation"] = second.code
    session.save()
    client.get(reverse("next"))
    assert [arrival.invitation for arrival in person.arrivals.all()] == [first]


@pytest.mark.parametrize("code", ["ABCD2345", "nothing", "A" * 60, "%27--"])
def test_an_unknown_code_leads_kindly_on(code):
    answer = Client().get(f"/i/{code}/", follow=True)
    if answer.redirect_chain:
        assert answer.redirect_chain[-1][0] == reverse("join")
        assert "You can join all the same" in answer.content.decode()
    else:
        assert answer.status_code == 404  # no code at all, by its letters


def test_a_closed_and_an_unknown_code_are_answered_alike(make):
    made = make(closes_at=timezone.now() + timedelta(days=1))
    Invitation.objects.filter(pk=made.pk).update(closes_at=timezone.now() - timedelta(seconds=1))
    answers = [Client().get(reverse("invitation", args=[code]), follow=True) for code in (made.code, "ABCD2345")]
    pages = [answer.content.decode().split("<main")[1].split("csrfmiddlewaretoken")[0] for answer in answers]
    assert pages[0] == pages[1]
    assert not any("invitation" in answer.client.session for answer in answers)


def test_codes_cannot_be_tried_one_after_the_other(make):
    cache.clear()
    made, client = make(), Client()
    for number in range(20):
        client.get(reverse("invitation", args=[f"ABCD{2222 + number}"]))
    client.get(reverse("invitation", args=[made.code]))
    assert "invitation" not in client.session
    cache.clear()
    client.get(reverse("invitation", args=[made.code]))
    assert client.session["invitation"] == made.code


def test_all_who_come_from_one_address_by_one_code_are_remembered(make):
    cache.clear()
    made = make()
    for number in range(30):
        client = Client()
        client.get(reverse("invitation", args=[made.code]))
        assert client.session.get("invitation") == made.code, number


def test_wrong_codes_are_forgotten_after_ten_minutes_whatever_came_since(make, monkeypatch):
    cache.clear()
    made, client, now = make(), Client(), time.time()
    for number in range(30):  # one each minute: never more than ten within ten minutes
        monkeypatch.setattr(time, "time", lambda number=number: now + 60 * number)
        client.get(reverse("invitation", args=[f"ABCD{2222 + number}"]))
    client.get(reverse("invitation", args=[made.code]))
    assert client.session["invitation"] == made.code


def test_who_has_come_already_comes_by_no_invitation(make, person, as_person):
    one = person("eligible")
    client = as_person(one)
    assert client.get(reverse("invitation", args=[make().code]))["Location"] == reverse("next")
    session = client.session
    session["invitation"] = make().code
    session.save()
    client.get(reverse("next"))
    assert not Arrival.objects.exists()


def test_nobody_arrives_by_their_own_link(person, as_person):
    one = person("account")
    client = as_person(one)
    session = client.session
    session["invitation"] = invitations.own(one).code
    session.save()
    client.get(reverse("next"))
    assert not Arrival.objects.exists()


def test_a_participant_has_one_link_and_never_learns_of_one_friend(person, as_person):
    one = person()
    client = as_person(one)
    before = client.get(reverse("invite")).content.decode()
    mine = Invitation.objects.get()
    assert f"/i/{mine.code}/" in before
    assert "data:image/svg+xml" in before
    friend = Client()
    friend.get(reverse("invitation", args=[mine.code]))
    joined(friend)
    after = client.get(reverse("invite")).content.decode()
    assert Arrival.objects.count() == 1
    pages = [page.split("<main")[1].split("</main>")[0] for page in (before, after)]
    assert pages[0] == pages[1]  # one who joined changes nothing on the page
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "referral"},
        {"label": " "},
        {"site": "nowhere"},
        {"site": ""},
        {"awardee": "great-lakes"},
        {"closes_at": timezone.now() - timedelta(days=1)},
    ],
)
def test_an_invitation_that_cannot_be_is_refused(make, wrong):
    with pytest.raises(BadInput):
        make(**wrong)
    assert not Invitation.objects.exists()


# --- staff


def test_staff_make_invitations_for_their_own_site_alone(as_staff, sites):
    client = as_staff("site_staff", sites[0])
    address = reverse("staff_invitations")
    posted = {"kind": "event", "label": "Health fair", "place": f"site:{sites[0]}", "last_day": ""}
    assert client.post(address, posted)["Location"] == address
    made = Invitation.objects.get()
    assert (made.site, made.made_by.email) == (sites[0], f"site_staff{sites[0]}@example.org")
    assert made.code[:4] in client.get(address).content.decode()
    page = client.post(address, posted | {"place": f"site:{sites[1]}"}).content.decode()
    assert "Select a valid choice" in page
    page = client.post(address, posted | {"last_day": "2020-01-01"}).content.decode()
    assert "This day is over" in page
    assert Invitation.objects.count() == 1


def test_staff_see_only_their_own_invitations_and_no_small_number(as_staff, make, sites):
    mine, other = make(site=sites[0], label="=Mine"), make(site=sites[1], label="Theirs")
    for number in range(3):
        client = Client()
        client.get(reverse("invitation", args=[mine.code]))
        joined(client, f"p{number}@example.org")
    client = as_staff("site_staff", sites[0])
    page = client.get(reverse("staff_invitations")).content.decode()
    assert "20 or fewer" in page
    assert other.code[:4] not in page
    lines = client.get(reverse("staff_invitations_csv")).content.decode().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("'=Mine,event,")
    assert lines[1].endswith(",,0")
