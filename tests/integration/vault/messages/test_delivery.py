"""Messages on their way: real servers on the loopback, failures, workers that are killed, several at once."""

import email
import smtplib
import threading
from datetime import time, timedelta
from email import policy
from time import sleep

import pytest
from django.core import signing
from django.db import connection
from django.utils import timezone

from commonweal.vault.messages import actions, delivery, log, outbox, transport
from commonweal.vault.messages.models import Message, MessageEvent

pytestmark = pytest.mark.django_db(transaction=True)
ALWAYS = {"quiet_from": time(0), "quiet_until": time(0)}


@pytest.fixture
def waiting(person):
    """waiting(channel) -> one queued message by that way, due now."""
    numbers = iter(range(100))

    def make(channel="email", template="welcome"):
        number = next(numbers)
        one = person(email=f"p{number}@example.org", phone=f"+1312555{1000 + number}")
        actions.prefer(one, source="test", email=channel == "email", sms=channel == "sms", **ALWAYS)
        return actions.send(one, template, key="1")[1]

    return make


def late():
    return timezone.now() + delivery.LEASE + timedelta(minutes=1)


def test_an_email_by_smtp(waiting, mail_server):
    message = waiting()
    assert delivery.deliver_due() == 1
    message.refresh_from_db()
    assert message.state == "sent"
    (taken,) = mail_server.taken
    mail = email.message_from_string(taken, policy=policy.default)
    assert mail["Message-ID"] == message.provider_id
    assert "help@commonweal.example" in mail["From"]
    assert mail["To"] == "p0@example.org"
    assert mail["List-Unsubscribe"].strip().startswith("<http")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content_type() == "text/plain"  # so there is no picture that tells who opened it
    token = mail.get_content().split("/post/open/")[1].split("/")[0]
    assert signing.loads(token, salt=delivery.SALT_OPEN) == str(message.uuid)
    assert "p0@" not in mail.get_content()


def test_a_receipt_needs_no_way_to_unsubscribe(waiting, mail_server):
    waiting(template="left")
    delivery.deliver_due()
    assert "List-Unsubscribe" not in mail_server.taken[0]


def test_a_text_by_http(waiting, text_provider):
    message = waiting("sms")
    assert delivery.deliver_due() == 1
    ((headers, body),) = text_provider.asked
    assert headers["Authorization"] == "Bearer a-token"
    assert headers["Idempotency-Key"] == body["reference"] == str(message.uuid)
    assert body["to"] == "+13125551000"
    assert body["text"].endswith("/inbox/")
    message.refresh_from_db()
    assert (message.state, message.provider_id) == ("sent", f"sms-{message.uuid}")


@pytest.mark.parametrize(("language", "longest"), [("en", 160), ("es", 134)])
def test_a_text_is_one_part_in_english_and_two_at_most_in_spanish(person, text_provider, settings, language, longest):
    settings.PORTAL_URL = "https://portal.commonweal.example.org"
    one = person(email=None, phone="+13125550142", language=language)
    actions.prefer(one, source="test", sms=True, **ALWAYS)
    actions.send(one, "welcome", key="1")
    delivery.deliver_due()
    text = text_provider.asked[0][1]["text"]
    assert len(text) <= longest
    assert "Commonweal" in text


def test_what_the_server_does_not_take_now_is_tried_again_later(waiting, mail_server):
    message = waiting()
    mail_server.refuse = "451 later"
    assert delivery.deliver_due() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 1)
    assert timedelta(0) < message.due_at - timezone.now() <= delivery.PAUSES[0]
    assert delivery.deliver_due() == 0  # not before the pause is over
    assert not mail_server.taken
    mail_server.refuse = ""
    assert delivery.deliver_due(late()) == 1
    assert len(mail_server.taken) == 1


def try_to_the_end(message):
    """Send it again each time that it is due, more often than anything is tried."""
    now = timezone.now()
    for _ in range(20):
        delivery.deliver_due(now)
        message.refresh_from_db()
        now = message.due_at


def test_pauses_grow_and_have_an_end(waiting, text_provider):
    message = waiting("sms")
    text_provider.status = 503
    try_to_the_end(message)
    assert (message.state, message.why) == ("failed", "the provider answered 503")
    assert len(text_provider.asked) == len(delivery.PAUSES) + 1
    assert list(delivery.PAUSES) == sorted(delivery.PAUSES)


def test_a_wrong_number_is_not_tried_again(waiting, text_provider):
    message = waiting("sms")
    text_provider.status = 422
    delivery.deliver_due()
    message.refresh_from_db()
    assert message.state == "failed"
    assert len(text_provider.asked) == 1


def test_a_server_that_is_not_there_loses_nothing(waiting, mail_server, settings):
    message = waiting()
    settings.EMAIL_PORT = 9  # nobody listens
    delivery.deliver_due()
    message.refresh_from_db()
    assert message.state == "queued"


class Killed(BaseException):
    """The process ends here, as by SIGKILL: nothing after it runs."""


def test_a_worker_killed_before_sending_loses_nothing(waiting, mail_server, monkeypatch):
    message = waiting()
    assert [m.pk for m in delivery.claim(timezone.now())] == [message.pk]  # and the worker is gone
    assert delivery.deliver_due() == 0
    assert delivery.deliver_due(late()) == 1
    assert len(mail_server.taken) == 1


