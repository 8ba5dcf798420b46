"""What stands in a signed consent: the same plain values for the PDF and for its twin on a page."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from commonweal.errors import Refused
from commonweal.protocol import FoundText, find_text, text
from commonweal.ui import prose
from commonweal.vault.consent.models import ConsentAnswer, Signature
from commonweal.vault.people.current import current_pairing, current_profile

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

UTC = ZoneInfo("UTC")


def contents_of(answer: ConsentAnswer, protocol: "Protocol", number: UUID) -> dict[str, Any]:
    """All that the document says, in the language in which the person answered; plain strings, lists and dicts alone.

    Raises Refused where the protocol no longer holds the text that was signed.
    """
    module = protocol.consents.get(answer.module)
    found = find_text(module, answer.content_sha256) if module else None
    if found is None:
        raise Refused(f"consent {answer.module}: the protocol no longer holds the text that was answered")
    with translation.override(answer.language):
        return {
            "language": answer.language,
            "program": text(protocol.program.name, answer.language),
            "title": text(found.module.title, answer.language),
            "screens": [{"title": s.title, "blocks": blocks(s.body)} for s in found.text.screens],
            "questions": [_question(question) for question in found.text.questions],
            "statement": blocks(found.text.statement),
            "answer": _answer_words(answer, found),
            "signed": answer.answer == ConsentAnswer.YES,
            "pairs": _pairs(answer, found, protocol, number),
            "signature": _signature(answer),
            "labels": _labels(),
        }


def blocks(body: str) -> list[dict[str, Any]]:
    """Paragraphs {"text": …} and lists {"bullets": […]} of a plain text of the protocol."""
    found: list[dict[str, Any]] = []
    for lines in prose.blocks(body):
        if lines[0].startswith("- "):
            found.append({"bullets": [line[2:] for line in lines]})
        else:
            found.append({"text": " ".join(lines)})
    return found


def _question(question: Any) -> dict[str, Any]:
    right = next(option.text for option in question.options if option.id == question.correct)
    return {"text": question.text, "right": right, "teach": question.teach}


def _answer_words(answer: ConsentAnswer, found: FoundText) -> str:
    words = {
        ConsentAnswer.YES: found.text.agree,
        ConsentAnswer.NO: found.text.decline,
        ConsentAnswer.NOT_SURE: found.text.not_sure,
    }
    return words.get(answer.answer, "")


def _pairs(answer: ConsentAnswer, found: FoundText, protocol: "Protocol", number: UUID) -> list[list[str]]:
    zone = _zone(answer, protocol)
    rows = [
        [_("Version"), found.version.version],
        [_("Form"), _form_words(found) if found.form.id else ""],
        [_("Name"), _name(answer)],
        [_("Date and time"), moment(answer.event_time, zone) if zone != UTC else ""],
        [_("Date and time (UTC)"), moment(answer.event_time, UTC)],
        [_("Holds until"), moment(answer.expires_at, zone) if answer.expires_at else ""],
        [_("Fingerprint of the text (SHA-256)"), answer.content_sha256],
        [_("Document number"), str(number)],
    ]
    return [[label, value] for label, value in rows if value]


def _form_words(found: FoundText) -> str:
    """The form by its id and where it applies, so that a person who has moved can see why the words were these."""
    said = _("%(form)s, for people in %(states)s")
    return said % {"form": found.form.id, "states": ", ".join(found.form.states)}


def _name(answer: ConsentAnswer) -> str:
    """The name that was signed with; for an answer that is not signed, the one that the person had told us by then."""
    if answer.signed_name:
        return answer.signed_name
    before = answer.participant.profiles.filter(authored_time__lte=answer.event_time)
    profile = before.order_by("-authored_time", "-id").first() or current_profile(answer.participant)
    return f"{profile.given_name} {profile.family_name}".strip() if profile else ""


def _zone(answer: ConsentAnswer, protocol: "Protocol") -> ZoneInfo:
    """The time zone of the site that the person belonged to when they answered."""
    before = answer.participant.pairings.filter(authored_time__lte=answer.event_time)
    pairing = before.order_by("-authored_time", "-id").first() or current_pairing(answer.participant)
    site = protocol.sites.get(pairing.site) if pairing else None
    return ZoneInfo(site.timezone) if site else UTC


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment in words, to the second, with its zone."""
    local = timezone.localtime(at, zone)
    return f"{_day(local)}, {local:%H:%M:%S} ({zone.key})"


def day_and_time(at: datetime) -> str:
    """A moment in words where the reader lives, to the minute."""
    local = timezone.localtime(at)
    return f"{_day(local)}, {local:%H:%M}"


def _day(local: datetime) -> str:
    spanish = (translation.get_language() or "en").startswith("es")
    return formats.date_format(local, r"j \d\e F \d\e Y" if spanish else "F j, Y")


def _signature(answer: ConsentAnswer) -> dict[str, str] | None:
    signature = Signature.objects.filter(answer=answer).first()
    if signature is None:
        return None
    kept = ("kind", "typed_name", "drawing", "initials", "guardian_name", "guardian_relationship", "witness_name")
    return {name: getattr(signature, name) for name in kept} | {"witness_signature": signature.witness_signature}


def _labels() -> dict[str, str]:
    return {
        "signed": _("Signed consent"),
        "record": _("Record of an answer"),
        "questions": _("Questions that were answered"),
        "decision": _("The decision"),
        "answer": _("Answer"),
        "signature": _("Signature"),
        "typed": _("Signed by typing the name"),
        "drawn": _("Signed by hand on the screen"),
        "drawing": _("The signature as it was drawn"),
        "initials": _("Initials"),
        "guardian": _("Guardian"),
        "witness": _("Witness"),
        "details": _("Details"),
        "unsigned": _("This answer is not a consent. It is kept so that you can see what you decided."),
        "page": _("Page"),
        "of": _("of"),
        "undrawn": _("Some letters could not be drawn in this file. In Unicode they are:"),
    }
