"""Saving answers along the way, and handing a survey in."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.r4 import questionnaire as r4
from commonweal.vault.consent.grants import facts_of
from commonweal.vault.consent.rules import grants
from commonweal.vault.people import facts
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import safety
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse

if TYPE_CHECKING:
    from commonweal.protocol import Survey

Answers = dict[str, list[dict[str, Any]]]
SCOPE = "surveys"


@transaction.atomic
def save_draft(participant: Participant, survey: "Survey", answers: Answers) -> SurveyDraft:
    """Keep the answers given so far; working state, no fact."""
    draft, _ = SurveyDraft.objects.update_or_create(
        participant=participant,
        questionnaire=survey.code,
        defaults={"version": survey.version, "answers": answers},
    )
    safety.watch(participant, survey, answers)
    return draft


@transaction.atomic
def hand_in(
    participant: Participant,
    survey: "Survey",
    answers: Answers,
    *,
    language: str,
    source: str,
    authored: datetime | None = None,
    author: str = SurveyResponse.SELF,
    corrects: SurveyResponse | None = None,
    by: object | None = None,
) -> SurveyResponse:
    """Make the answers a fact and drop the draft. The same answers at the same moment are the same fact.

    `author`: self, or telephone where staff wrote down what they were told. `corrects`: the response of this person
    to this survey that the new one, whose status is amended, takes the place of. `by`: who does it, as the audit
    names them; the participant where nobody is named.

    Raises Refused where the person does not grant `surveys` or asked to be left in peace, BadInput where the answers
    do not answer the survey.
    """
    now = timezone.now()
    at = authored or now
    if at > now:
        raise BadInput(f"survey {survey.code}: the moment of the answers is in the future")
    _check_may_answer(participant, at, now)
    number = uuid.uuid4()
    document = _document(survey, answers, language, at, number)
    said = orjson.dumps(answers, option=orjson.OPT_SORT_KEYS).decode()
    response, added = SurveyResponse.objects.get_or_create(
        idempotency_key=facts.key("survey", participant.pk, survey.code, facts.microseconds(at), said),
        defaults={
            "uuid": number,
            "participant": participant,
            "questionnaire": survey.code,
            "version": survey.version,
            "language": language,
            "document": orjson.dumps(document).decode(),
            "event_time": at,
            "authored_time": at,
            "received_time": now,
            "source": source,
            "author": author,
            "status": SurveyResponse.AMENDED if corrects else SurveyResponse.COMPLETED,
            "supersedes": corrects,
        },
    )
    SurveyDraft.objects.filter(participant=participant, questionnaire=survey.code).delete()
    if added:
        audit.record("survey.hand-in", actor=by or participant, subject=participant, survey=survey.code, author=author)
        safety.watch(participant, survey, answers, response=response)
    return response


def _document(survey: "Survey", answers: Answers, language: str, at: datetime, number: uuid.UUID) -> dict[str, Any]:
    """The QuestionnaireResponse, under a number of its own. BadInput where it does not answer the survey."""
    if not answers:
        raise BadInput(f"survey {survey.code}: no question is answered yet")
    document = r4.response_document(
        survey.questionnaire, answers, language=language, authored=at, identifier=str(number), skips=True
    )
    problems = r4.validate(document, survey.questionnaire)
    if problems:
        first, count = problems[0], len(problems)
        raise BadInput(f"survey {survey.code}: {count} faults, the first at {first.linkId}: {first.message}")
    return document


def _check_may_answer(participant: Participant, at: datetime, now: datetime) -> None:
    told = facts_of(participant)
    if SCOPE not in grants(told, at, now):
        raise Refused("surveys: the participant has not agreed to answer surveys")
    if SCOPE not in grants(told, at, now, new_data=True):
        raise Refused("surveys: the participant asked for no more contact and no new data")
