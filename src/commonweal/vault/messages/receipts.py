"""What providers tell us afterwards: delivered, opened, failed. Signed, and harmless when repeated or out of order.

The sender signs the body with HMAC-SHA256 under the key in `vault/keys/receipts.key` (as hexadecimal digits) and puts the
hexadecimal digest into `X-Commonweal-Signature`. The body is one object, or a list of them:
{"id": the provider's number, or "reference": ours, "event": "delivered" | "opened" | "failed", "at": a moment}.
"""

import hashlib
import hmac
import json
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from commonweal.errors import BadInput
from commonweal.home import secret_key
from commonweal.vault.messages import log
from commonweal.vault.messages.models import Message
from commonweal.vault.times import moment

BACKENDS = (Message.EMAIL, Message.SMS)
EVENTS = (Message.DELIVERED, Message.OPENED, Message.FAILED)
MOST = 1000


def key() -> str:
    """The key that providers sign with, in hexadecimal digits; made the first time."""
    return secret_key(settings.COMMONWEAL_HOME.vault_keys, "receipts.key").hex()


def signature(body: bytes) -> str:
    return hmac.new(bytes.fromhex(key()), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, given: str) -> bool:
    return hmac.compare_digest(signature(body).encode(), given.strip().lower().encode())


def apply(channel: str, body: bytes) -> None:
    """Write down what a signed body says; what is about no message of ours is passed over in silence.

    Raises BadInput for what cannot be read; then nothing of it is taken.
    """
    try:
        said = json.loads(body)
    except ValueError:
        raise BadInput("receipts: the body is no JSON") from None
    receipts = said if isinstance(said, list) else [said]
    if len(receipts) > MOST:
        raise BadInput(f"receipts: more than {MOST} at once; send them in parts")
    read = [_read(one) for one in receipts]
    with transaction.atomic():
        for number, event, at in read:
            for message in _messages(channel, number):
                log.advance(message, event, at=at, detail="told by the provider")


def _read(one: Any) -> tuple[dict[str, str], str, datetime]:
    if not isinstance(one, dict) or one.get("event") not in EVENTS:
        raise BadInput(f"receipts: each one is an object with an event: {', '.join(EVENTS)}")
    now = timezone.now()
    at = moment(str(one["at"]), "receipts: at") if one.get("at") else now
    names = {name: str(one[name]) for name in ("id", "reference") if one.get(name)}
    return names, one["event"], min(at, now)


def _messages(channel: str, number: dict[str, str]) -> list[Message]:
    known = Message.objects.filter(channel=channel)
    if "id" in number:
        return list(known.filter(provider_id=number["id"][:120])[:1])
    try:
        return list(known.filter(uuid=uuid.UUID(number.get("reference", ""))))
    except ValueError:
        return []
