"""Handing a survey in. Answers along the way are kept by `surveys.saving`."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction
from django.utils import timezone

from commonweal.errors import BadInput, Refused
from commonweal.r4 import questionnaire as r4
from commonweal.vault.people.changes import lock
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse
from commonweal.vault.surveys.reading import AUTHOR, BY_TELEPHONE, Given, identifier_digest
from commonweal.vault.surveys.taking import SCOPE, check_may_answer, take

__all__ = ["SCOPE", "hand_in"]

if TYPE_CHECKING:
    from commonweal.protocol import Survey

Answers = dict[str, list[dict[str, Any]]]


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
    lock(participant)  # two that correct the same see each other
    check_may_answer(participant, at, now)
    if corrects:
        _check_correction(participant, survey, corrects)
    number = uuid.uuid4()
    status = SurveyResponse.AMENDED if corrects else SurveyResponse.COMPLETED
    document = _document(survey, answers, language, at, number, status, author)
    text = orjson.dumps(document).decode()
    mine = identifier_digest("", str(number))
    given = Given(survey, text, document, at, language, author, status, mine, uuid=number)
    response, _ = take(participant, given, source=source, actor=by, corrects=corrects)
    SurveyDraft.objects.filter(participant=participant, questionnaire=survey.code).delete()
    return response


def _check_correction(participant: Participant, survey: "Survey", corrects: SurveyResponse) -> None:
    if (corrects.participant_id, corrects.questionnaire) != (participant.pk, survey.code):
        raise BadInput(f"survey {survey.code}: what is corrected is not a response of this person to it")
    if SurveyResponse.objects.filter(supersedes=corrects).exists():
        raise Refused(f"survey {survey.code}: these answers have been corrected already; correct the latest ones")


def _document(
    survey: "Survey",
    answers: Answers,
    language: str,
    at: datetime,
    number: uuid.UUID,
    status: str,
    author: str,
) -> dict[str, Any]:
    """The QuestionnaireResponse, under a number of its own. BadInput where it does not answer the survey."""
    if not answers:
        raise BadInput(f"survey {survey.code}: no question is answered yet")
    document = r4.response_document(
        survey.questionnaire, answers, language=language, authored=at, identifier=str(number), status=status, skips=True
    )
    if author == SurveyResponse.TELEPHONE:
        document["extension"] = [{"url": AUTHOR, "valueString": BY_TELEPHONE}]
    problems = r4.validate(document, survey.questionnaire)
    if problems:
        first, count = problems[0], len(problems)
        raise BadInput(f"survey {survey.code}: {count} faults, the first at {first.linkId}: {first.message}")
    return document
