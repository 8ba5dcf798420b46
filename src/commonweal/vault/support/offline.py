"""Taking in what was noted at an event without a network: each entry once, whatever happened to the line in between.

An entry has a key that the device made. The same entry a second time is answered `unchanged`; one that was rejected may
come again with the same key, corrected. Each entry is taken for itself: one that is wrong does not hold up the others.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.support.models import OfflineEntry
from commonweal.vault.support.offline_forms import FORMS
from commonweal.vault.support.offline_kinds import TAKE
from commonweal.vault.times import moment

ACCEPTED, UNCHANGED, REJECTED = "accepted", "unchanged", "rejected"
MOST = 500  # entries in one sending
Find = Callable[[str], Participant | None]


@dataclass(frozen=True)
class Outcome:
    """What became of one entry; `why` says in words what was wrong with a rejected one."""

    key: str
    outcome: str
    why: str = ""


@dataclass(frozen=True)
class Sender:
    """Who sends, for which site; `find` answers the participant with an exact id whom they may see, or None."""

    account: Account
    site: str
    find: Find


def receive(entries: Iterable[Any], sender: Sender) -> list[Outcome]:
    """Take the entries {key, kind, noted_at, document} one by one; an outcome for each, in order."""
    found = [_one(entry, sender) for entry in entries]
    counts = {name: sum(one.outcome == name for one in found) for name in (ACCEPTED, UNCHANGED, REJECTED)}
    audit.record("support.event-sent", actor=sender.account, count=len(found), site=sender.site, **counts)
    return found


def _one(entry: Any, sender: Sender) -> Outcome:
    key = str(entry.get("key", ""))[:40] if isinstance(entry, dict) else ""
    try:
        uuid, kind, noted, document = _parts(entry)
        return _take(uuid, kind, noted, document, sender)
    except (BadInput, Refused) as error:
        return Outcome(key, REJECTED, str(error))


def _parts(entry: Any) -> tuple[UUID, str, datetime, dict[str, Any]]:
    try:
        uuid, kind, document = UUID(entry["key"]), entry["kind"], entry["document"]
        noted = moment(entry["noted_at"], "event")
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(_("The entry is not complete. Write it again.")) from None
    if not isinstance(kind, str) or kind not in FORMS or not isinstance(document, dict):
        raise BadInput(_("There is no such kind of entry."))
    return uuid, kind, noted, {str(name): str(value) for name, value in document.items()}


@transaction.atomic
def _take(uuid: UUID, kind: str, noted: datetime, document: dict[str, Any], sender: Sender) -> Outcome:
    now = timezone.now()
    digest = hashlib.sha256(orjson.dumps([kind, document], option=orjson.OPT_SORT_KEYS)).hexdigest()
    start = {
        "kind": kind,
        "site": sender.site,
        "noted_at": min(noted, now),  # the clock of a tablet may be fast
        "received_at": now,
        "sent_by": sender.account,
        "document_sha256": digest,
        "outcome": REJECTED,
    }
    OfflineEntry.objects.get_or_create(key=uuid, defaults=start)
    known = OfflineEntry.objects.select_for_update().get(key=uuid)  # the same entry from two tabs: one after the other
    if known.outcome == ACCEPTED:
        if known.document_sha256 == digest:
            return Outcome(str(uuid), UNCHANGED)
        return Outcome(str(uuid), REJECTED, _("This entry was sent before, with other words. Write a new one."))
    why = _why_not(kind, document, known, sender)
    changes = start | {"outcome": REJECTED if why else ACCEPTED, "why": why[:120]}
    OfflineEntry.objects.filter(key=uuid).update(**changes)
    return Outcome(str(uuid), changes["outcome"], why)


def _why_not(kind: str, document: dict[str, Any], entry: OfflineEntry, sender: Sender) -> str:
    """Take it; empty where that went well, else what was wrong, in words that name nobody."""
    form = FORMS[kind](document)
    if not form.is_valid():
        label = {name: str(field.label) for name, field in form.fields.items()}
        return " ".join(
            f"{label[name]}: {messages[0]}" if name in label else messages[0] for name, messages in form.errors.items()
        )
    try:
        with transaction.atomic():
            TAKE[kind](form.cleaned_data, entry, sender)
    except (BadInput, Refused) as error:
        return str(error)
    return ""
