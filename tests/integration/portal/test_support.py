"""The help desk and incentives: asking, answering, two of the staff at once, and what a person is told."""

import re
import uuid
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from commonweal.audit.models import Event
from commonweal.errors import BadInput, Refused
from commonweal.vault.messages.models import Message
from commonweal.vault.people.models import Account
from commonweal.vault.support import help_desk, pace
from commonweal.vault.support.help_desk import Asked
from commonweal.vault.support.incentives import Given, cancel_incentive, record_incentive, standing, totals
from commonweal.vault.support.models import HelpRequest, Incentive

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {"topic": "visit", "text": "I cannot find the building.", "phone": "", "call_back_when": ""}


def ask_for(person, **more):
    return help_desk.ask(Asked(**{"topic": "visit", "text": "Where is it?"} | more), person, language="en")


def page(client, name, *arguments, **query):
    answer = client.get(reverse(name, args=arguments), query)
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def move(client, asked, what, text="", version=None):
    asked.refresh_from_db()
    said = {"move": what, "text": text, "version": asked.version if version is None else version}
    return client.post(reverse("help_move", args=[asked.uuid]), said)


# --- asking


def test_a_participant_asks_and_reads_the_answer(person, as_person, as_staff):
    one = person()
    client, staff = as_person(one), as_staff("site_staff")
    assert client.post(reverse("help"), WORDS).status_code == 302
    asked = HelpRequest.objects.get()
    assert (asked.participant, asked.site, asked.state) == (one, "lakeshore-chicago", "open")
    assert "I cannot find the building." in page(staff, "help_request", asked.uuid)
    assert move(staff, asked, "note", "Rang twice.").status_code == 302
    assert move(staff, asked, "answer", "Take the blue stairs.").status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.assigned_to) == ("waiting", staff.account)
    said = page(client, "my_help_request", asked.uuid)
    assert "Take the blue stairs." in said and "Rang twice." not in said
    assert staff.account.email not in said
    message = Message.objects.get(template="help_answered", channel="inbox")
    assert message.participant == one and message.link == reverse("my_help_request", args=[asked.uuid])
    assert "blue stairs" not in message.body
    assert "answered" in page(client, "my_help")


def test_writing_again_opens_a_closed_request(person, as_person, as_staff):
    one = person()
    asked, staff = ask_for(one), as_staff("site_staff")
    move(staff, asked, "close")
    asked.refresh_from_db()
    assert asked.state == "closed" and asked.closed_at
    as_person(one).post(reverse("my_help_request", args=[asked.uuid]), {"text": "It is still locked."})
    asked.refresh_from_db()
    assert (asked.state, asked.closed_at) == ("open", None)
    assert "It is still locked." in page(staff, "help_request", asked.uuid)


def test_somebody_elses_request_is_not_found(person, as_person):
    asked = ask_for(person())
    other = as_person(person(email="b@example.org"))
    assert other.get(reverse("my_help_request", args=[asked.uuid])).status_code == 404
    assert other.post(reverse("my_help_request", args=[asked.uuid]), {"text": "x"}).status_code == 404


def test_who_is_not_logged_in_gets_the_same_answer_whether_an_account_exists_or_not(person):
    person(email="known@example.org")
    answers = []
    for address in ("known@example.org", "nobody@example.org"):
        answer = Client().post(reverse("help"), WORDS | {"name": "Ana", "email": address}, follow=True)
        answers.append((answer.redirect_chain, re.sub(r'value="\w{64}"', "", answer.content.decode())))
    assert answers[0] == answers[1]
    assert list(HelpRequest.objects.values_list("participant", flat=True)) == [None, None]


def test_a_visitors_request_is_for_operators_alone(person, as_staff):
    Client().post(reverse("help"), WORDS | {"name": "Ana Lí", "email": "ana@example.org"})
    asked = HelpRequest.objects.get()
    assert "Ana Lí" in page(as_staff("operator"), "help_request", asked.uuid)
    client = as_staff("site_staff")
    assert client.get(reverse("help_request", args=[asked.uuid])).status_code == 404
    assert "No request here" in page(client, "help_desk")


