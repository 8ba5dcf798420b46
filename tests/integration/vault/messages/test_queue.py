"""Who is written to, by which way, when, and who is not."""

from datetime import datetime, time, timedelta
from string import Formatter
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from commonweal.errors import BadInput, Refused
from commonweal.vault.consent.models import Deactivation, Decease, DeceaseReport, Withdrawal
from commonweal.vault.messages import actions, reminders, texts
from commonweal.vault.messages.delivery import deliver_due
from commonweal.vault.messages.models import ContactPreference, Message, MessageEvent
from commonweal.vault.messages.quiet import is_quiet
from commonweal.vault.people.models import Account

pytestmark = pytest.mark.django_db(transaction=True)
CHICAGO = ZoneInfo("America/Chicago")
ALWAYS = {"quiet_from": time(0), "quiet_until": time(0)}  # no quiet hours


def channels(made):
    return [message.channel for message in made]


def leave(person, model=Withdrawal, at=None):
    now = at or timezone.now()
    more = {}
    if model is Decease:
        more["report"] = DeceaseReport.objects.create(
            participant=person, status="APPROVED", notification="OTHER", reported_at=now
        )
    model.objects.create(
        participant=person,
        event_time=now,
        authored_time=now,
        received_time=now,
        source="test",
        idempotency_key=f"{model.__name__}:{person.pk}",
        **more,
    )


def test_inbox_and_email_by_default(person):
    made = actions.send(person(), "welcome", key="1", link="/next/")
    assert channels(made) == ["inbox", "email"]
    inbox, email = made
    assert (inbox.state, inbox.subject) == ("sent", "Welcome")
    assert email.state == "queued"


def test_what_leaves_the_portal_says_nothing_but_that_there_is_something(person, mailoutbox):
    one = person(phone="+13125550142")
    actions.prefer(one, source="test", sms=True, **ALWAYS)
    title = {"en": "Genes and diabetes", "es": "Genes y diabetes"}
    made = actions.send(one, "reconsent", key="1", link="/consent/results/", title=title)
    assert "diabetes" in made[0].body
    for message in made[1:]:
        outside = (message.subject + message.body).lower()
        for word in ("diabetes", "consent", "ines", "example.org", "552", "agreed"):
            assert word not in outside, word
    deliver_due()
    (mail,) = mailoutbox
    assert "diabetes" not in str(mail.message())
    assert "/consent/" not in str(mail.message())


def test_in_the_language_of_the_person(person):
    made = actions.send(person(language="es"), "welcome", key="1")
    assert made[0].language == "es"
    assert made[0].subject != "Welcome"


def test_the_same_key_is_the_same_message(person):
    one = person()
    first = actions.send(one, "welcome", key="1")
    assert [m.pk for m in actions.send(one, "welcome", key="1")] == [m.pk for m in first]
    assert MessageEvent.objects.filter(message=first[1], kind="queued").count() == 1
    assert actions.send(one, "welcome", key="2")[0].pk != first[0].pk


def test_quiet_hours_hold_back_email_and_not_the_inbox(person):
    one = person()
    local = timezone.now().astimezone(CHICAGO)
    actions.prefer(
        one,
        source="test",
        quiet_from=(local - timedelta(hours=1)).time().replace(second=0, microsecond=0),
        quiet_until=(local + timedelta(hours=2)).time().replace(second=0, microsecond=0),
    )
    inbox, email = actions.send(one, "welcome", key="1")
    assert inbox.state == "sent"
    assert email.due_at > timezone.now() + timedelta(minutes=90)
    assert deliver_due() == 0
    assert email.due_at.astimezone(CHICAGO).time() == (local + timedelta(hours=2)).time().replace(
        second=0, microsecond=0
    )


def test_by_default_no_email_at_night(person):
    _, email = actions.send(person(), "welcome", key="1", due=next_at(23))
    local = email.due_at.astimezone(CHICAGO)
    assert local.time() == time(8)
    assert not is_quiet(local.time(), time(21), time(8))


def next_at(hour):
    day = (timezone.now().astimezone(CHICAGO) + timedelta(days=1)).date()
    return datetime(day.year, day.month, day.day, hour, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("model", "why"), [(Withdrawal, "withdrawn"), (Deactivation, "deactivated"), (Decease, "deceased")]
)
def test_nothing_to_whom_has_left_but_receipts(person, model, why):
    one = person()
    leave(one, model)
    for template in ("welcome", "finish_joining", "reconsent", "help_answered"):
        for message in actions.send(one, template, key="1", title="x"):
            assert (message.state, message.why) == ("held", why)
    assert [m.state for m in actions.send(one, "left", key="1")] == ["sent", "queued"]


@pytest.mark.parametrize(
    ("said", "template", "state"),
    [
        ("yes", "reconsent", "sent"),
        ("no", "reconsent", "held"),
        (None, "reconsent", "held"),
        (None, "welcome", "sent"),
        ("later", "finish_joining", "sent"),
        ("not_sure", "finish_joining", "sent"),
        ("no", "finish_joining", "held"),
        ("no", "help_answered", "sent"),
        ("no", "consent_copy", "sent"),
    ],
)
def test_consent_to_contact_decides(person, said, template, state):
    made = actions.send(person(consent=said), template, key="1", title="x")
    assert made[0].state == state


