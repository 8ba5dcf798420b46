"""Entries of an event without a network arrive once, whatever happened to the line."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from commonweal.audit.models import Event
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.support import offline
from commonweal.vault.support.models import HelpRequest, OfflineEntry

pytestmark = pytest.mark.django_db
NOTED = "2026-10-31T09:30:00-05:00"
ANN = {"given_name": "Ann", "family_name": "", "phone": "312-555-0142", "language": "es", "call_back": "on"}


def entry(kind="interest", key=None, noted=NOTED, **document):
    return {"key": str(key or uuid4()), "kind": kind, "noted_at": noted, "document": document or ANN}


@pytest.fixture
def sender():
    account = Account.objects.create_user("staff@example.org", "seven quiet herons")
    return offline.Sender(account, "north", lambda exact: Participant.objects.filter(participant_id=exact).first())


def outcomes(*entries, sender):
    return [(one.outcome, one.why) for one in offline.receive(entries, sender)]


def test_an_interest_becomes_a_request_that_staff_of_the_site_answer(sender):
    assert outcomes(entry(**ANN, code="FAIR26", email="ann@example.org"), sender=sender) == [("accepted", "")]
    made = HelpRequest.objects.get()
    assert (made.channel, made.topic, made.site, made.language, made.call_back) == (
        "event",
        "joining",
        "north",
        "es",
        True,
    )
    assert (made.contact_name, made.contact) == ("Ann", "312-555-0142")
    assert "FAIR26" in made.text and "ann@example.org" in made.text
    assert made.made_at == datetime(2026, 10, 31, 14, 30, tzinfo=UTC)
    kept = OfflineEntry.objects.get()
    assert (kept.kind, kept.outcome, kept.sent_by) == ("interest", "accepted", sender.account)


def test_the_same_entry_twice_is_unchanged(sender):
    one = entry()
    assert outcomes(one, one, sender=sender) == [("accepted", ""), ("unchanged", "")]
    assert HelpRequest.objects.count() == 1


def test_a_key_with_other_words_is_rejected_and_the_first_stays(sender):
    one = entry()
    outcomes(one, sender=sender)
    ((outcome, why),) = outcomes(one | {"document": ANN | {"given_name": "Eva"}}, sender=sender)
    assert outcome == "rejected" and "sent before" in why
    assert HelpRequest.objects.get().contact_name == "Ann"


def test_a_rejected_entry_comes_again_corrected_and_holds_up_no_other(sender):
    wrong = entry(given_name="Ann", language="en")
    told = outcomes(wrong, entry(), sender=sender)
    assert [outcome for outcome, _ in told] == ["rejected", "accepted"] and "phone number" in told[0][1]
    right = wrong | {"document": wrong["document"] | {"phone": "312-555-0199"}}
    assert outcomes(right, sender=sender) == [("accepted", "")]
    assert HelpRequest.objects.count() == 2


def test_somebody_who_needs_help(sender):
    document = {"contact_name": "José", "contact": "jose@example.org", "language": "es", "text": "¿Dónde está?"}
    assert outcomes(entry("help", **document), sender=sender) == [("accepted", "")]
    assert HelpRequest.objects.get().text == "¿Dónde está?"


@pytest.mark.parametrize("broken", [
    "x", 7, None, {}, {"key": "no-uuid"}, entry("other"), entry(noted="yesterday"), entry(noted="2026-10-31T09:30:00"),
    entry() | {"kind": ["help"]}, entry(noted="0001-01-01T00:00:00+14:00"), entry() | {"key": 7},
    entry() | {"document": "x"}, entry() | {"document": {"given_name": "x" * 201, "phone": "1", "language": "en"}},
    entry() | {"document": ANN | {"language": "xx"}}, entry() | {"document": {"given_name": {"a": 1}}},
])  # fmt: skip
def test_what_cannot_be_taken_is_rejected_with_a_reason(broken, sender):
    ((outcome, why),) = outcomes(broken, sender=sender)
    assert outcome == "rejected" and why
    assert not HelpRequest.objects.exists()


def test_a_fast_clock_of_the_device_moves_nothing_into_the_future(sender):
    ahead = (timezone.now() + timedelta(days=2)).isoformat()
    outcomes(entry(noted=ahead), sender=sender)
    kept = OfflineEntry.objects.get()
    assert kept.noted_at <= timezone.now()


def test_the_audit_says_how_many_and_names_nobody(sender):
    outcomes(entry(), entry(given_name="x", language="en"), sender=sender)
    said = Event.objects.get(action="support.event-sent")
    assert "north" in str(said.details) and "Ann" not in str(said.details)
    assert not [one for one in Event.objects.all() if "312-555" in str(one.details)]


INCENTIVE = {
    "participant_id": "p123456789", "incentive_type": "giftcard", "giftcard_type": "grocery", "amount": "25.50",
    "occurrence": "visit", "date_given": "2026-10-31",
}  # fmt: skip


def test_an_incentive_is_written_down_once_for_the_participant_with_that_exact_id(sender):
    person = Participant.objects.create(
        participant_id="P123456789", biobank_id="A1", origin="import", registered_at=timezone.now()
    )
    one = entry("incentive", **INCENTIVE)
    assert outcomes(one, one, sender=sender) == [("accepted", ""), ("unchanged", "")]
    given = person.incentives.get()
    assert (given.amount_cents, given.site, given.date_given) == (2550, "north", date(2026, 10, 31))


@pytest.mark.parametrize("change, says", [
    ({}, "nobody"), ({"date_given": "2999-01-01"}, "still to come"), ({"amount": "5000"}, "Amount"),
    ({"giftcard_type": ""}, "which gift card"), ({"participant_id": "P12"}, "Participant id"),
])  # fmt: skip
def test_an_incentive_that_cannot_be_taken_says_why_and_as_if_nobody_were_there(change, says, sender):
    ((outcome, why),) = outcomes(entry("incentive", **(INCENTIVE | change)), sender=sender)
    assert outcome == "rejected" and says in why and "P123456789" not in why