def test_what_a_visitor_asked_at_an_event_is_for_the_staff_of_its_site(as_staff, sites):
    own, other = as_staff("site_staff", sites[0]), as_staff("site_staff", sites[3])
    document = {"given_name": "Ana", "phone": "312-555-0142", "language": "es"}
    entry = {"key": str(uuid.uuid4()), "kind": "interest", "noted_at": "2026-10-31T09:30:00-05:00"}
    sending = {"site": sites[0], "entries": [entry | {"document": document}]}
    answer = own.post(reverse("event_send"), sending, content_type="application/json")
    assert answer.json()["outcomes"][0]["outcome"] == "accepted"
    asked = HelpRequest.objects.get()
    assert "312-555-0142" in page(own, "help_request", asked.uuid)
    assert str(asked.uuid) in page(own, "help_desk")
    assert other.get(reverse("help_request", args=[asked.uuid])).status_code == 404
    assert str(asked.uuid) not in page(other, "help_desk")


def test_a_visitor_cannot_be_answered_here_and_the_request_stays_to_be_done(as_staff):
    asked, client = ask_for(None, contact="312-555-0142"), as_staff("operator")
    assert move(client, asked, "answer", "Do come.").status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.notes.count()) == ("open", 0)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": ""}, "text"),
        ({"topic": "astrology"}, "topic"),
        ({"text": "x" * 4001}, "text"),
        ({"call_back": "on", "phone": ""}, "phone"),
        ({"email": "", "phone": ""}, "email"),
        ({"email": "not an address"}, "email"),
    ],
)
def test_a_bad_request_is_told_at_the_field_and_nothing_is_lost(transactional_db, wrong, field):
    said = WORDS | {"name": "Ana", "email": "ana@example.org"} | wrong
    answer = Client().post(reverse("help"), said)
    assert answer.status_code == 200
    assert f"#id_{field}" in answer.content.decode()
    assert "Ana" in answer.content.decode()
    assert not HelpRequest.objects.exists()


def test_a_form_open_to_everybody_takes_so_many_an_hour_and_keeps_what_was_typed(transactional_db, monkeypatch):
    monkeypatch.setattr(pace, "AN_HOUR", 2)
    monkeypatch.setattr(pace.too_often, "__defaults__", (2,))
    said = WORDS | {"email": "ana@example.org"}
    codes = [Client().post(reverse("help"), said).status_code for _ in range(3)]
    assert codes == [302, 302, 429]
    last = Client().post(reverse("help"), said)
    assert "I cannot find the building." in last.content.decode()
    assert HelpRequest.objects.count() == 2


def test_markup_in_a_request_stays_words(person, as_staff):
    asked = ask_for(person(), text="<script>alert(1)</script>")
    said = page(as_staff("site_staff"), "help_request", asked.uuid)
    assert "<script>alert" not in said and "&lt;script&gt;alert" in said


# --- the desk


def test_the_desk_shows_requests_of_ones_own_people_by_state_and_number(person, as_staff, sites):
    mine, other = ask_for(person(site=sites[0])), ask_for(person(email="b@example.org", site=sites[3]))
    client = as_staff("site_staff", sites[0])
    said = page(client, "help_desk")
    assert str(mine.uuid) in said and str(other.uuid) not in said
    assert str(mine.uuid) in page(client, "help_desk", number=mine.pk)
    for number in (other.pk, 0, "x", "9" * 30):
        assert "No request here" in page(client, "help_desk", number=number)
    assert str(mine.uuid) not in page(client, "help_desk", state="closed")
    move(client, mine, "assign")
    assert str(mine.uuid) in page(client, "help_desk", state="mine")
    assert client.get(reverse("help_request", args=[other.uuid])).status_code == 404
    assert move(client, other, "close").status_code == 404


def test_a_request_follows_the_person_to_their_new_site(person, as_staff, sites):
    from commonweal.vault.people.actions import pair

    one = person(site=sites[0])
    asked = ask_for(one)
    pair(one, sites[3], source="test")
    assert as_staff("site_staff", sites[0]).get(reverse("help_request", args=[asked.uuid])).status_code == 404
    assert as_staff("site_staff", sites[3]).get(reverse("help_request", args=[asked.uuid])).status_code == 200


