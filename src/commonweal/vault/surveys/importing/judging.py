"""One line of a file: read, converted where it has the older shape, checked against its form. Runs in any process.

Knows neither people nor the database, so that many processes can do it side by side.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from commonweal.r4 import dstu2
from commonweal.r4.patients import reference_id
from commonweal.vault.surveys import reading
from commonweal.vault.surveys.classifying import classify
from commonweal.vault.surveys.importing.known import Known
from commonweal.vault.surveys.importing.lines import Line
from commonweal.vault.surveys.reading import Fault, Given, Unfit
from commonweal.vault.surveys.said import said_of

if TYPE_CHECKING:
    from commonweal.protocol import Survey


class Judged(NamedTuple):
    """A response fit to be taken, as plain values. `authored`: microseconds since 1970 in UTC; `names`: what it calls
    its person; `alone`: the class that it has by itself."""

    place: int
    names: tuple[str, ...]
    code: str
    version: str
    language: str
    author: str
    status: str
    authored: int
    answer_hash: str
    identifier: str
    alone: str
    valid: bool
    text: str
    original: str


class Reject(NamedTuple):
    """A line that cannot be taken, and why; no answer is quoted in the reason."""

    place: int
    reason: str
    text: str


_known: Known | None = None
_keep_invalid = False


def prepare(known: Known, keep_invalid: bool) -> None:
    """What a process needs to know before it judges."""
    global _known, _keep_invalid
    _known, _keep_invalid = known, keep_invalid


def judge(lines: Sequence[Line]) -> list[Judged | Reject]:
    """Each line judged, in order."""
    assert _known is not None
    now = datetime.now(UTC)
    return [_judge(line, _known, now) for line in lines]


def _judge(line: Line, known: Known, now: datetime) -> Judged | Reject:
    shown = line.text.decode("utf-8", "replace")
    if line.fault:
        return Reject(line.place, line.fault, shown)
    try:
        given = _given(line, known, now)
    except Unfit as error:
        return Reject(line.place, "; ".join(fault.message for fault in error.faults[:20]), shown)
    except RecursionError:
        return Reject(line.place, "the items are nested deeper than can be read", shown[:2000])
    names = _names(given.document)
    if not names:
        return Reject(line.place, "subject: missing; name the participant as Patient/<id>", shown)
    return judged(line.place, names, given)


def judged(place: int, names: tuple[str, ...], given: Given) -> Judged:
    """A response that was read, as plain values."""
    said = said_of(given)
    return Judged(
        place,
        names,
        given.survey.code,
        given.survey.version,
        given.language,
        given.author,
        given.status,
        round(given.authored.replace(microsecond=0).timestamp()) * 1_000_000 + given.authored.microsecond,
        given.answer_hash,
        given.identifier,
        classify(said).classification,
        given.valid,
        given.text,
        given.original,
    )


def _given(line: Line, known: Known, now: datetime) -> Given:
    try:
        text = line.text.decode("utf-8")
    except UnicodeDecodeError:
        raise Unfit(Fault("not UTF-8", "structure")) from None
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Unfit(Fault("no JSON, or cut off", "structure")) from None
    if dstu2.is_dstu2(document) and document["resourceType"] == "QuestionnaireResponse":
        return _old(document, text, known, now)
    meant = known.instead_of(document)
    if meant is not None:
        return _read(document | {"questionnaire": meant.questionnaire.url or meant.code}, text, known, now, meant)
    return _read(document, text, known, now)


def _read(document: Any, text: str, known: Known, now: datetime, survey: "Survey | None" = None) -> Given:
    return reading.read(
        document,
        text,
        find=(lambda canonical: survey) if survey else known.find,
        why_unknown=known.why_unknown,
        now=now,
        keep_invalid=_keep_invalid,
    )


def _old(document: dict[str, Any], text: str, known: Known, now: datetime) -> Given:
    """A response of the older shape, as R4; what was sent is kept beside it."""
    survey = known.find_old(dstu2.form_reference(document))
    if survey is None:
        words = "questionnaire: no form is kept under this number; say with --questionnaire which one is meant"
        raise Unfit(Fault(words, "not-found"))
    try:
        converted = {"questionnaire": survey.code} | dstu2.response(document, survey.questionnaire)
        written = orjson.dumps(converted).decode()
    except (ValueError, AttributeError, TypeError) as error:
        raise Unfit(
            Fault(f"of the older shape (FHIR DSTU2), but not made as it has it: {error}", "structure")
        ) from None
    return replace(_read(converted, written, known, now, survey), original=text)


def _names(document: dict[str, Any]) -> tuple[str, ...]:
    """What a response calls its person: the logical id of the subject, then its identifier."""
    subject = document.get("subject")
    identifier = subject.get("identifier") if isinstance(subject, dict) else None
    value = identifier.get("value") if isinstance(identifier, dict) else None
    return tuple(str(one) for one in (reference_id(subject), value) if one)
