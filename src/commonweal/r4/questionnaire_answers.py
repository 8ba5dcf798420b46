"""Between answers and a FHIR R4 QuestionnaireResponse."""

import copy
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Answers, Questionnaire, State
from commonweal.r4.questionnaire_skips import SKIP


def answers_of(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The answers of a response, by linkId; those of repeated groups are put together."""
    answers: dict[str, list[dict[str, Any]]] = {}
    collect(document.get("item"), answers)
    return answers


def collect(elements: Any, into: dict[str, list[dict[str, Any]]]) -> None:
    """Add the answers below response items to `into`; what has not the shape of a response is passed over."""
    for element in objects(elements):
        for answer in objects(element.get("answer")):
            value = {key: part for key, part in answer.items() if key != "item"}
            if value:
                into.setdefault(str(element.get("linkId", "")), []).append(value)
            if "item" in answer:
                collect(answer["item"], into)
        if "item" in element:
            collect(element["item"], into)


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
    """The QuestionnaireResponse of these answers, in the form's order; answers to what is not asked are left out.
    With `skips`, each question that is asked and has no answer says so (`SKIP`).

    `identifier` is the response's own business identifier (never a person's). No subject is named: whoever stores it
    knows who answered.
    """
    state = questionnaire.state(answers)
    document: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "language": language}
    if identifier:
        document["identifier"] = {"value": identifier}
    if questionnaire.url:
        document["questionnaire"] = "|".join(filter(None, (questionnaire.url, questionnaire.version)))
    document |= {"status": status, "authored": _instant(authored)}
    items = _items(questionnaire, dict.fromkeys(questionnaire.top), state, skips)
    return document | ({"item": items} if items else {})


def _items(questionnaire: Questionnaire, link_ids: Iterable[str], state: State, skips: bool) -> list[dict[str, Any]]:
    found = (_item(questionnaire, questionnaire.items[link_id], state, skips) for link_id in link_ids)
    return [item for item in found if item]


def _item(questionnaire: Questionnaire, item: Item, state: State, skips: bool) -> dict[str, Any] | None:
    if item.type == "display" or not state.enabled(item.link_id):
        return None
    if item.type == "group":
        below = _items(questionnaire, item.children, state, skips)
        return {"linkId": item.link_id, "item": below} if below else None
    given = [dict(answer) for answer in state.answers_to(item.link_id)]
    if not given:
        return {"linkId": item.link_id, "answer": [copy.deepcopy(SKIP)]} if skips and not item.read_only else None
    below = _items(questionnaire, item.children, state, skips)
    if below:
        given[0]["item"] = below
    return {"linkId": item.link_id, "answer": given}


def _instant(moment: datetime | str) -> str:
    return moment if isinstance(moment, str) else moment.astimezone(UTC).isoformat(timespec="seconds")
