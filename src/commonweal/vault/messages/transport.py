"""How e-mails and texts leave the portal. What is chosen stands in the settings; nothing is ever written to a console.

E-mail goes through Django's EMAIL_BACKEND: SMTP where COMMONWEAL_EMAIL_URL says so, else `Outbox`, a folder. Texts go
through settings.SMS_BACKEND, a class with `send(to, text, *, kind, reference) -> provider_id`. The account's own mails
and codes take the same ways.
"""

import http.client
import json
import re
import urllib.error
import urllib.request
import uuid
from collections.abc import Sequence
from typing import Any, Protocol, cast

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string

from commonweal.vault.messages import outbox

SECONDS = 10  # how long a provider may take to answer
REFERENCE = "X-Commonweal-Reference"  # our number for the message, which the provider may give back in receipts
_ANSWER = re.compile(r"[A-Za-z0-9._:@<>+=/-]{1,120}")


class _NoDetour(urllib.request.HTTPRedirectHandler):
    """Neither the token nor a text goes anywhere but to the address that the settings name."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoDetour)


class NotSent(Exception):
    """The provider did not take the message. `final`: it never will (a wrong number), so that trying again is no use."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


class Texts(Protocol):
    """What a class in settings.SMS_BACKEND offers."""

    def send(self, to: str, text: str, *, kind: str = "", reference: str = "") -> str: ...


def texts() -> Texts:
    """The way texts go: an object of the class that the settings name."""
    return cast("Texts", import_string(settings.SMS_BACKEND)())


class Outbox(BaseEmailBackend):
    """Django's way to a folder: for demonstrations, and until a mail server is named."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            outbox.put(
                "email",
                ", ".join(message.recipients()),
                str(message.body),
                subject=str(message.subject),
                reference=message.extra_headers.get(REFERENCE, ""),
            )
        return len(email_messages)


class SmsOutbox:
    """Texts to the same folder."""

    def send(self, to: str, text: str, *, kind: str = "", reference: str = "") -> str:
        return outbox.put("sms", to, text, reference=reference)


class HttpSms:
    """Texts to a provider: one POST of JSON {to, text, reference} to COMMONWEAL_SMS_URL with a bearer token.

    `reference` goes along as Idempotency-Key too: a provider that knows it sends the same text once. Trying again is
    the queue's business. The answer is JSON with an `id`, which receipts give back; without one the reference is it.
    """

    def send(self, to: str, text: str, *, kind: str = "", reference: str = "") -> str:
        reference = reference or str(uuid.uuid4())
        body = json.dumps({"to": to, "text": text, "reference": reference}).encode()
        request = urllib.request.Request(settings.SMS_URL, body, method="POST")
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Bearer {settings.SMS_TOKEN}")
        request.add_header("Idempotency-Key", reference)
        try:
            with _opener.open(request, timeout=SECONDS) as answer:
                return _id_of(answer.read(10_000)) or reference
        except urllib.error.HTTPError as error:
            final = error.code in (400, 404, 410, 422)
            raise NotSent(f"the provider answered {error.code}", final=final) from None
        except (urllib.error.URLError, OSError, http.client.HTTPException):
            raise NotSent("the provider cannot be reached") from None


def _id_of(answer: bytes) -> str:
    try:
        found: Any = json.loads(answer)
    except ValueError:
        return ""
    given = str(found.get("id", "")) if isinstance(found, dict) else ""
    return given if _ANSWER.fullmatch(given) else ""
