"""The way through a survey: which questions a page asks now, where Next and Back lead, how far one is."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from commonweal.protocol import Survey
from commonweal.r4.questionnaire import Item, Page
from commonweal.vault.surveys.answering import Answers, Asked, given, read
from commonweal.vault.surveys.models import SurveyDraft


class Filling:
    """One survey being filled in by one person, in one language."""

    def __init__(self, survey: Survey, answers: Answers, language: str) -> None:
        self.survey, self.answers, self.language = survey, dict(answers), language
        self.form = survey.questionnaire
        self.pages: list[Page] = self.form.pages()

    def items(self, number: int) -> list[Item]:
        """What page `number` (from 1) asks or says, given the answers so far."""
        state = self.form.state(self.answers)
        return [i for i in self.pages[number - 1].items if i.type != "group" and state.enabled(i.link_id)]

    def asked(self, number: int) -> list[Asked]:
        return [Asked(item, self.language, given(item, self.answers)) for item in self.items(number)]

    def take(self, number: int, posted: QueryDict) -> list[Asked]:
        """Take the answers of a page that was shown; returns the questions that need a second look."""
        shown, wrong = set(posted.getlist("shown")), []
        for item in self.items(number):
            if item.link_id not in shown or not item.asks:
                continue
            answers, error = read(item, posted)
            if error:
                wrong.append(Asked(item, self.language, posted.getlist(item.link_id), error))
            elif answers:
                self.answers[item.link_id] = answers
            else:
                self.answers.pop(item.link_id, None)
        self._drop_unasked()
        return wrong

    def _drop_unasked(self) -> None:
        state = self.form.state(self.answers)
        self.answers = {link: found for link, found in self.answers.items() if state.enabled(link)}

    def newly_asked(self, number: int, posted: QueryDict) -> Item | None:
        """The first question of the page that follows from an answer just given and was not shown yet."""
        shown = set(posted.getlist("shown"))
        return next((item for item in self.items(number) if item.asks and item.link_id not in shown), None)

    def after(self, number: int) -> int | None:
        """The next page that asks something; None: all pages are behind."""
        return next((n for n in range(number + 1, len(self.pages) + 1) if self.items(n)), None)

    def before(self, number: int) -> int | None:
        return next((n for n in range(number - 1, 0, -1) if self.items(n)), None)

    def first_open(self) -> int:
        """Where to go on: the first page with a question not yet answered, else the first."""
        for number in range(1, len(self.pages) + 1):
            if any(item.asks and item.link_id not in self.answers for item in self.items(number)):
                return number
        return 1

    def review(self) -> list[dict[str, Any]]:
        """Pages with the questions asked and the words of their answers."""
        pages = []
        for number, page in enumerate(self.pages, 1):
            questions = [(a.text, said(a.item, self.answers, self.language)) for a in self.asked(number) if a.item.asks]
            if questions:
                pages.append({"number": number, "title": page.title(self.language), "questions": questions})
        return pages


def said(item: Item, answers: Answers, language: str) -> list[str]:
    """The answers to one question in words."""
    displays = {option.code: option.display(language) for option in item.options}
    if item.type == "boolean":
        displays = {"yes": _("Yes"), "no": _("No")}
    return [displays.get(value, value) for value in given(item, answers)]


def draft_answers(person: Any, survey: Survey) -> Answers:
    """The answers saved so far to this version of the survey; none where there is no draft."""
    draft = SurveyDraft.objects.filter(participant=person, questionnaire=survey.code).first()
    return dict(draft.answers) if draft else {}
