"""The words of one message, in the language of the moment."""

from datetime import datetime, tzinfo
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from commonweal.ui.context import current_protocol, words
from commonweal.ui.templatetags.ui import moment
from commonweal.vault.messages import texts
from commonweal.vault.messages.models import Message

# GSM 03.38, the alphabet of text messages: 160 of these letters make one part. With any other letter a part holds 70,
# and two joined ones 67 each.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà{}"
)
ONE_PART, TWO_PARTS_UNICODE = 160, 134


def worded(template: texts.Template, values: dict[str, Any], zone: tzinfo) -> tuple[str, str]:
    """Subject and body for the inbox. Raises KeyError where a value is missing."""
    said = {name: _in_words(value, zone) for name, value in values.items()}
    return str(template.subject).format(**said)[:200], str(template.body).format(**said)


def outside(channel: str) -> tuple[str, str]:
    """Subject and text of an e-mail or a text message; {link} stays open until it is sent."""
    program = current_protocol().program
    name, contact = words(program.name), f"{program.contacts.phone}, {program.contacts.email}"
    if channel == Message.SMS:
        return "", _short(name)
    body = str(texts.OUTSIDE_EMAIL).format(program=name, link="{link}", contact=contact)
    return str(texts.OUTSIDE_SUBJECT).format(program=name), body


def _short(name: str) -> str:
    """A text of one part, or two in letters beyond the phones' own alphabet; without the name where it is too long."""
    text = str(texts.OUTSIDE_SMS).format(program=name, link="{link}")
    length = len(text) - len("{link}") + len(address(reverse("inbox")))
    fits = length <= (ONE_PART if set(text) <= GSM else TWO_PARTS_UNICODE)
    return text if fits else str(texts.OUTSIDE_SMS_SHORT).format(link="{link}")


def _in_words(value: Any, zone: tzinfo) -> str:
    if isinstance(value, datetime):
        with timezone.override(zone):
            return moment(value)
    return words(value) if isinstance(value, dict) else str(value)


def address(path: str) -> str:
    """The full address of a page of the portal."""
    return f"{settings.PORTAL_URL}{path}"
