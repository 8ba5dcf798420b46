"""Asking for help and answering: each step is a move of the state machine, with its note and its audit event.

Whoever calls this has checked that the account may: the help desk's pages belong to the staff's room, above this one.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.messages import actions as messages
from commonweal.vault.people.changes import Stale
from commonweal.vault.people.current import current_site
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.support import machine
from commonweal.vault.support.models import HelpNote, HelpRequest
from commonweal.vault.support.words import CHANNELS, TOPICS

LONGEST = 4000  # characters of a request, an answer or a note


@dataclass(frozen=True)
class Asked:
    """What somebody asks. `name` and `contact`: for who has no account here."""

    topic: str
    text: str
    call_back: bool = False
    call_back_when: str = ""
    name: str = ""
    contact: str = ""


@transaction.atomic
def ask(
    asked: Asked, participant: Participant | None, *, language: str, channel: str = "portal", by: Account | None = None
) -> HelpRequest:
    """A new request, for a participant or (None) for somebody who is not logged in. `by`: the staff who noted it down."""
    if asked.topic not in TOPICS or channel not in CHANNELS:
        raise BadInput("help request: no such topic or channel")
    now = timezone.now()
    request = HelpRequest.objects.create(
        participant=participant,
        channel=channel,
        topic=asked.topic,
        text=_text(asked.text),
        language=language,
        site=(current_site(participant) or "") if participant else "",
        contact_name=asked.name,
        contact=asked.contact,
        call_back=asked.call_back,
        call_back_when=asked.call_back_when,
        made_at=now,
        changed_at=now,
    )
    actor = by or participant or "visitor"
    audit.record(
        "support.ask", actor=actor, subject=participant, request=request.pk, topic=asked.topic, channel=channel
    )
    return request


@transaction.atomic
def write(request: HelpRequest, participant: Participant, text: str) -> HelpRequest:
    """The person writes again; a closed request is open again."""
    held = _locked(request, None)
    words = _text(text)
    _note(held, participant.account, words, internal=False)
    return _move(held, "write", participant)


@transaction.atomic
def assign(request: HelpRequest, to: Account, *, by: Account, version: int | None = None) -> HelpRequest:
    """Let somebody of the staff look after it. Raises Stale where somebody else moved it meanwhile."""
    held = _locked(request, version)
    held.assigned_to = to
    return _move(held, "assign", by)


@transaction.atomic
def answer(request: HelpRequest, text: str, *, by: Account, version: int | None = None) -> HelpRequest:
    """Write to the person; they get a message that there is an answer. It then waits for them.

    Raises Refused for a visitor's request: nothing written here would reach them.
    """
    held = _locked(request, version)
    if held.participant is None:
        raise Refused("help request: a visitor is answered by the address or number that they gave")
    note = _note(held, by, _text(text), internal=False)
    if held.assigned_to is None:
        held.assigned_to = by
    _move(held, "answer", by)
    link = reverse("my_help_request", args=[held.uuid])
    messages.send(held.participant, "help_answered", key=str(note.uuid), link=link)
    return held


@transaction.atomic
def note(request: HelpRequest, text: str, *, by: Account) -> HelpNote:
    """A note among the staff; it moves nothing."""
    made = _note(request, by, _text(text), internal=True)
    audit.record("support.note", actor=by, subject=request.participant, request=request.pk)
    return made


@transaction.atomic
def close(request: HelpRequest, *, by: Account, version: int | None = None) -> HelpRequest:
    held = _locked(request, version)
    held.closed_at = timezone.now()
    return _move(held, "close", by)


@transaction.atomic
def reopen(request: HelpRequest, *, by: Account, version: int | None = None) -> HelpRequest:
    return _move(_locked(request, version), "reopen", by)


def _locked(request: HelpRequest, version: int | None) -> HelpRequest:
    held = HelpRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if version is not None and held.version != version:
        raise Stale("help request: changed meanwhile by someone else; look again before you change it")
    return held


def _move(held: HelpRequest, move: str, actor: Any) -> HelpRequest:
    before = held.state
    held.state = machine.after(before, move, assigned=held.assigned_to_id is not None)
    if held.state != HelpRequest.CLOSED:
        held.closed_at = None
    held.version, held.changed_at = held.version + 1, timezone.now()
    held.save()
    audit.record(
        f"support.{move}", actor=actor, subject=held.participant, request=held.pk, before=before, now=held.state
    )
    return held


def _note(request: HelpRequest, author: Account | None, text: str, *, internal: bool) -> HelpNote:
    return HelpNote.objects.create(request=request, author=author, text=text, internal=internal, at=timezone.now())


def _text(text: str) -> str:
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise BadInput(f"help request: write something, at most {LONGEST} characters")
    return words
