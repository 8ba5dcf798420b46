"""Taking one response in, whichever door it came through: allowed, classified, kept as it was given, once."""

import uuid
from datetime import datetime

import orjson
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from commonweal import audit
from commonweal.errors import Refused
from commonweal.r4.questionnaire import answers_of
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.grants import facts_of
from commonweal.vault.consent.rules import grants
from commonweal.vault.people import facts
from commonweal.vault.people.changes import lock
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import current, forms, safety
from commonweal.vault.surveys.classifying import COUNTED, Earlier, Finding, answer_hash, classify, to_compare
from commonweal.vault.surveys.models import SurveyResponse
from commonweal.vault.surveys.reading import Given
from commonweal.vault.surveys.said import said_of

SCOPE = "surveys"
AMENDED, ENTERED_IN_ERROR, IN_PROGRESS = "amended", "entered-in-error", "in-progress"


class Conflict(Refused):
    """Another response has this identifier already."""


@transaction.atomic
def take(
    person: Participant,
    given: Given,
    *,
    source: str,
    actor: object | None = None,
    corrects: SurveyResponse | None = None,
) -> tuple[SurveyResponse, bool]:
    """Make the response a fact; (it, whether it is new). The same one a second time is the fact that it already is.

    `corrects`: the one whose place it takes; else the one with the same identifier, where its status says that it may.
    Raises Refused where the person does not grant `surveys` or asked to be left in peace, or where the answers could
    signal danger and nobody would see it; Conflict where another response has its identifier.
    """
    lock(person)  # one at a time, so that two see each other
    now = timezone.now()
    check_may_answer(person, given.authored, now)
    if safety.is_unwatched(given.survey, given.authored, now):
        raise Refused(f"questionnaire: {safety.NO_PLAN}: answers of these days are not taken")
    if given.survey.code in current_protocol().surveys:
        forms.keep(given.survey)
    key, there = key_of(person.pk, given, given.answer_hash), _there(person, given)
    before = corrects or _same_identifier(given, there)
    if before and not corrects and is_same(before, given):
        return before, False
    if before and not corrects and not may_replace(before, given):
        raise Conflict("identifier: another response has it; send a correction with the status amended")
    again = next((one for one in there if one.idempotency_key == key), None)
    if again:
        return again, False
    return _keep(person, given, key, _finding(given, before, there), source, actor or person, now), True


def check_may_answer(participant: Participant, at: datetime, now: datetime) -> None:
    """Raises Refused where nothing may be taken: not granted at the moment of the answers, or not any more."""
    told = facts_of(participant)
    if SCOPE not in grants(told, at, now):
        raise Refused("surveys: the participant has not agreed to answer surveys")
    if SCOPE not in grants(told, at, now, new_data=True):
        raise Refused("surveys: the participant asked for no more contact and no new data")
    if SCOPE not in grants(told, now, now):
        raise Refused("surveys: the participant does not agree to surveys any more")


def key_of(participant: int, given: Given, hashed: str) -> str:
    """The same answers to the same version at the same moment are the same fact, through every door."""
    at = facts.microseconds(given.authored)
    return facts.key("survey", participant, given.survey.code, given.survey.version, at, hashed, given.status)


def _there(person: Participant, given: Given) -> list[SurveyResponse]:
    """What the person said in this survey, or under this identifier, in the order in which it came in; documents are
    read only where they are looked at. `is_replaced`: another one has taken its place."""
    about = Q(questionnaire=given.survey.code)
    if given.identifier:
        about |= Q(identifier=given.identifier)
    found = SurveyResponse.objects.filter(about, participant=person).annotate(is_replaced=current.replaced())
    return list(found.defer("document", "original").order_by("id"))


def _finding(given: Given, before: SurveyResponse | None, there: list[SurveyResponse]) -> Finding:
    code, repeats = given.survey.code, is_repeated(given.survey.code)
    counted = [one for one in there if one.questionnaire == code and one.classification in COUNTED]
    known = {one.pk: one for one in counted if not one.is_replaced}  # type: ignore[attr-defined]
    earlier = [Earlier(one.pk, one.authored_time, one.answer_hash) for one in known.values()]
    new = said_of(given, before.pk if before else None)
    found = to_compare(new, given.answer_hash, earlier, repeats=repeats)
    if isinstance(found, Finding):
        return found
    return classify(new, [current.as_said(one, known[one.key].document) for one in found], repeats=repeats)


def _keep(
    person: Participant, given: Given, key: str, found: Finding, source: str, actor: object, now: datetime
) -> SurveyResponse:
    response = SurveyResponse.objects.create(
        idempotency_key=key,
        participant=person,
        questionnaire=given.survey.code,
        version=given.survey.version,
        language=given.language,
        document=given.text,
        original=given.original,
        event_time=given.authored,
        authored_time=given.authored,
        received_time=now,
        source=source,
        author=given.author,
        status=given.status,
        classification=found.classification,
        answer_hash=given.answer_hash,
        identifier=given.identifier,
        supersedes_id=found.supersedes,
        uuid=given.uuid or uuid.uuid4(),
    )
    code = given.survey.code
    audit.record("survey.hand-in", actor=actor, subject=person, survey=code, found=found.classification, source=source)
    safety.watch(person, given.survey, given.answers, response=response)
    return response


def is_repeated(code: str) -> bool:
    """Whether the program asks the survey again and again."""
    settings = getattr(current_protocol(), "survey_settings", {}).get(code)
    return bool(getattr(settings, "every", None))


def is_same(before: SurveyResponse, given: Given) -> bool:
    """Whether a kept response with the same identifier is the very one that was sent."""
    same = before.authored_time == given.authored and before.status == given.status
    return same and hash_of(before) == given.answer_hash


def may_replace(before: SurveyResponse, given: Given) -> bool:
    """Whether what was sent may take the place of the one with its identifier: a correction, a finished draft, or the
    same answers at another time."""
    if given.status in (AMENDED, ENTERED_IN_ERROR) or before.status == IN_PROGRESS:
        return True
    return given.status == before.status and hash_of(before) == given.answer_hash


def hash_of(response: SurveyResponse) -> str:
    return response.answer_hash or answer_hash(answers_of(orjson.loads(response.document)))


def _same_identifier(given: Given, there: list[SurveyResponse]) -> SurveyResponse | None:
    """The latest response with this identifier: the sender's own, or the one that it was given here."""
    return next((one for one in reversed(there) if given.identifier and one.identifier == given.identifier), None)