def test_a_worker_killed_after_the_provider_took_it_sends_the_text_once(waiting, text_provider, monkeypatch):
    message = waiting("sms")
    monkeypatch.setattr(log, "advance", lambda *_, **__: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        delivery.deliver_due()
    monkeypatch.undo()
    assert Message.objects.get(pk=message.pk).state == "queued"
    assert delivery.deliver_due(late()) == 1
    assert len(text_provider.asked) == 2
    assert len(text_provider.taken) == 1  # the same key: the provider took it once


def test_a_worker_killed_after_the_mail_server_took_it_sends_the_same_message_id(waiting, mail_server, monkeypatch):
    waiting()
    monkeypatch.setattr(log, "advance", lambda *_, **__: (_ for _ in ()).throw(Killed()))
    with pytest.raises(Killed):
        delivery.deliver_due()
    monkeypatch.undo()
    delivery.deliver_due(late())
    ids = {email.message_from_string(taken)["Message-ID"] for taken in mail_server.taken}
    assert (len(mail_server.taken), len(ids)) == (2, 1)


def test_the_outbox_holds_a_message_once(waiting, settings):
    message = waiting("sms")
    for _ in range(2):
        transport.texts().send("+13125550142", "hello", reference=str(message.uuid))
    assert len([one for one in outbox.folder().glob(f"{message.uuid}*")]) == 1


def test_several_workers_send_each_message_once(waiting, mail_server):
    messages = [waiting() for _ in range(30)]
    sent, faults = [], []

    def work():
        try:
            sent.append(delivery.deliver_due())
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert faults == []
    assert sum(sent) == len(messages) == len(mail_server.taken)
    assert not Message.objects.filter(channel="email").exclude(state="sent").exists()
    assert not Message.objects.filter(attempts__gt=1).exists()


def test_what_became_due_in_quiet_hours_waits_and_is_no_attempt(waiting, mail_server):
    message = waiting()
    local = timezone.now().astimezone(delivery.reach.zone_of(message.participant))
    around = {"quiet_from": (local - timedelta(hours=1)).time(), "quiet_until": (local + timedelta(hours=1)).time()}
    actions.prefer(message.participant, source="test", **around)
    assert delivery.deliver_due() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 0)
    assert message.due_at > timezone.now() + timedelta(minutes=50)


def test_the_log_tells_each_step_once(waiting, mail_server):
    message = waiting()
    delivery.deliver_due()
    for _ in range(2):
        log.advance(message, Message.OPENED)
        log.advance(message, Message.DELIVERED)
    kinds = list(MessageEvent.objects.filter(message=message).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["queued", "sent", "opened", "delivered"]
    message.refresh_from_db()
    assert message.state == "opened"


@pytest.mark.parametrize(("code", "state"), [(550, "failed"), (450, "queued")])
def test_who_refuses_for_good_is_not_asked_again_who_says_later_is(waiting, monkeypatch, code, state):
    message = waiting()

    def refused(*_):
        raise smtplib.SMTPRecipientsRefused({"p0@example.org": (code, b"no such user")})

    monkeypatch.setattr(delivery, "_email", refused)
    delivery.deliver_due()
    message.refresh_from_db()
    assert message.state == state
    said = "".join(message.events.values_list("detail", flat=True))
    assert "example.org" not in message.why + said


def test_a_worker_slower_than_its_lease_sends_nothing_twice(waiting, mail_server):
    waiting()
    (mine,) = delivery.claim(timezone.now())
    (theirs,) = delivery.claim(late())
    assert not delivery.deliver(mine, timezone.now())
    assert delivery.deliver(theirs, timezone.now())
    assert len(mail_server.taken) == 1


def test_what_was_held_meanwhile_is_not_sent(waiting, mail_server):
    message = waiting()
    (claimed,) = delivery.claim(timezone.now())
    actions.stop_all(message.participant)
    assert not delivery.deliver(claimed, timezone.now())
    assert not mail_server.taken


def test_a_message_that_cannot_be_made_keeps_no_other_back(waiting, mail_server, monkeypatch):
    odd, fine = waiting(), waiting()
    mail = delivery._email

    def made(message):
        if message.pk == odd.pk:
            raise ValueError("nobody thought of it")
        return mail(message)

    monkeypatch.setattr(delivery, "_email", made)
    assert delivery.deliver_due() == 1
    odd.refresh_from_db()
    assert odd.state == "queued" and odd.due_at - timezone.now() <= delivery.PAUSES[0]
    try_to_the_end(odd)
    assert (odd.state, odd.why) == ("failed", "it could not be made")
    fine.refresh_from_db()
    assert fine.state == "sent"


def test_a_round_has_an_end_and_the_next_one_goes_on(waiting, mail_server, monkeypatch):
    for _ in range(3):
        waiting()
    claim = delivery.claim
    monkeypatch.setattr(delivery, "claim", lambda now: claim(now, 1))
    monkeypatch.setattr(delivery, "ROUND", 0.1)
    mail_server.on_taken = lambda: sleep(0.3)
    assert delivery.deliver_due() == 1
    monkeypatch.undo()
    assert delivery.deliver_due() == 2


def test_a_provider_that_points_elsewhere_is_not_followed(waiting, text_provider):
    message = waiting("sms")
    text_provider.status = 302
    assert delivery.deliver_due() == 0
    assert text_provider.led_astray == []
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 1)
