"""What staff see and write down beside the person's own pages: signed copies, custody; and what ends by itself is told."""

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from commonweal.vault.consent import actions as consent
from commonweal.vault.consent.grants import scopes_in_force
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.messages.models import Message
from commonweal.vault.messages.reminders import endings
from tests.integration.portal.conftest import say

pytestmark = pytest.mark.django_db(transaction=True)


def copy_of(one, module="primary"):
    return one.consent_answers.get(module=module).document


def test_staff_read_the_signed_copy_of_their_people_and_the_person_sees_that(person, as_staff, as_person, sites):
    one, other = person(site=sites[0]), person(email="o@example.org", site=sites[-1])
    client = as_staff("site_staff", sites[0])
    answer = client.get(reverse("staff_consent_copy", args=[one.uuid, copy_of(one).uuid]))
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert "They opened a document of yours" in as_person(one).get(reverse("seen")).content.decode()
    for who, document in ((other, copy_of(other)), (one, copy_of(other)), (other, copy_of(one))):
        assert client.get(reverse("staff_consent_copy", args=[who.uuid, document.uuid])).status_code == 404


def test_of_who_left_no_copy_is_given_after_two_days(person, as_staff):
    one = person()
    consent.withdraw(one, source="test", authored=timezone.now() - timedelta(hours=49))
    address = reverse("staff_consent_copy", args=[one.uuid, copy_of(one).uuid])
    assert as_staff("site_staff").get(address).status_code == 404


def test_staff_write_down_custody_and_its_end(person, as_staff):
    one, client = person(), as_staff("site_staff")
    address = reverse("staff_custody", args=[one.uuid])
    assert client.get(address).status_code == 200
    assert client.post(address, {"to": "held", "since": ""})["Location"] == reverse("staff_person", args=[one.uuid])
    now = timezone.now()
    assert "measurements" not in scopes_in_force(one, now, now, new_data=True)
    assert "measurements" in scopes_in_force(one, now, now)
    again = client.post(address, {"to": "held", "since": ""})  # another window that still shows the old state
    assert "changed meanwhile" in again.content.decode()
    client.post(address, {"to": "free", "since": ""})
    now = timezone.now()
    assert "measurements" in scopes_in_force(one, now, now, new_data=True)
    assert [fact.source for fact in one.custodies.all()] == ["staff", "staff"]
    assert b"still to come" in client.post(address, {"to": "held", "since": "2099-01-01"}).content


def until(one, days):
    """The health-record answer of `one` ends in so many days (as in a state that sets an end)."""
    end = timezone.now() + timedelta(days=days)
    QuerySet(ConsentAnswer).filter(participant=one, module="ehr").update(expires_at=end)


@pytest.mark.parametrize(("days", "told"), [(29, 1), (31, 0), (-1, 0)])
def test_a_permission_that_ends_within_a_month_is_told_once(person, days, told):
    one = person()
    until(one, days)
    assert endings(timezone.now()) == told
    assert endings(timezone.now()) == 0
    inbox = Message.objects.filter(participant=one, template="consent_ending", channel=Message.INBOX)
    assert inbox.count() == told
    assert all("health records" in message.body for message in inbox)


def test_who_answered_again_or_left_is_not_told(person, protocol):
    one, two = person(), person(email="two@example.org")
    until(one, 10)
    until(two, 10)
    say(one, "ehr", "no", protocol)
    consent.withdraw(two, source="test")
    endings(timezone.now())
    sent = Message.objects.filter(template="consent_ending").exclude(state=Message.HELD)
    assert not sent.exists()
