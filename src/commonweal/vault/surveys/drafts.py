"""The answers saved so far, as a page needs them: those that fit the version that is asked now, and what to tell of the rest."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from commonweal.protocol import Survey
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import forms
from commonweal.vault.surveys.answering import Answers, without_skips
from commonweal.vault.surveys.carrying import Carried, carry
from commonweal.vault.surveys.models import SurveyDraft, SurveyResponse


@dataclass(frozen=True)
class Begun:
    """What is there of a survey that is being answered. `moved`: it began in another version, which is not saved yet."""

    draft: SurveyDraft | None
    answers: Answers
    moved: Carried | None = None
    times: dict[str, Any] = field(default_factory=dict)

    @property
    def corrects(self) -> SurveyResponse | None:
        return self.draft.corrects if self.draft else None

    @property
    def reached(self) -> str:
        return self.draft.reached if self.draft else ""

    @property
    def set_aside(self) -> list[dict[str, Any]]:
        return list(self.draft.set_aside) if self.draft else []


def begun(person: Participant, survey: Survey, draft: SurveyDraft | None = None) -> Begun:
    """The person's draft of the survey, in the survey's version."""
    draft = (
        draft
        or SurveyDraft.objects.select_related("corrects").filter(participant=person, questionnaire=survey.code).first()
    )
    if draft is None:
        return Begun(None, {})
    answers = without_skips(draft.answers)
    if draft.version == survey.version:
        return Begun(draft, answers, None, dict(draft.times))
    moved = carry(answers, forms.find(survey.code, draft.version), survey)
    return Begun(draft, moved.answers, moved, dict(draft.times))


def last_response(person: Participant, survey: Survey, since: datetime | None = None) -> SurveyResponse | None:
    """The newest response to this survey; `since`: only one that was received after that moment."""
    found = SurveyResponse.objects.filter(participant=person, questionnaire=survey.code)
    if since is not None:
        found = found.filter(received_time__gt=since)
    return found.order_by("event_time", "id").last()
