"""Between answers and a FHIR R4 QuestionnaireResponse."""

import copy
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from commonweal.r4.questionnaire_instances import flat, instances
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Answers, Questionnaire, State
from commonweal.r4.questionnaire_skips import SKIP


def answers_of(document: dict[str, Any], questionnaire: Questionnaire | None = None) -> dict[str, list[dict[str, Any]]]:
    """The answers of a response, by linkId. Those of repeated groups are put together; with the `questionnaire`, they
    stand in the instances of each group instead (`{"group": [{"answers": {...}}, ...]}`).
    """
    answers: dict[str, list[dict[str, Any]]] = {}
    collect(document.get("item"), answers, frozenset(questionnaire.plan.repeating) if questionnaire else frozenset())
    return answers


def collect(elements: Any, into: dict[str, list[dict[str, Any]]], apart: frozenset[str] = frozenset()) -> None:
    """Add the answers below response items to `into`; what has not the shape of a response is passed over.

    The instances of the groups named in `apart` are kept apart.
    """
    waiting = [(element, into) for element in reversed(objects(elements))]
    while waiting:
        element, home = waiting.pop()
        link_id = str(element.get("linkId", ""))
        inner = home
        if link_id in apart:
            inner = {}
            home.setdefault(link_id, []).append({"answers": inner})
        below = []
        for answer in objects(element["answer"]) if "answer" in element else ():
            value = answer.copy()
            if "item" in value:
                below += objects(value.pop("item"))
            if value:
                home.setdefault(link_id, []).append(value)
        if "item" in element:
            below += objects(element["item"])
        if below:
            waiting += [(child, inner) for child in reversed(below)]


def objects(value: Any) -> list[dict[str, Any]]:
    """The JSON objects of a JSON array; none where it is no array."""
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []


def response_document(
    questionnaire: Questionnaire,
    answers: Answers,
    *,
    language: str,
    authored: datetime | str,
    identifier: str | None,
    status: str = "completed",
    skips: bool = False,
) -> dict[str, Any]:
    """The QuestionnaireResponse of these answers, in the form's order; answers to what is not asked are left out, and
    calculated ones are worked out again. With `skips`, each question that is asked and has no answer says so (`SKIP`).

    `identifier` is the response's own business identifier (never a person's). No subject is named: whoever stores it
    knows who answered.
    """
    document: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "language": language}
    if identifier:
        document["identifier"] = {"value": identifier}
    if questionnaire.url:
        document["questionnaire"] = "|".join(filter(None, (questionnaire.url, questionnaire.version)))
    document |= {"status": status, "authored": _instant(authored)}
    items = _Writer(questionnaire, skips).items(answers)
    return document | ({"item": items} if items else {})


Place = tuple[Item, list[dict[str, Any]], State, Answers]  # an item, where it is written, and what it sees


class _Writer:
    """Writes items without recursion: a form may be nested as deep as it likes."""

    def __init__(self, questionnaire: Questionnaire, skips: bool) -> None:
        self.questionnaire, self.skips = questionnaire, skips

    def items(self, answers: Answers) -> list[dict[str, Any]]:
        written: list[dict[str, Any]] = []
        waiting = self.places(
            dict.fromkeys(self.questionnaire.top), written, self.questionnaire.state(answers), answers
        )
        while waiting:
            waiting += self.write(*waiting.pop())
        return _without_empty_groups(written)

    def places(
        self, link_ids: Iterable[str], home: list[dict[str, Any]], state: State, answers: Answers
    ) -> list[Place]:
        """The items to write, the first of them last, so that it is taken next."""
        items = self.questionnaire.items
        return [(items[link_id], home, state, answers) for link_id in reversed(list(link_ids))]

    def write(self, item: Item, home: list[dict[str, Any]], state: State, answers: Answers) -> list[Place]:
        """Write one item into `home`; returns what is to be written inside of it."""
        if item.type == "display" or not state.enabled(item.link_id):
            return []
        if item.type == "group":
            written = [self.group(item, home, *one) for one in self.instances(item, state, answers)]
            return [place for places in reversed(written) for place in places]
        given = [dict(answer) for answer in state.answers_to(item.link_id)]
        if not given and self.skips and _asked(item):
            given = [copy.deepcopy(SKIP)]
        if not given:
            return []
        home.append({"linkId": item.link_id, "answer": given})
        if not item.children:
            return []
        below: list[dict[str, Any]] = []
        given[0]["item"] = below
        return self.places(item.children, below, state, answers)

    def instances(self, item: Item, state: State, answers: Answers) -> Iterator[tuple[State, Answers]]:
        """What each instance of a group sees."""
        apart = instances(answers, item.link_id) if item.repeats else []
        if not apart:
            yield state, answers
            return
        below = [child.link_id for child in self.questionnaire.under(item.link_id)]
        for local in apart:
            yield state.inside(below, flat(local, self.questionnaire.plan.repeating)), local

    def group(self, item: Item, home: list[dict[str, Any]], state: State, answers: Answers) -> list[Place]:
        inside: list[dict[str, Any]] = []
        home.append({"linkId": item.link_id, "item": inside})
        return self.places(item.children, inside, state, answers)


def _asked(item: Item) -> bool:
    """Whether a person sees the question and may answer it."""
    return not (item.read_only or item.hidden or item.calculated)


def _without_empty_groups(written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items without groups in which nothing is answered, and without empty lists under answers."""
    lists = [written]
    for here in lists:  # grows while it is walked: outer lists first
        for element in here:
            lists += [part["item"] for part in (element, *element.get("answer", [])) if "item" in part]
    for here in reversed(lists):
        for element in here:
            for answer in element.get("answer", []):
                if not answer.get("item", True):
                    del answer["item"]
        here[:] = [element for element in here if "answer" in element or element["item"]]
    return written


def _instant(moment: datetime | str) -> str:
    return moment if isinstance(moment, str) else moment.astimezone(UTC).isoformat(timespec="seconds")