def test_an_expired_consent_to_contact_no_longer_holds(person, answer):
    one = person(consent=None)
    answer(one, "yes", at=timezone.now() - timedelta(days=9), expires=timezone.now() - timedelta(days=1))
    assert actions.send(one, "reconsent", key="1", title="x")[0].why == "no consent to contact"


def test_consent_is_asked_again_when_a_message_is_sent(person, mailoutbox):
    one = person()
    actions.prefer(one, source="test", **ALWAYS)
    email = actions.send(one, "reconsent", key="1", title="x")[1]
    leave(one)
    assert deliver_due() == 0
    email.refresh_from_db()
    assert (email.state, email.why) == ("held", "withdrawn")
    assert mailoutbox == []


def test_stop_all_holds_what_waits_but_receipts(person):
    one, other = person(), person(email="b@example.org")
    actions.send(one, "welcome", key="1")
    actions.send(one, "left", key="1")
    actions.send(other, "welcome", key="1")
    assert actions.stop_all(one) == 1
    assert actions.stop_all(one) == 0
    states = dict(Message.objects.filter(participant=one, channel="email").values_list("template", "state"))
    assert states == {"welcome": "held", "left": "queued"}
    assert Message.objects.get(participant=other, channel="email").state == "queued"


def test_reminders_and_news_can_be_refused(person):
    one = person()
    actions.prefer(one, source="test", reminders=False)
    assert channels(actions.send(one, "finish_joining", key="1")) == ["inbox"]
    assert channels(actions.send(one, "welcome", key="1")) == ["inbox", "email"]


def test_a_change_of_mind_counts_for_what_waits(person, mailoutbox):
    one = person()
    actions.prefer(one, source="test", **ALWAYS)
    email = actions.send(one, "welcome", key="1")[1]
    actions.prefer(one, source="test", email=False)
    deliver_due()
    email.refresh_from_db()
    assert (email.state, mailoutbox) == ("held", [])


def test_texts_need_a_verified_number(person):
    one = person()
    with pytest.raises(Refused, match="verified"):
        actions.prefer(one, source="test", sms=True)
    assert not ContactPreference.objects.exists()


def test_an_account_by_phone_alone_gets_texts(person):
    one = person(email=None, phone="+13125550142")
    assert channels(actions.send(one, "welcome", key="1")) == ["inbox", "sms"]


def test_an_address_that_waits_to_be_verified_is_not_written_to(person):
    one = person()
    EmailAddress.objects.create(user=one.account, email=one.account.email, verified=False, primary=True)
    assert channels(actions.send(one, "welcome", key="1")) == ["inbox"]
    EmailAddress.objects.update(verified=True)
    assert channels(actions.send(one, "welcome", key="2")) == ["inbox", "email"]


def test_the_same_preference_again_adds_nothing(person):
    one = person()
    first = actions.prefer(one, source="test", news=False)
    assert actions.prefer(one, source="test", news=False).pk == first.pk
    second = actions.prefer(one, source="test", news=True)
    assert second.supersedes_id == first.pk


def test_bad_input_is_refused(person):
    one = person()
    with pytest.raises(BadInput):
        actions.send(one, "no such", key="1")
    for link in ("https://elsewhere.example/", "//elsewhere.example/"):
        with pytest.raises(BadInput):
            actions.send(one, "welcome", key="1", link=link)
    with pytest.raises(BadInput):
        actions.prefer(one, source="test", carrier_pigeon=True)
    assert not Message.objects.exists()


def test_a_name_with_braces_is_no_command(person):
    made = actions.send(person(), "reconsent", key="1", title="{0.__class__} {link}")
    assert "{0.__class__} {link}" in made[0].body


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_template_has_its_words(person, language):
    one = person(language=language)
    for template in texts.TEMPLATES.values():
        names = [name for _, name, _, _ in Formatter().parse(f"{template.subject}{template.body}") if name]
        values = {name: next_at(9) if name == "starts_at" else "T" for name in names}
        inbox = actions.send(one, template.id, key="all", **values)[0]
        assert inbox.subject
        assert "{" not in inbox.body


def test_who_belongs_to_no_site_sleeps_by_the_clock_of_most_sites(person, monkeypatch):
    one = person(site=None)
    night = datetime(2026, 7, 1, 3, tzinfo=CHICAGO)  # eight o'clock in UTC
    monkeypatch.setattr(actions.timezone, "now", lambda: night)
    email = actions.send(one, "welcome", key="1")[1]
    assert email.due_at == datetime(2026, 7, 1, 8, tzinfo=CHICAGO)


def test_what_is_refused_can_be_refused_without_the_number_that_once_was(person):
    one = person(phone="+13125550142")
    actions.prefer(one, source="test", sms=True)
    Account.objects.filter(pk=one.account_id).update(phone_verified=False)
    one = type(one).objects.get(pk=one.pk)
    assert not actions.prefer(one, source="test", news=False).news
    with pytest.raises(Refused, match="verified"):
        actions.prefer(one, source="test", sms=True)


def test_each_permission_that_ends_is_told_also_two_in_one_month(person, answer):
    one, now = person(), timezone.now()
    answer(one, "yes", "ehr", expires=now + timedelta(days=10), module="ehr")
    answer(one, "yes", "return:ancestry", expires=now + timedelta(days=40), module="results")
    assert [reminders.endings(now) for _ in range(2)] == [1, 0]
    later = now + timedelta(days=15)
    assert [reminders.endings(later) for _ in range(2)] == [1, 0]
