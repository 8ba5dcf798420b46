"""A whole FHIR R4 Questionnaire: its pages, its items by linkId, and what is asked given the answers so far."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from commonweal.r4.questionnaire_instances import flat
from commonweal.r4.questionnaire_items import Item, Page, Words, words_of
from commonweal.r4.questionnaire_plan import Plan, first_answers, plan_of
from commonweal.r4.questionnaire_reading import read_item
from commonweal.r4.questionnaire_state import Answers, State


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
        self.depth: dict[str, int] = {}
        for element, parent, depth in walked(document):
            try:
                item = read_item(element, parent, value_sets)
            except (AttributeError, TypeError, KeyError, IndexError) as error:
                raise ValueError(f"item '{element.get('linkId', '')}' is not made as FHIR R4 has it") from error
            if item.link_id in self.items:
                self.duplicates.append(item.link_id)
            else:
                self.items[item.link_id] = item
                self.depth[item.link_id] = depth

    @cached_property
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
        level, links = self.depth[link_id], self._links
        for place in range(self._places[link_id] + 1, len(links)):
            if self.depth[links[place]] <= level:
                return
            yield self.items[links[place]]

    @cached_property
    def _links(self) -> list[str]:
        return list(self.items)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {link_id: place for place, link_id in enumerate(self.items)}

    @cached_property
    def needed(self) -> dict[str | None, tuple[Item, ...]]:
        """By the item above (None: the top level): the items that are not simply left out, as something must be there."""
        found: dict[str | None, list[Item]] = {link_id: [] for link_id in (None, *self.items)}
        for item in reversed(self.items.values()):  # what stands below an item comes before it
            must = item.required or item.calculated or bool(item.min_occurs)
            if must or (item.type == "group" and not item.repeats and found[item.link_id]):
                found[item.parent].append(item)
        return {link_id: tuple(reversed(items)) for link_id, items in found.items()}

    @cached_property
    def plan(self) -> Plan:
        """What depends on what, and the expressions of the form."""
        return plan_of(self)

    def enabled(self, link_id: str, answers: Answers) -> bool:
        """Whether an item is asked, given the answers so far: see `state`."""
        return self.state(answers).enabled(link_id)

    def state(self, answers: Answers) -> "State":
        """What is asked for these answers; ask it for many items at once."""
        return State(self.plan, flat(answers, self.plan.repeating))

    def calculated(self, answers: Answers) -> dict[str, list[dict[str, Any]]]:
        """The answers with those to calculated questions as they come out now; whatever stood there is replaced."""
        calculations = self.plan.calculations
        found = {link_id: given for link_id, given in answers.items() if link_id not in calculations}
        state = self.state(answers) if calculations else None
        for link_id in calculations:
            if state and (given := state.answers_to(link_id)):
                found[link_id] = given
        return found

    def prefilled(
        self, context: Mapping[str, Any] | None = None, answers: Answers | None = None
    ) -> dict[str, list[dict[str, Any]]]:
        """The answers that stand there when the form is opened, under those already given, which are never touched.

        `context` holds what expressions may read, by name: a FHIR resource as `patient`, or a plain value.
        """
        found = dict(answers or {})
        for link_id, item in self.items.items():
            if item.asks and link_id not in found and link_id not in self.plan.calculations:
                first = first_answers(item, self.plan.openings.get(link_id), context or {})
                if first:
                    found[link_id] = first
        return self.calculated(found)


def _parts(document: dict[str, Any]) -> list[dict[str, Any]]:
    contained = document.get("contained")
    return [part for part in contained if isinstance(part, dict)] if isinstance(contained, list) else []


def walked(document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str | None, int]]:
    """(element, linkId of the element above, how deep) for all item elements, in document order."""
    waiting = [(child, None, 1) for child in reversed(_children(document, ""))]
    while waiting:
        element, parent, depth = waiting.pop()
        yield element, parent, depth
        link_id = str(element.get("linkId", ""))
        waiting += [(child, link_id, depth + 1) for child in reversed(_children(element, link_id))]


def _children(element: dict[str, Any], link_id: str) -> list[dict[str, Any]]:
    children = element.get("item") or []
    if not isinstance(children, list) or not all(isinstance(child, dict) for child in children):
        raise ValueError(f"what stands under item '{link_id}' is not a list of items")
    return children
