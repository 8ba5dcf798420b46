"""The way through a survey: which questions a screen asks now, where Next and Back lead, how far one is."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.http import QueryDict

from commonweal.protocol import Survey
from commonweal.r4.questionnaire import Item
from commonweal.r4.questionnaire_model import State
from commonweal.vault.surveys.answering import Answers, Asked, said, without_skips
from commonweal.vault.surveys.fields.features import NO_FIELD, features_of
from commonweal.vault.surveys.models import SurveyDraft
from commonweal.vault.surveys.screens import Screen, screens_of

__all__ = ["Filling", "draft_answers", "said"]


class Filling:
    """One survey being filled in by one person, in one language. What is asked is worked out once for its answers."""

    def __init__(self, survey: Survey, answers: Answers, language: str) -> None:
        self.survey, self.language = survey, language
        self.answers = without_skips(answers)
        self.form = survey.questionnaire
        self.features = features_of(self.form)
        self.pages: tuple[Screen, ...] = screens_of(self.form)

    @cached_property
    def state(self) -> State:
        return self.form.state(self.answers)

    def with_answers(self, answers: Answers) -> "Filling":
        return Filling(self.survey, answers, self.language)

    def shows(self, item: Item) -> bool:
        return self.state.enabled(item.link_id) and not self.features[item.link_id].hidden

    def takes(self, item: Item) -> bool:
        """Whether a page has a field for it."""
        return item.asks and not item.read_only and item.type not in NO_FIELD and not self.features[item.link_id].hidden

    def items(self, number: int) -> list[Item]:
        """What screen `number` (from 1) asks or says, given the answers so far; headings only of what follows."""
        shown = [item for item in self.pages[number - 1].items if self.shows(item)]
        return [
            item for place, item in enumerate(shown) if item.type != "group" or self._leads(item, shown[place + 1 :])
        ]

    def _leads(self, group: Item, rest: list[Item]) -> bool:
        return bool(group.words) and any(self._within(item, group.link_id) for item in rest)

    def _within(self, item: Item, link_id: str) -> bool:
        parent = item.parent
        while parent is not None and parent != link_id:
            parent = self.form.items[parent].parent
        return parent == link_id

    def asked(self, number: int, more: str = "") -> list[Asked]:
        """The screen's questions and words; display texts under a question are its hints."""
        shown = self.items(number)
        hints: dict[str, list[str]] = {}
        for item in shown:
            if self._is_hint(item):
                hints.setdefault(str(item.parent), []).append(item.text(self.language))
        found = [self.question(item, more) for item in shown if not self._is_hint(item)]
        for asked in found:
            asked.hints = hints.get(asked.name, [])
        return found

    def _is_hint(self, item: Item) -> bool:
        parent = self.form.items.get(item.parent or "")
        return item.type == "display" and parent is not None and parent.asks

    def question(self, item: Item, more: str = "") -> Asked:
        answers = self.answers.get(item.link_id, [])
        return Asked(item, self.language, self.features[item.link_id], answers, more=more == item.link_id)

    def asks(self, number: int) -> bool:
        """Whether a screen has anything for somebody to read or answer now."""
        return any(item.type != "group" and self.shows(item) for item in self.pages[number - 1].items)

    def newly_asked(self, number: int, sent: QueryDict) -> Item | None:
        """The first question of the screen that follows from an answer just given and was not shown yet."""
        shown = set(sent.getlist("shown"))
        return next((item for item in self.items(number) if self.takes(item) and item.link_id not in shown), None)

    def after(self, number: int) -> int | None:
        """The next screen that asks something; None: all are behind."""
        return next((n for n in range(number + 1, len(self.pages) + 1) if self.asks(n)), None)

    def before(self, number: int) -> int | None:
        return next((n for n in range(number - 1, 0, -1) if self.asks(n)), None)

    def number_of(self, link_id: str) -> int | None:
        """The screen on which an item stands."""
        places = enumerate(self.pages, 1)
        return next((n for n, page in places if any(item.link_id == link_id for item in page.items)), None)

    def first_open(self, reached: str = "") -> int:
        """Where to go on: where one was last, if that is known and still asked; else the first screen left open, or the first."""
        place = self.number_of(reached) if reached else None
        if place is not None and self.asks(place):
            return place
        numbers = range(1, len(self.pages) + 1)
        return next((n for n in numbers if any(self._open(item) for item in self.pages[n - 1].items)), 1)

    def _open(self, item: Item) -> bool:
        return self.takes(item) and item.link_id not in self.answers and self.shows(item)

    def progress(self, number: int | None = None) -> tuple[int, int]:
        """(questions answered or passed before this screen, questions that are asked): of what is asked of this person."""
        done = total = 0
        for place, page in enumerate(self.pages, 1):
            for item in page.items:
                if self.takes(item) and self.shows(item):
                    total += 1
                    done += item.link_id in self.answers or (number is not None and place < number)
        return done, total

    def missing(self) -> list[Item]:
        """Required questions that are asked and not answered: a survey is not taken without them."""
        return [item for item in self.form.items.values() if item.required and self._open(item)]

    def review(self) -> list[dict[str, Any]]:
        """Screens with the questions asked and the words of their answers."""
        pages = []
        for number, page in enumerate(self.pages, 1):
            items = [item for item in page.items if item.asks and self.shows(item)]
            questions = [(item.text(self.language), self.words(item)) for item in items]
            if questions:
                told = {"number": number, "title": page.title(self.language), "questions": questions}
                pages.append(told | {"part": page.part, "parts": page.parts, "links": [item.link_id for item in items]})
        return pages

    def words(self, item: Item) -> list[str]:
        return said(item, self.answers, self.language, self.features[item.link_id])

    def still_asked(self) -> Answers:
        """The answers without those to questions that are asked no more."""
        return {link: given for link, given in self.answers.items() if self.state.enabled(link)}


def draft_answers(person: Any, survey: Survey) -> Answers:
    """The answers saved so far to this survey; none where there is no draft."""
    draft = SurveyDraft.objects.filter(participant=person, questionnaire=survey.code).first()
    return dict(draft.answers) if draft else {}


def texts_of(filling: Filling, links: Iterable[str]) -> list[str]:
    """The words of questions, for those that the form has."""
    return [filling.form.items[link].text(filling.language) for link in links if link in filling.form.items]