def test_two_of_the_staff_answer_one_request_and_nothing_is_lost(person, as_staff):
    asked, first, second = ask_for(person()), as_staff("site_staff"), as_staff("operator")
    assert move(first, asked, "answer", "Take the stairs.", version=1).status_code == 302
    late = move(second, asked, "answer", "Take the lift.", version=1)
    said = late.content.decode()
    assert late.status_code == 409
    assert "Somebody else worked on this meanwhile" in said
    assert "Take the stairs." in said and "Take the lift." in said
    assert asked.notes.count() == 1
    version = int(re.search(r'name="version" value="(\d+)"', said)[1])
    assert move(second, asked, "answer", "Take the lift.", version=version).status_code == 302
    assert asked.notes.count() == 2


def test_a_move_that_is_not_possible_changes_nothing(person, as_staff):
    asked, client = ask_for(person()), as_staff("site_staff")
    move(client, asked, "close")
    answer = client.post(
        reverse("help_move", args=[asked.uuid]), {"move": "answer", "text": "x", "version": 2}, follow=True
    )
    assert "this was not done" in answer.content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.notes.count()) == ("closed", 0)
    assert move(client, asked, "explode").status_code == 200
    assert move(client, asked, "answer", "").status_code == 200


def test_staff_note_down_what_somebody_asked_by_telephone(person, as_staff):
    one, client = person(), as_staff("site_staff")
    said = {
        "channel": "phone",
        "topic": "records",
        "text": "Wants a copy.",
        "call_back": "on",
        "call_back_when": "5 pm",
    }
    assert client.post(reverse("help_note_for", args=[one.uuid]), said).status_code == 302
    asked = HelpRequest.objects.get()
    assert (asked.participant, asked.channel, asked.call_back_when) == (one, "phone", "5 pm")
    assert Event.objects.filter(action="support.ask").count() == 1


def test_each_step_stands_in_the_audit_without_its_words(person, as_staff):
    asked, client = ask_for(person(), text="My sister Lucía"), as_staff("site_staff")
    for what, text in (
        ("assign", ""),
        ("answer", "Lucía may come"),
        ("note", "about Lucía"),
        ("close", ""),
        ("reopen", ""),
    ):
        assert move(client, asked, what, text).status_code == 302
    steps = list(Event.objects.filter(action__startswith="support.").order_by("pk").values_list("action", "details"))
    assert [name for name, _ in steps] == [
        f"support.{x}" for x in ("ask", "assign", "answer", "note", "close", "reopen")
    ]
    assert "Luc" not in str(steps)


# --- incentives


def given(**more):
    base = {"site": "lakeshore-chicago", "incentive_type": "cash", "date_given": date(2026, 1, 2), "amount_cents": 2500}
    return Given(**base | more)


@pytest.fixture
def nurse(transactional_db):
    return Account.objects.create_user("nurse@example.org", "seven quiet herons")


def form(client, one, **changes):
    key = re.search(r'name="key" value="(\w+)"', page(client, "record_incentive", one.uuid))[1]
    said = {
        "key": key,
        "site": "lakeshore-chicago",
        "incentive_type": "giftcard",
        "giftcard_type": "Grocer",
        "amount": "25",
    }
    return said | {"occurrence": "one_time", "date_given": "2026-01-02", "recipient": "participant"} | changes


def test_an_incentive_is_recorded_with_the_fields_of_the_reference_and_the_person_sees_it(person, as_staff, as_person):
    one, client = person(), as_staff("site_staff")
    said = form(client, one, notes="second floor", appreciation_item_type="Mug", appreciation_item_count="2")
    assert client.post(reverse("record_incentive", args=[one.uuid]), said).status_code == 302
    kept = Incentive.objects.get()
    assert (kept.incentive_type, kept.giftcard_type, kept.amount_cents) == ("giftcard", "Grocer", 2500)
    assert (kept.occurrence, kept.recipient, kept.date_given) == ("one_time", "participant", date(2026, 1, 2))
    assert (kept.appreciation_item_type, kept.appreciation_item_count) == ("Mug", 2)
    assert (kept.given_by, kept.notes, kept.declined, kept.cancelled) == (client.account, "second floor", False, False)
    own = page(as_person(one), "my_incentives")
    assert "Gift card (Grocer)" in own and "$25.00" in own and "second floor" not in own


