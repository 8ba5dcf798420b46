"""Writing one event, and sealing from time to time."""

import re
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from commonweal.audit import opaque, sealing
from commonweal.audit.models import Event

# An address, or P / A and nine digits: what must never stand in the details of an event.
_IDENTIFIER = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|\b[A-Z]\d{9}\b")


def record(action: str, *, actor: object, subject: object | None, count: int | None, details: dict[str, Any]) -> Event:
    """See `commonweal.audit.record`."""
    text = orjson.dumps(details, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str).decode()
    if _IDENTIFIER.search(text):
        raise ValueError(f"the details of {action} hold what looks like a person's identifier")
    event = Event(
        at=timezone.now(),
        action=action,
        actor=opaque.name(actor),
        subject=opaque.name(subject),
        count=count,
        details=text,
    )
    event.leaf = event.computed_leaf().hex()
    event.save()
    transaction.on_commit(sealing.seal_if_due)
    return event
