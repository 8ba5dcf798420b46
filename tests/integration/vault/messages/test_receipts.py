"""What providers tell afterwards: signed, repeated, out of order, about messages that we do not know."""

import json

import pytest
from django.test import Client

from commonweal.vault.messages import actions, log, receipts
from commonweal.vault.messages.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(person):
    message = actions.send(person(), "welcome", key="1")[1]
    log.advance(message, Message.SENT, provider_id="m-1")
    return message


def tell(*said, signature=None, backend="email", body=None):
    body = body if body is not None else json.dumps(list(said)).encode()
    given = receipts.signature(body) if signature is None else signature
    return Client().post(
        f"/post/receipts/{backend}/", body, content_type="application/json", headers={"X-Commonweal-Signature": given}
    )


def state(message):
    return Message.objects.get(pk=message.pk).state


def test_a_receipt_by_the_providers_number_or_by_ours(sent):
    assert tell({"id": "m-1", "event": "delivered", "at": "2026-11-20T10:00:00Z"}).status_code == 204
    assert state(sent) == "delivered"
    assert tell({"reference": str(sent.uuid), "event": "opened"}).status_code == 204
    assert state(sent) == "opened"


@pytest.mark.parametrize(
    ("order", "ends"),
    [
        (["delivered", "opened"], "opened"),
        (["opened", "delivered"], "opened"),
        (["opened", "delivered", "opened", "delivered"], "opened"),
        (["delivered", "delivered"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["failed", "delivered"], "delivered"),
        (["failed"], "failed"),
        (["opened", "failed"], "opened"),
    ],
)
def test_in_any_order_and_again_the_state_only_moves_forward(sent, order, ends):
    for event in order:
        assert tell({"id": "m-1", "event": event}).status_code == 204
    assert state(sent) == ends
    assert sent.events.filter(kind=order[0]).count() == 1


def test_a_receipt_that_comes_before_we_know_that_it_was_sent(person):
    message = actions.send(person(), "welcome", key="1")[1]
    tell({"reference": str(message.uuid), "event": "delivered"})
    assert not log.advance(message, Message.SENT, provider_id="m-2")
    assert state(message) == "delivered"


@pytest.mark.parametrize("signature", ["", "0" * 64, "nonsense", "é"])
def test_without_the_right_signature_nothing_is_taken(sent, signature):
    assert tell({"id": "m-1", "event": "opened"}, signature=signature.encode().decode("latin-1")).status_code == 403
    assert state(sent) == "sent"


def test_a_signature_is_for_one_body(sent):
    other = receipts.signature(json.dumps([{"id": "m-9", "event": "opened"}]).encode())
    assert tell({"id": "m-1", "event": "opened"}, signature=other).status_code == 403


def test_unknown_numbers_are_answered_alike(sent):
    known, unknown = tell({"id": "m-1", "event": "opened"}), tell({"id": "m-77", "event": "opened"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert tell({"reference": "no uuid", "event": "opened"}).status_code == 204
    assert tell({"event": "opened"}).status_code == 204


def test_one_channel_does_not_speak_for_another(sent):
    tell({"id": "m-1", "event": "opened"}, backend="sms")
    assert state(sent) == "sent"
    assert tell({"id": "m-1", "event": "opened"}, backend="inbox").status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b'{"id": "m-1", "event": "sent"}', b'[{"id":"m-1","event":"opened","at":"x"}]']
)
def test_what_cannot_be_read_changes_nothing(sent, body):
    answer = tell(body=body)
    assert answer.status_code == 400
    assert "receipts" in answer.json()["error"]
    assert state(sent) == "sent"


def test_all_of_a_list_or_nothing(sent):
    assert tell({"id": "m-1", "event": "opened"}, {"id": "m-1", "event": "danced"}).status_code == 400
    assert state(sent) == "sent"


def test_a_time_to_come_is_not_believed(sent):
    tell({"id": "m-1", "event": "opened", "at": "2999-01-01T00:00:00Z"})
    assert sent.events.get(kind="opened").at.year < 2999
