"""The answers saved so far, as a page needs them: those that fit the version that is asked now, and what to tell of the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from commonweal.protocol import Survey
from commonweal.r4.questionnaire import Questionnaire
from commonweal.vault.people.current import current_profile
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
    first: Answers = field(default_factory=dict)

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
        return Begun(None, {}, first=first_answers(person, survey, {}))
    answers = without_skips(draft.answers)
    first = first_answers(person, survey, draft.times)
    if draft.version == survey.version:
        return Begun(draft, answers, None, dict(draft.times), first)
    moved = carry(answers, forms.find(survey.code, draft.version), survey)
    return Begun(draft, moved.answers, moved, dict(draft.times), first)


def first_answers(person: Participant, survey: Survey, seen: Mapping[str, Any]) -> Answers:
    """What stands in the fields of questions that the person has not come to yet: initial values, and what we know."""
    form = survey.questionnaire
    if not _may_prefill(form):
        return {}
    found = form.prefilled({"patient": _patient(person)} if form.plan.openings else {})
    return {link: given for link, given in found.items() if link not in seen and link not in form.plan.calculations}


@lru_cache(maxsize=64)
def _may_prefill(form: Questionnaire) -> bool:
    items = form.items.values()
    return any(item.initial or item.opening or any(option.initial for option in item.options) for item in items)


def _patient(person: Participant) -> dict[str, Any]:
    """What a form's expressions may read of the person: birth date and sex, as a FHIR Patient; no name, no address."""
    profile = current_profile(person)
    told: dict[str, Any] = {"resourceType": "Patient"}
    if profile and profile.birth_date:
        told["birthDate"] = profile.birth_date.isoformat()
    if profile and profile.sex_at_birth in ("female", "male"):
        told["gender"] = profile.sex_at_birth
    return told
