"""What a person says is wrong: an answer to a survey, a day of a device, a record that is not theirs.

A correction is a new fact. What it corrects stays, and both are shown with their dates.
"""

from datetime import date

import orjson
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from commonweal import audit
from commonweal.errors import Refused
from commonweal.protocol import Protocol
from commonweal.r4.questionnaire import answers_of
from commonweal.vault.consent.grants import deactivated_at, withdrawn_at
from commonweal.vault.journey.my_data.answers import survey_of
from commonweal.vault.people.models import Participant
from commonweal.vault.support import actions as support
from commonweal.vault.support.help_desk import Asked
from commonweal.vault.support.models import HelpRequest
from commonweal.vault.surveys.filling import Filling
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse
from commonweal.vault.wearables import left_out
from commonweal.vault.wearables.models import DayLeftOut


def may_correct(participant: Participant) -> bool:
    """Who has left, or asked to be left in peace, gives nothing new."""
    return withdrawn_at(participant) is None and deactivated_at(participant) is None


@transaction.atomic
def correct_answer(participant: Participant, response: SurveyResponse, link_id: str, protocol: Protocol) -> str:
    """Begin a correction of a response at one question: a draft with the answers given; answers the page to open.

    Raises Refused where the response was corrected already, the program no longer asks this survey in this version, or
    another draft of the survey has been begun.
    """
    _check_may_correct(participant)
    survey = protocol.surveys.get(response.questionnaire)
    if survey is None or survey_of(response, protocol) is None:
        raise Refused("survey: the program no longer asks it, so that it cannot be corrected here; ask us for help")
    if SurveyResponse.objects.filter(supersedes=response).exists():
        raise Refused("survey: this response was corrected before; correct the newest one")
    draft = SurveyDraft.objects.select_for_update().filter(participant=participant, questionnaire=survey.code).first()
    if draft is not None and draft.corrects_id != response.pk:
        raise Refused("survey: you have begun to answer this survey; hand that in first")
    answers = answers_of(orjson.loads(response.document))
    if draft is None:
        SurveyDraft.objects.create(
            participant=participant,
            questionnaire=survey.code,
            version=response.version,  # what a newer version dropped is told on the page that opens
            answers=answers,
            corrects=response,
            started_at=timezone.now(),
        )
        audit.record("survey.correction_begun", actor=participant, subject=participant, survey=survey.code)
    return reverse("survey_page", args=[survey.code, Filling(survey, answers, "en").number_of(link_id) or 1])


def leave_out(participant: Participant, day: date, reason: str, *, source: str) -> DayLeftOut | None:
    """The day is not used any more. None where it was left out before. Raises BadInput, Refused."""
    _check_may_correct(participant)
    return left_out.say(participant, day, left_out=True, reason=reason, source=source)


def take_back(participant: Participant, day: date, *, source: str) -> DayLeftOut | None:
    """The day is used again. Raises BadInput, Refused."""
    _check_may_correct(participant)
    return left_out.say(participant, day, left_out=False, source=source)


def record_not_mine(participant: Participant, what: str, text: str, *, language: str) -> HelpRequest:
    """Tell the staff that a health record is wrong or another person's; they answer as to any request for help."""
    said = _("In my health records, “%(what)s” is wrong or not mine.") % {"what": what}
    asked = Asked(topic="records", text=f"{said}\n\n{text}".strip())
    return support.ask(asked, participant, language=language)


def _check_may_correct(participant: Participant) -> None:
    if not may_correct(participant):
        raise Refused("correction: nothing new is taken from somebody who has left or asked to be left in peace")
