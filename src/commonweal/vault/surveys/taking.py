"""Taking one response in, whichever door it came through: allowed, classified, kept as it was given, once."""

import uuid
from datetime import datetime

import orjson
from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import Refused
from commonweal.r4.questionnaire import answers_of
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.grants import facts_of
from commonweal.vault.consent.rules import grants
from commonweal.vault.people import facts
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import current, forms, safety
from commonweal.vault.surveys.classifying import answer_hash, classify
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
    Raises Refused where the person does not grant `surveys` or asked to be left in peace, Conflict where another
    response has its identifier.
    """
    Participant.objects.select_for_update().get(pk=person.pk)  # one at a time, so that two see each other
    now = timezone.now()
    check_may_answer(person, given.authored, now)
    if given.survey.code in current_protocol().surveys:
        forms.keep(given.survey)
    before = corrects or _same_identifier(person, given)
    hashed = answer_hash(answers_of(given.document))
    if before and not corrects and is_same(before, given, hashed):
        return before, False
    if before and not corrects and not may_replace(before, given, hashed):
        raise Conflict("identifier: another response has it; send a correction with the status amended")
    return _keep(person, given, hashed, before, source, actor or person, now)


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


def _keep(
    person: Participant,
    given: Given,
    hashed: str,
    before: SurveyResponse | None,
    source: str,
    actor: object,
    now: datetime,
) -> tuple[SurveyResponse, bool]:
    code = given.survey.code
    earlier = [current.as_said(one) for one in current.counted(participant=person, questionnaire=code)]
    found = classify(said_of(given, before.pk if before else None), earlier, repeats=is_repeated(code))
    response, added = SurveyResponse.objects.get_or_create(
        idempotency_key=key_of(person.pk, given, hashed),
        defaults={
            "participant": person,
            "questionnaire": code,
            "version": given.survey.version,
            "language": given.language,
            "document": given.text,
            "original": given.original,
            "event_time": given.authored,
            "authored_time": given.authored,
            "received_time": now,
            "source": source,
            "author": given.author,
            "status": given.status,
            "classification": found.classification,
            "answer_hash": hashed,
            "identifier": given.identifier,
            "supersedes_id": found.supersedes,
            "uuid": given.uuid or uuid.uuid4(),
        },
    )
    if added:
        audit.record(
            "survey.hand-in", actor=actor, subject=person, survey=code, found=found.classification, source=source
        )
        safety.watch(person, given.survey, answers_of(given.document), response=response)
    return response, added


def is_repeated(code: str) -> bool:
    """Whether the program asks the survey again and again."""
    settings = getattr(current_protocol(), "survey_settings", {}).get(code)
    return bool(getattr(settings, "every", None))


def is_same(before: SurveyResponse, given: Given, hashed: str) -> bool:
    """Whether a kept response with the same identifier is the very one that was sent."""
    same = before.authored_time == given.authored and before.status == given.status
    return same and hash_of(before) == hashed


def may_replace(before: SurveyResponse, given: Given, hashed: str) -> bool:
    """Whether what was sent may take the place of the one with its identifier: a correction, a finished draft, or the
    same answers at another time."""
    if given.status in (AMENDED, ENTERED_IN_ERROR) or before.status == IN_PROGRESS:
        return True
    return given.status == before.status and hash_of(before) == hashed


def hash_of(response: SurveyResponse) -> str:
    return response.answer_hash or answer_hash(answers_of(orjson.loads(response.document)))


def _same_identifier(person: Participant, given: Given) -> SurveyResponse | None:
    """The latest response of the person with this identifier: the sender's own, or the one that it was given here."""
    if not given.identifier:
        return None
    return SurveyResponse.objects.filter(participant=person, identifier=given.identifier).order_by("id").last()
