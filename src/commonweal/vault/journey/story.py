"""What a participant gave and what happened since, from all rooms, newest first: the story on their home page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from commonweal.protocol import Protocol
from commonweal.ui.context import words
from commonweal.vault.journey import status
from commonweal.vault.journey.status.words import NEEDS
from commonweal.vault.messages.models import Appointment, Message
from commonweal.vault.people.models import Participant

SHOWN = 8  # the rest waits behind a word


@dataclass(frozen=True)
class Happening:
    """One thing on one day. `badge` and `kind`: a word of status and how it looks."""

    when: datetime
    title: str
    badge: str = ""
    kind: str = ""
    url: str = ""


def of(person: Participant, protocol: Protocol) -> list[Happening]:
    """Everything, newest first."""
    found = [*_joined(person), *_consents(person, protocol), *_surveys(person, protocol), *_appointments(person)]
    found += [*_messages(person), *_endings(person)]
    return sorted(found, key=lambda one: one.when, reverse=True)


def _joined(person: Participant) -> Iterator[Happening]:
    yield Happening(person.registered_at, _("Your account was made"))
    first = person.profiles.order_by("event_time").first()
    if first:
        yield Happening(first.event_time, _("You told us about yourself"), url=reverse("data"))


def _answers() -> dict[str, tuple[str, str]]:
    return {
        "yes": (_("you said yes"), "good"),
        "no": (_("you said no"), ""),
        "not_sure": (_("you were not sure"), "caution"),
        "later": (_("to decide later"), ""),
    }


def _consents(person: Participant, protocol: Protocol) -> Iterator[Happening]:
    said = _answers()
    for answer in person.consent_answers.order_by("event_time", "id"):
        module = protocol.consents.get(answer.module)
        badge, kind = said.get(answer.answer, ("", ""))
        yield Happening(answer.event_time, words(module.title) if module else answer.module, badge, kind)


def _surveys(person: Participant, protocol: Protocol) -> Iterator[Happening]:
    for response in person.survey_responses.order_by("event_time", "id"):
        survey = protocol.surveys.get(response.questionnaire)
        title = words(survey.title) if survey else response.questionnaire
        yield Happening(response.event_time, title, _("answered"), "good")


def _appointments(person: Participant) -> Iterator[Happening]:
    kept = Appointment.objects.filter(participant=person, state=Appointment.KEPT, starts_at__isnull=False)
    for one in kept.order_by("starts_at"):
        title = _("You spoke with us") if one.kind == Appointment.CALL else _("You came to us")
        yield Happening(one.starts_at, title, _("appointment"))


def _messages(person: Participant) -> Iterator[Happening]:
    read = Message.objects.filter(participant=person, channel=Message.INBOX, state=Message.OPENED)
    for one in read.order_by("-due_at")[:100]:
        yield Happening(one.due_at, one.subject, _("message"), url=reverse("inbox_message", args=[one.uuid]))


def _endings(person: Participant) -> Iterator[Happening]:
    for gone in person.withdrawals.order_by("event_time"):
        yield Happening(gone.event_time, _("You left the program"), "", "caution", reverse("leaving_receipt"))
    for gone in person.deactivations.order_by("event_time"):
        yield Happening(gone.event_time, _("You asked us to leave you in peace"), "", "caution")


def standing(person: Participant) -> dict[str, Any]:
    """Where the person stands, said to them, and what is open before the next step of the ladder."""
    found = status.of(person)
    said = {
        "registered": _("You have an account. You have not joined yet."),
        "interested": _("You have joined."),
        "participant": _("You have joined."),
        "participant_plus_ehr": _("You have joined and share your health records."),
        "enrolled_participant": _("You have joined and answered the first survey."),
        "pmb_eligible": _("You have joined, and could give measurements and samples."),
        "core_minus_pm": _("You have given everything but measurements."),
        "core_participant": _("You have given all that we ask of everyone."),
        "full_participant": _("You have given all that we ask of everyone."),
    }
    missing = [str(NEEDS.get(need, need)) for need in status.next_missing(found)]
    return {"words": said.get(found.level, ""), "since": found.since, "missing": missing}
