"""A QuestionnaireResponse that somebody sent, read and checked against its form; knows neither people nor the database."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from commonweal.errors import BadInput
from commonweal.r4 import questionnaire as r4
from commonweal.r4.questionnaire_values import well_formed
from commonweal.vault.surveys.classifying import hash_of_texts, texts

if TYPE_CHECKING:
    from commonweal.protocol import Survey

STATUSES = ("in-progress", "completed", "amended", "entered-in-error", "stopped")
SELF, TELEPHONE = "self", "telephone"
AUTHOR = "http://all-of-us.org/fhir/forms/non-participant-author"
LANGUAGE = "http://hl7.org/fhir/StructureDefinition/iso21090-ST-language"
BY_TELEPHONE = "CATI"  # computer-assisted telephone interview
LARGEST = 1_000_000  # bytes of one response
AHEAD = timedelta(minutes=5)  # how far another machine's clock may be before ours
# what makes a response no response to this form at all; other faults are answers that break its rules
HARD = frozenset({"structure", "wrong-questionnaire", "unknown-item", "misplaced-item"})
_LANGUAGE = re.compile(r"[A-Za-z]{2}(-[A-Za-z0-9-]+)?")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: `code` is of FHIR's issue types, `place` a FHIRPath expression. No answer is quoted."""

    message: str
    code: str = "invalid"
    place: str = "QuestionnaireResponse"


class Unfit(BadInput):
    """The response cannot be taken; all that is wrong with it stands in `faults`."""

    def __init__(self, *faults: Fault) -> None:
        more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(faults[0].message + more)
        self.faults = faults


@dataclass(frozen=True)
class Given:
    """A response, with the form that it answers. `text` is as it was sent; `identifier` a digest of the sender's own.

    `original` is the text before it was converted, where it came in another shape than FHIR R4. Where `valid` is false
    its answers break the form's rules.
    """

    survey: "Survey"
    text: str
    document: dict[str, Any]
    authored: datetime
    language: str
    author: str
    status: str
    identifier: str
    original: str = ""
    valid: bool = True
    uuid: UUID | None = None  # where it has been given one already

    @cached_property
    def answers(self) -> dict[str, list[dict[str, Any]]]:
        """By linkId, those of repeated groups put together."""
        return r4.answers_of(self.document)

    @cached_property
    def texts(self) -> list[str]:
        """One text for each answer (see `classifying.texts`)."""
        return texts(self.answers)

    @cached_property
    def answer_hash(self) -> str:
        return hash_of_texts(self.texts)


def read(
    document: Any,
    text: str,
    *,
    find: Callable[[str], "Survey | None"],
    why_unknown: Callable[[str], str],
    now: datetime,
    keep_invalid: bool = False,
) -> Given:
    """The response of a parsed FHIR R4 document. `find` gives the survey of a canonical address.

    Raises Unfit with everything that is wrong. `keep_invalid`: answers that break the form's rules are no reason.
    """
    _check_head(document)
    survey = _survey_of(document, find, why_unknown)
    authored = moment_of(document.get("authored"), now)
    given = Given(
        survey,
        text,
        document,
        authored,
        language_of(document),
        author_of(document),
        document["status"],
        identifier_of(document),
    )
    wrong = r4.validate(document, survey.questionnaire, given.answers)
    if any(problem.code in HARD for problem in wrong) or (wrong and not keep_invalid):
        raise Unfit(*(fault_of(problem) for problem in wrong))
    return replace(given, valid=False) if wrong else given


def _check_head(document: Any) -> None:
    if not isinstance(document, dict) or document.get("resourceType") != "QuestionnaireResponse":
        raise Unfit(Fault("this is no FHIR R4 QuestionnaireResponse: its resourceType says otherwise", "structure"))
    if isinstance(document.get("group"), dict):
        words = "this QuestionnaireResponse has the shape of FHIR DSTU2 (group, question); send FHIR R4 (item)"
        raise Unfit(Fault(words, "structure", "QuestionnaireResponse.group"))
    if document.get("status") not in STATUSES:
        words = f"status: one of {', '.join(STATUSES)}"
        raise Unfit(Fault(words, "value" if "status" in document else "required", "QuestionnaireResponse.status"))
    try:
        orjson.dumps(document)
    except TypeError:  # what cannot be written could be kept, but not be given out again
        raise Unfit(Fault("its elements are nested deeper than can be read", "structure")) from None


