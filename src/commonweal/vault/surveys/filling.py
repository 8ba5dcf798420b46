"""The way through a survey: which questions a screen asks now, where Next and Back lead, how far one is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict

from commonweal.protocol import Survey
from commonweal.r4.questionnaire import Item
from commonweal.r4.questionnaire_instances import flat, instances
from commonweal.r4.questionnaire_model import State
from commonweal.vault.surveys.answering import NO_FIELD, Answers, Asked, said, without_skips
from commonweal.vault.surveys.fields.reading import Given
from commonweal.vault.surveys.instances import MOST, name_in, without_empty
from commonweal.vault.surveys.screens import Screen, screens_of

__all__ = ["Filling", "Spot", "said", "takes"]


@dataclass(frozen=True, slots=True)
class Spot:
    """An item in its place on a screen: `name` is that of its fields, `number` (from 1) that of its group's instance.

    `more`: the place where one adds an instance to a repeating group.
    """

    item: Item
    name: str
    enabled: bool
    given: Given
    number: int = 0
    more: bool = False


def takes(item: Item) -> bool:
    """Whether a page has a field for it."""
    return item.asks and not (item.read_only or item.hidden or item.calculated) and item.type not in NO_FIELD


class Filling:
    """One survey being filled in by one person, in one language. What is asked is worked out once for its answers.

    `first`: answers that stand in the fields although nobody has given them yet (pre-filled questions).
    """

    def __init__(
        self, survey: Survey, answers: Answers, language: str, first: Mapping[str, Given] | None = None
    ) -> None:
        self.survey, self.language, self.first = survey, language, dict(first or {})
        self.answers = self.first | without_skips(answers)
        self.form = survey.questionnaire
        self.pages: tuple[Screen, ...] = screens_of(self.form)
        self._spots: dict[tuple[int, str], list[Spot]] = {}

    @cached_property
    def state(self) -> State:
        return self.form.state(self.answers)

    def with_answers(self, answers: Answers) -> "Filling":
        return self if answers == self.answers else Filling(self.survey, answers, self.language, self.first)

    # --- what stands on a screen

    def spots(self, number: int, more: str = "") -> list[Spot]:
        """All that screen `number` (from 1) may show, hidden items left out; `more`: a group with one instance more."""
        key = (number, more)
        if key not in self._spots:
            self._spots[key] = list(self._placed(self.pages[number - 1].items, "", self.state, self.answers, more))
        return self._spots[key]

    def _placed(self, items: Iterable[Item], prefix: str, state: State, local: Any, more: str) -> Iterator[Spot]:
        inside: set[str] = set()
        for item in items:
            if item.link_id in inside or item.hidden:
                continue
            enabled = state.enabled(item.link_id)
            if item.type != "group" or not item.repeats:
                fixed = item.calculated or item.read_only
                given = state.answers_to(item.link_id) if fixed else list(local.get(item.link_id, []))
                yield Spot(item, prefix + item.link_id, enabled, given)
                continue
            below = list(self.form.under(item.link_id))
            inside |= {one.link_id for one in below}
            if enabled:
                yield from self._instances(item, below, prefix, state, local, more)

    def _instances(
        self, group: Item, below: list[Item], prefix: str, state: State, local: Any, more: str
    ) -> Iterator[Spot]:
        apart = instances(local, group.link_id) or [{}]
        apart = [*apart, {}] if more == prefix + group.link_id else apart
        links = [one.link_id for one in below]
        for number, one in enumerate(apart[:MOST]):
            inner = state.inside(links, flat(one, self.form.plan.repeating))
            name = name_in(prefix, group.link_id, number)
            yield Spot(group, name.rstrip("~"), True, [], number=number + 1)
            yield from self._placed(below, name, inner, one, more)
        if len(apart) < min(group.max_occurs or MOST, MOST):
            yield Spot(group, prefix + group.link_id, True, [], more=True)

    def shown(self, number: int, more: str = "") -> list[Spot]:
        """What the screen asks or says now; headings only of what follows."""
        here = [spot for spot in self.spots(number, more) if spot.enabled]
        return [spot for place, spot in enumerate(here) if spot.item.asks or self._leads(spot, here[place + 1 :])]

    def _leads(self, spot: Spot, rest: list[Spot]) -> bool:
        if spot.item.type == "display" or spot.more:
            return True
        if not spot.item.words:
            return False
        return any(one.item.type != "group" and self._within(one.item, spot.item.link_id) for one in rest)

    def _within(self, item: Item, link_id: str) -> bool:
        parent = item.parent
        while parent is not None and parent != link_id:
            parent = self.form.items[parent].parent
        return parent == link_id

    def asked(self, number: int, more: str = "", everything: bool = False) -> list[Asked]:
        """The screen's questions and words; display texts under a question are its hints. `everything`: also what is
        not asked now."""
        shown = (
            [s for s in self.spots(number) if s.item.asks or s.item.words] if everything else self.shown(number, more)
        )
        hints: dict[str, list[str]] = {}
        for spot in shown:
            if self._is_hint(spot.item):
                hints.setdefault(str(spot.item.parent), []).append(spot.item.text(self.language))
        found = [self.question(spot, more) for spot in shown if not self._is_hint(spot.item)]
        for one in found:
            one.hints = hints.get(one.item.link_id, [])
        return found

    def _is_hint(self, item: Item) -> bool:
        parent = self.form.items.get(item.parent or "")
        return item.type == "display" and parent is not None and parent.asks

    def question(self, spot: Spot, more: str = "") -> Asked:
        given, prefilled = spot.given, spot.name in self.first and takes(spot.item)
        return Asked(
            spot.item,
            self.language,
            spot.name,
            given,
            more=more == spot.name,
            prefilled=prefilled,
            instance=spot.number,
            adds=spot.more,
        )

    def asks(self, number: int) -> bool:
        """Whether a screen has anything for somebody to read or answer now."""
        return any(spot.enabled and spot.item.type != "group" for spot in self.spots(number))

    # --- the way

    def newly_asked(self, number: int, sent: QueryDict) -> Spot | None:
        """The first question of the screen that follows from an answer just given and was not shown yet."""
        seen = set(sent.getlist("shown"))
        return next((s for s in self.spots(number) if s.enabled and takes(s.item) and s.name not in seen), None)

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
        return next((n for n in numbers if any(_open(spot) for spot in self.spots(n))), 1)

    def progress(self, number: int | None = None) -> tuple[int, int]:
        """(questions answered or passed before this screen, questions that are asked): of what is asked of this person."""
        done = total = 0
        for place in range(1, len(self.pages) + 1):
            for spot in self.spots(place):
                if spot.enabled and takes(spot.item):
                    total += 1
                    done += bool(spot.given) or (number is not None and place < number)
        return done, total

    def missing(self) -> list[tuple[Item, int]]:
        """(question, screen) of what is required, asked and not answered: a survey is not taken without them."""
        numbers = range(1, len(self.pages) + 1)
        return [(spot.item, n) for n in numbers for spot in self.spots(n) if spot.item.required and _open(spot)]

    def review(self) -> list[dict[str, Any]]:
        """Screens with the questions asked and the words of their answers."""
        pages = []
        for number, page in enumerate(self.pages, 1):
            shown = [spot for spot in self.spots(number) if spot.enabled and spot.item.asks]
            questions = [(self._text(spot), said(spot.item, spot.given, self.language)) for spot in shown]
            if questions:
                told = {"number": number, "title": page.title(self.language), "questions": questions}
                pages.append(told | {"part": page.part, "parts": page.parts, "links": [s.item.link_id for s in shown]})
        return pages

    def _text(self, spot: Spot) -> str:
        """The question, with the number of its instance where its group repeats."""
        numbers = ".".join(str(int(part) + 1) for part in spot.name.split("~~")[1::2])
        text = spot.item.text(self.language)
        return f"{text} ({numbers})" if numbers else text

    def still_asked(self) -> Answers:
        """The answers without those to questions that are asked no more."""
        return self._kept(self.answers, self.state)

    def _kept(self, answers: Any, state: State) -> Answers:
        kept: Answers = {}
        for link, given in answers.items():
            if not state.enabled(link):
                continue
            if link in self.form.plan.repeating:
                links = [one.link_id for one in self.form.under(link)]
                apart = instances({link: given}, link)
                inner = [(one, state.inside(links, flat(one, self.form.plan.repeating))) for one in apart]
                given = [{"answers": self._kept(one, inside)} for one, inside in inner]
            kept[link] = given
        return kept

    def complete(self) -> Answers:
        """What is handed in: all that is still asked, calculated and pre-filled, without empty instances."""
        return without_empty(self.form.calculated(self.still_asked()), self.form.plan.repeating)


def _open(spot: Spot) -> bool:
    return spot.enabled and takes(spot.item) and not spot.given


def texts_of(filling: Filling, links: Iterable[str]) -> list[str]:
    """The words of questions, for those that the form has."""
    return [filling.form.items[link].text(filling.language) for link in links if link in filling.form.items]
