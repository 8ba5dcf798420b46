"""A whole FHIR R4 Questionnaire: its pages, its items by linkId, and what is asked given the answers so far."""

from collections.abc import Iterator, Mapping
from typing import Any

from commonweal.r4.questionnaire_items import Item, Page, Words, read_item, words_of
from commonweal.r4.questionnaire_skips import counted

Answers = Mapping[str, list[dict[str, Any]]]


class Questionnaire:
    """A form. Raises ValueError when the document is no Questionnaire; other faults are found by `faults`.

    `items` are in document order; where a linkId stands twice the first one counts and `duplicates` names it.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        if not isinstance(document, dict) or document.get("resourceType") != "Questionnaire":
            raise ValueError("this is not a FHIR Questionnaire: its resourceType is not 'Questionnaire'")
        self.document = document
        self.url: str | None = document.get("url")
        self.version: str | None = document.get("version")
        self.title: Words = words_of(document, "title")
        self.items: dict[str, Item] = {}
        self.duplicates: list[str] = []
        value_sets = {str(part.get("id")): part for part in _parts(document) if part.get("resourceType") == "ValueSet"}
        for element, parent in _walk(document, None):
            try:
                item = read_item(element, parent, value_sets)
            except (AttributeError, TypeError, KeyError, IndexError) as error:
                raise ValueError(f"item '{element.get('linkId', '')}' is not made as FHIR R4 has it") from error
            if item.link_id in self.items:
                self.duplicates.append(item.link_id)
            else:
                self.items[item.link_id] = item

    @property
    def top(self) -> tuple[str, ...]:
        """linkIds of the top level, in order."""
        return tuple(str(element.get("linkId", "")) for element in self.document.get("item") or [])

    def pages(self) -> list[Page]:
        """One page for each top-level item; a top-level question is a page of its own."""
        return [self._page(self.items[link_id]) for link_id in dict.fromkeys(self.top)]

    def _page(self, item: Item) -> Page:
        under = tuple(self.under(item.link_id))
        return Page(item.link_id, item.words, under if item.type == "group" else (item, *under))

    def under(self, link_id: str) -> Iterator[Item]:
        """All items below one, in document order."""
        for child in self.items[link_id].children:
            if self.items[child].parent == link_id:
                yield self.items[child]
                yield from self.under(child)

    def enabled(self, link_id: str, answers: Answers) -> bool:
        """Whether an item is asked, given the answers so far: see `state`."""
        return self.state(answers).enabled(link_id)

    def state(self, answers: Answers) -> "State":
        """What is asked for these answers; ask it for many items at once."""
        return State(self.items, answers)


class State:
    """Which items are enabled for one set of answers.

    An item is enabled when its own conditions hold and all items above it are enabled; one that stands under a
    question is asked only once that question has an answer. Answers to items not enabled count as no answers, and so do skips.
    """

    __slots__ = ("_answers", "_items", "_known")

    def __init__(self, items: Mapping[str, Item], answers: Answers, known: Mapping[str, bool] | None = None) -> None:
        self._items, self._answers = items, answers
        self._known: dict[str, bool] = dict(known or {})

    def enabled(self, link_id: str) -> bool:
        known = self._known.get(link_id)
        if known is not None:
            return known
        item = self._items.get(link_id)
        if item is None:
            return False
        self._known[link_id] = False  # conditions that go in a circle never hold
        result = self._parent_allows(item) and self._conditions_hold(item)
        self._known[link_id] = result
        return result

    def answers_to(self, link_id: str) -> list[dict[str, Any]]:
        """The answers that count: none where the item is not enabled."""
        given = self._given(link_id)
        return given if given and self.enabled(link_id) else []

    def _given(self, link_id: str) -> list[dict[str, Any]]:
        """The answers given, skips left out, whether or not they count."""
        given = self._answers.get(link_id)
        return counted(given) if given else []

    def inside(self, below: set[str], local: Answers) -> "State":
        """The state inside one instance of a repeated group: `local` are its own answers, `below` the items in it."""
        outer = {link_id: given for link_id, given in self._answers.items() if link_id not in below}
        known = {link_id: self.enabled(link_id) for link_id in self._items if link_id not in below}
        return State(self._items, outer | dict(local), known)

    def _parent_allows(self, item: Item) -> bool:
        parent = item.parent
        if parent is None:
            return True
        return self.enabled(parent) and (bool(self._given(parent)) or not self._items[parent].asks)

    def _conditions_hold(self, item: Item) -> bool:
        if not item.enable_when:
            return True
        outcomes = (condition.holds(self.answers_to(condition.question)) for condition in item.enable_when)
        return all(outcomes) if item.enable_all else any(outcomes)


def _parts(document: dict[str, Any]) -> list[dict[str, Any]]:
    contained = document.get("contained")
    return [part for part in contained if isinstance(part, dict)] if isinstance(contained, list) else []


def _walk(element: dict[str, Any], parent: str | None) -> Iterator[tuple[dict[str, Any], str | None]]:
    children = element.get("item") or []
    if not isinstance(children, list) or not all(isinstance(child, dict) for child in children):
        raise ValueError(f"what stands under item '{parent or ''}' is not a list of items")
    for child in children:
        yield child, parent
        yield from _walk(child, str(child.get("linkId", "")))
