"""A person's surveys: each response with its answers in words, what it corrects, and how others answered beside it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

from commonweal.protocol import Protocol, Survey
from commonweal.r4.questionnaire import Item, answers_of, says_nothing
from commonweal.ui.charts import figure
from commonweal.ui.context import words
from commonweal.vault.journey.models import AnswerFigures
from commonweal.vault.people.models import Participant
from commonweal.vault.surveys import forms
from commonweal.vault.surveys.filling import Filling, Spot, said
from commonweal.vault.surveys.models import SurveyResponse


@dataclass(frozen=True)
class Given:
    """One response in the list. `replaced_by`: the response that corrects it."""

    response: SurveyResponse
    title: str
    replaced_by: SurveyResponse | None


@dataclass(frozen=True)
class Compared:
    """How others answered a question, ready for a chart of bars."""

    title: str
    subtitle: str
    rows: list[dict[str, Any]]
    until: date


@dataclass(frozen=True)
class Answered:
    """One question: its words, the answers in words, and how others answered, where that may be shown."""

    link_id: str
    text: str
    said: list[str]
    page: int
    before: list[str] = field(default_factory=list)  # what was answered in the response that this one corrects
    others: Compared | None = None

    @property
    def changed(self) -> bool:
        return self.said != self.before


def survey_of(response: SurveyResponse, protocol: Protocol) -> Survey | None:
    """The survey in the version that was answered, else as the program has it now."""
    return forms.find(response.questionnaire, response.version) or protocol.surveys.get(response.questionnaire)


def title_of(response: SurveyResponse, protocol: Protocol) -> str:
    survey = survey_of(response, protocol)
    return words(survey.title) if survey else response.questionnaire


def given(person: Participant, protocol: Protocol) -> list[Given]:
    """All responses, newest first."""
    found = list(person.survey_responses.order_by("-event_time", "-id"))
    corrected = {one.supersedes_id: one for one in found if one.supersedes_id}
    return [Given(one, title_of(one, protocol), corrected.get(one.pk)) for one in found]


def one(person: Participant, number: UUID) -> SurveyResponse | None:
    return person.survey_responses.filter(uuid=number).first()


def answered(response: SurveyResponse, protocol: Protocol, language: str) -> list[dict[str, Any]]:
    """Pages {title, questions: [Answered]} of what was asked; none where the program no longer knows the survey."""
    survey = survey_of(response, protocol)
    if survey is None:
        return []
    mine = answers_of(orjson.loads(response.document))
    filling, others = Filling(survey, mine, language), others_of(survey, protocol)
    before = _before(response, survey, language)
    pages = []
    for number, page in enumerate(filling.pages, 1):
        asked = [spot for spot in filling.spots(number) if spot.enabled and spot.item.asks]
        questions = [_answered(spot, mine, number, before, others, language) for spot in asked]
        if questions:
            pages.append({"title": page.title(language), "questions": questions})
    return pages


def _before(response: SurveyResponse, survey: Survey, language: str) -> dict[str, list[str]] | None:
    """What was answered in the response that this one corrects, by the place of each question; None: it corrects none."""
    if response.supersedes is None:
        return None
    old = Filling(survey, answers_of(orjson.loads(response.supersedes.document)), language)
    spots = [spot for number in range(1, len(old.pages) + 1) for spot in old.spots(number)]
    return {spot.name: in_words(spot.item, spot.given, language) for spot in spots}


def _answered(
    spot: Spot,
    mine: dict[str, list[dict[str, Any]]],
    page: int,
    before: dict[str, list[str]] | None,
    others: dict[str, AnswerFigures],
    language: str,
) -> Answered:
    told, link = in_words(spot.item, spot.given, language), spot.item.link_id
    stood = told if before is None else before.get(spot.name, [])
    beside = compared(spot.item, mine, others.get(link), language)
    return Answered(link, spot.item.text(language), told, page, stood, beside)


def in_words(item: Item, given: list[dict[str, Any]], language: str) -> list[str]:
    """The answers to a question in words; none where it was left open, and what else is said instead of an answer."""
    own = {option.code for option in item.options}
    instead = {"PMI_DontKnow": _("I don’t know"), "PMI_PreferNotToAnswer": _("I prefer not to answer")}
    codes = [answer.get("valueCoding", {}).get("code") for answer in given]
    if "PMI_Skip" in codes:
        return []
    return [instead[code] for code in codes if code in instead and code not in own] or said(item, given, language)


def others_of(survey: Survey, protocol: Protocol) -> dict[str, AnswerFigures]:
    """What stands published of a survey's questions: the newest of each, of those that the program still names."""
    named = protocol.privacy.compared.get(survey.code, ())
    found = AnswerFigures.objects.filter(survey=survey.code, question__in=named, taken_down_at__isnull=True)
    return {one.question: one for one in found.order_by("cutoff")}


def compared(
    item: Item, mine: dict[str, list[dict[str, Any]]], figures: AnswerFigures | None, language: str
) -> Compared | None:
    """None where nothing is published, or where this person gave no answer to the question themselves."""
    codes = (answer.get("valueCoding", {}).get("code") for answer in mine.get(item.link_id, ()))
    own = {code for code in codes if code and not says_nothing(code)}
    if figures is None or not own:
        return None
    rows = [
        _row(option.code, option.display(language), figures, own)
        for option in item.options
        if option.code in figures.cells and not says_nothing(option.code)
    ]
    most = max((row for row in rows if row["value"]), key=lambda row: row["value"], default=None)
    if most is None:
        return None
    subtitle = _(
        "About %(people)s people answered. Numbers are rounded up to the next %(step)s; %(step)s or fewer are withheld."
    ) % {
        "people": figure(figures.people),
        "step": figures.rounded_to,
    }
    return Compared(_("Most often: %(answer)s") % {"answer": most["name"]}, subtitle, rows, figures.cutoff)


def _row(code: str, name: str, figures: AnswerFigures, own: set[Any]) -> dict[str, Any]:
    value = figures.cells[code]
    label = _("%(answer)s (your answer)") % {"answer": name} if code in own else name
    text = (
        _("few") if value is None else (_("none") if value == 0 else _("about %(people)s") % {"people": figure(value)})
    )
    return {"name": name, "label": label, "value": value, "text": text, "series": 2 if code in own else 1}