def test_the_same_form_sent_twice_is_one_incentive(person, as_staff):
    one, client = person(), as_staff("site_staff")
    said = form(client, one)
    for _ in range(2):
        assert client.post(reverse("record_incentive", args=[one.uuid]), said).status_code == 302
    assert Incentive.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"amount": "-5"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"amount": "1000.01"}, "amount"),
        ({"amount": "1.005"}, "amount"),
        ({"date_given": "2999-01-01"}, "date_given"),
        ({"giftcard_type": ""}, "giftcard_type"),
        ({"site": "gulf-coast-houston"}, "site"),
        ({"incentive_type": "yacht"}, "incentive_type"),
    ],
)
def test_a_bad_incentive_is_told_at_the_field(person, as_staff, wrong, field):
    one, client = person(), as_staff("site_staff")
    answer = client.post(reverse("record_incentive", args=[one.uuid]), form(client, one, **wrong))
    assert answer.status_code == 200
    assert f"#id_{field}" in answer.content.decode()
    assert not Incentive.objects.exists()


def test_a_cancelled_incentive_is_superseded_and_in_no_total(person, as_staff, as_person):
    one, client = person(), as_staff("site_staff")
    client.post(reverse("record_incentive", args=[one.uuid]), form(client, one))
    kept = Incentive.objects.get()
    address = reverse("cancel_incentive", args=[one.uuid, kept.pk])
    assert client.get(address).status_code == 200 and Incentive.objects.count() == 1
    assert client.post(address).status_code == 302
    later = Incentive.objects.get(cancelled=True)
    assert (later.supersedes, later.given_by) == (kept, client.account)
    assert list(standing(Incentive.objects.all())) == []
    assert "cancelled" in page(client, "staff_person", one.uuid)
    assert "Grocer" not in page(as_person(one), "my_incentives")
    assert client.post(address).status_code == 404
    assert client.get(reverse("cancel_incentive", args=[one.uuid, 999])).status_code == 404


def test_cancelling_twice_is_once(person, nurse):
    kept = record_incentive(person(), given(), by=nurse)
    assert cancel_incentive(kept, by=nurse) == cancel_incentive(kept, by=nurse)
    with pytest.raises(Refused, match="a cancellation itself"):
        cancel_incentive(Incentive.objects.get(cancelled=True), by=nurse)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"amount_cents": -1}, "amount"),
        ({"amount_cents": 0}, "how much"),
        ({"amount_cents": 100_001}, "amount"),
        ({"incentive_type": "yacht"}, "no such type"),
        ({"recipient": "dog"}, "no such type or recipient"),
        ({"incentive_type": "giftcard"}, "which gift card"),
        ({"date_given": date(2999, 1, 1)}, "still to come"),
        ({"appreciation_item_count": -1}, "number of items"),
    ],
)
def test_what_cannot_be_an_incentive_is_bad_input(person, nurse, wrong, message):
    with pytest.raises(BadInput, match=message):
        record_incentive(person(), given(**wrong), by=nurse)


def test_totals_by_site_leave_out_declined_and_cancelled_ones(person, nurse, as_staff):
    one = person()
    record_incentive(one, given(), by=nurse)
    record_incentive(one, given(amount_cents=1000), by=nurse)
    record_incentive(one, given(declined=True), by=nurse)
    record_incentive(one, given(site="gulf-coast-houston"), by=nurse)
    cancel_incentive(record_incentive(one, given(amount_cents=9900), by=nurse), by=nurse)
    here = totals(Incentive.objects.filter(site="lakeshore-chicago"))
    assert here == [{"site": "lakeshore-chicago", "incentive_type": "cash", "given": 2, "cents": 3500}]
    said = page(as_staff("org_manager", scope="lakeshore-university-health"), "incentive_totals")
    assert "$35.00" in said and "Houston" not in said
    assert "Houston" in page(as_staff("auditor"), "incentive_totals")


def test_an_incentive_of_another_sites_person_is_not_found(person, nurse, as_staff, sites):
    other = person(site=sites[3])
    kept = record_incentive(other, given(), by=nurse)
    client = as_staff("site_staff", sites[0])
    for address in (
        reverse("cancel_incentive", args=[other.uuid, kept.pk]),
        reverse("record_incentive", args=[uuid.uuid4()]),
    ):
        assert client.post(address).status_code == 404
    assert Incentive.objects.filter(cancelled=True).count() == 0