def _survey_of(document: dict[str, Any], find: Callable[[str], Any], why_unknown: Callable[[str], str]) -> "Survey":
    canonical, place = document.get("questionnaire"), "QuestionnaireResponse.questionnaire"
    if not isinstance(canonical, str) or not canonical:
        raise Unfit(Fault("questionnaire: missing; name the form as `url|version`", "required", place))
    survey: Survey | None = find(canonical)
    if survey is None:
        raise Unfit(Fault(f"questionnaire: {why_unknown(canonical)}", "not-found", place))
    return survey


def moment_of(authored: Any, now: datetime) -> datetime:
    """The moment of the answers (aware, UTC). Raises Unfit for one that is missing, vague or to come."""
    place = "QuestionnaireResponse.authored"
    if authored is None:
        raise Unfit(Fault("authored: missing; say when the answers were given", "required", place))
    if not well_formed("valueDateTime", authored) or "T" not in authored:
        words = "authored: a moment with time and offset is needed, such as 2026-03-14T09:30:00-05:00"
        raise Unfit(Fault(words, "value", place))
    try:
        moment = datetime.fromisoformat(authored).astimezone(UTC)
    except OverflowError:  # in the first or the last hours of the calendar
        raise Unfit(Fault("authored: a moment before or after all calendars", "value", place)) from None
    if moment > now + AHEAD:
        raise Unfit(Fault("authored: the moment of the answers is in the future", "business-rule", place))
    return min(moment, now)


def fault_of(problem: r4.Problem) -> Fault:
    """A fault of validation, at its item."""
    place = "QuestionnaireResponse"
    if problem.linkId:
        shown = problem.linkId[:255].replace("\\", "\\\\").replace("'", "\\'")
        place += f".repeat(item | answer.item).where(linkId='{shown}')"
    where = f"item '{problem.linkId[:255]}': " if problem.linkId else ""
    return Fault(f"{where}{problem.message} ({problem.code})", _ISSUES.get(problem.code, "business-rule"), place)


_ISSUES = {
    "structure": "structure",
    "unknown-item": "not-found",
    "required": "required",
    "wrong-type": "value",
    "not-an-option": "code-invalid",
    "wrong-questionnaire": "invalid",
    "misplaced-item": "structure",
}


def language_of(document: dict[str, Any]) -> str:
    """Two letters: the resource's language, else the extension of the field's forms, else English."""
    for said in (document.get("language"), extension_of(document, LANGUAGE)):
        if isinstance(said, str) and _LANGUAGE.fullmatch(said):
            return said[:2].lower()
    return "en"


def author_of(document: dict[str, Any]) -> str:
    """Whether the person wrote it, or staff on the telephone."""
    return TELEPHONE if extension_of(document, AUTHOR) == BY_TELEPHONE else SELF


def extension_of(document: dict[str, Any], url: str) -> Any:
    listed = document.get("extension")
    for extension in listed if isinstance(listed, list) else []:
        if isinstance(extension, dict) and extension.get("url") == url:
            return next((value for key, value in extension.items() if key.startswith("value")), None)
    return None


def identifier_of(document: dict[str, Any]) -> str:
    """A digest of the response's own identifier, '' without one: what it is called elsewhere may name a person."""
    given = document.get("identifier")
    if not isinstance(given, dict) or not isinstance(given.get("value"), str) or not given["value"]:
        return ""
    return identifier_digest(str(given.get("system") or ""), given["value"])


def identifier_digest(system: str, value: str) -> str:
    return hashlib.sha256(f"{system}\x1f{value}".encode("utf-8", "surrogatepass")).hexdigest()
