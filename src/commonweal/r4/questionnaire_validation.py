"""Whether a QuestionnaireResponse answers a Questionnaire.

FHIR R4, with the extensions for least and greatest values, lengths, numbers of answers and exclusive options.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from commonweal.r4.questionnaire_answers import answers_of, collect, objects
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Questionnaire, State
from commonweal.r4.questionnaire_skips import counted, non_answer
from commonweal.r4.questionnaire_values import VALUE_KEYS, order, same, typed, well_formed

FINISHED = ("completed", "amended")


class Problem(NamedTuple):
    """What is wrong, under which item. The message never quotes an answer."""

    linkId: str  # noqa: N815 the field's own name
    code: str
    message: str


def validate(response_document: dict[str, Any], questionnaire: Questionnaire) -> list[Problem]:
    """Everything wrong with a response; empty when it answers the form.

    Codes: structure, wrong-questionnaire, unknown-item, misplaced-item, disabled, required, wrong-type, not-an-option,
    duplicate-answer, exclusive, too-many, too-few, too-long, too-short, too-small, too-large. What is required is asked
    of finished responses only (status completed, amended or none).
    """
    if not isinstance(response_document, dict) or response_document.get("resourceType") != "QuestionnaireResponse":
        return [Problem("", "structure", "this is not a FHIR QuestionnaireResponse")]
    return list(_Validation(questionnaire, response_document).problems())


class _Validation:
    def __init__(self, questionnaire: Questionnaire, document: dict[str, Any]) -> None:
        self.questionnaire, self.document = questionnaire, document
        status = document.get("status")
        self.finished = status is None or status in FINISHED

    def problems(self) -> Iterator[Problem]:
        claimed, own = self.document.get("questionnaire"), self.questionnaire.url
        if isinstance(claimed, str) and own and "://" in claimed and claimed.split("|")[0] != own:
            yield Problem("", "wrong-questionnaire", "the response names another questionnaire")
        state = self.questionnaire.state(answers_of(self.document))
        yield from self.level(self.questionnaire.top, self.document.get("item"), state)

    def level(self, expected: Iterable[str], elements: Any, state: State) -> Iterator[Problem]:
        """One level of items: those expected there, against those given there."""
        given: dict[str, list[dict[str, Any]]] = {}
        allowed = dict.fromkeys(expected)
        for element in objects(elements):
            link_id = str(element.get("linkId", ""))
            if link_id not in self.questionnaire.items:
                yield Problem(link_id, "unknown-item", "the form has no such item")
            elif link_id not in allowed:
                yield Problem(link_id, "misplaced-item", "the form has this item in another place")
            else:
                given.setdefault(link_id, []).append(element)
        for link_id in allowed:
            yield from self.item(self.questionnaire.items[link_id], given.get(link_id, []), state)

    def item(self, item: Item, given: list[dict[str, Any]], state: State) -> Iterator[Problem]:
        if not state.enabled(item.link_id):
            yield from self.disabled(given)
        elif item.type == "group":
            yield from self.group(item, given, state)
        elif item.asks:
            yield from self.question(item, given, state)
        elif any(element.get("answer") for element in given):
            yield Problem(item.link_id, "wrong-type", "this item only shows text and takes no answer")

    def disabled(self, given: list[dict[str, Any]]) -> Iterator[Problem]:
        found: dict[str, list[dict[str, Any]]] = {}
        collect(given, found)
        for link_id in found:
            if link_id in self.questionnaire.items:
                yield Problem(link_id, "disabled", "answered, although the other answers mean that it is not asked")
            else:
                yield Problem(link_id, "unknown-item", "the form has no such item")

    def group(self, item: Item, given: list[dict[str, Any]], state: State) -> Iterator[Problem]:
        if any(element.get("answer") for element in given):
            yield Problem(item.link_id, "wrong-type", "a group takes no answer of its own")
        if item.repeats:
            yield from self.count(item, len(given))
        elif item.required and self.finished and not answers_of({"item": given}):
            yield Problem(item.link_id, "required", "not answered")
            return
        elif len(given) > 1:
            yield Problem(item.link_id, "too-many", f"at most 1 allowed, {len(given)} given")
        given = given or ([] if item.repeats else [{}])
        for element in given:
            inside = self.scope(item, element.get("item"), state) if item.repeats else state
            yield from self.level(item.children, element.get("item"), inside)

    def question(self, item: Item, given: list[dict[str, Any]], state: State) -> Iterator[Problem]:
        answers = [answer for element in given for answer in objects(element.get("answer"))]
        for element in given:
            if element.get("item"):
                yield Problem(item.link_id, "structure", "items under a question belong inside its answer")
        if _plain(item, answers):
            return
        yield from self.count(item, len(counted(answers)))
        yield from _together(item, answers)
        for answer in answers:
            yield from _value(item, answer)
            if item.children or answer.get("item"):
                inside = self.scope(item, answer.get("item"), state) if len(answers) > 1 else state
                yield from self.level(item.children, answer.get("item"), inside)

    def scope(self, item: Item, elements: Any, state: State) -> State:
        """Inside one of several instances, conditions look at that instance first, then outwards."""
        below = {child.link_id for child in self.questionnaire.under(item.link_id)}
        return state.inside(below, answers_of({"item": elements}))

    def count(self, item: Item, count: int) -> Iterator[Problem]:
        least = max(int(item.required), item.min_occurs or 0)
        if count < least and self.finished:
            code, message = ("too-few", f"at least {least} are needed") if count else ("required", "not answered")
            yield Problem(item.link_id, code, message)
        most = item.max_occurs or (None if item.repeats else 1)
        if most is not None and count > most:
            yield Problem(item.link_id, "too-many", f"at most {most} allowed, {count} given")


def _together(item: Item, answers: list[dict[str, Any]]) -> Iterator[Problem]:
    """What is wrong between the answers to one question."""
    if len(answers) < 2:
        return
    if any(non_answer(answer) and _option_index(item, answer) is None for answer in answers):
        yield Problem(item.link_id, "exclusive", "a question left open, or not answered, has an answer as well")
    if not item.options:
        return
    chosen = [_option_index(item, answer) for answer in answers]
    known = [index for index in chosen if index is not None]
    if any(item.options[index].exclusive for index in known) and len(set(chosen)) > 1:
        yield Problem(item.link_id, "exclusive", "an answer that excludes all others was given with others")
    if len(known) != len(set(known)):
        yield Problem(item.link_id, "duplicate-answer", "the same option was chosen twice")


def _coded(item: Item, coding: dict[str, Any]) -> int | None:
    system, code = coding.get("system"), coding.get("code")
    known = isinstance(code, str) and isinstance(system, (str, type(None)))
    return item.codings.get((system, code)) if known else None


def _plain(item: Item, answers: list[dict[str, Any]]) -> bool:
    """The common case, seen quickly: one answer, one of the coded options, nothing below."""
    if len(answers) != 1 or len(answers[0]) != 1 or item.children or (item.min_occurs or 0) > 1:
        return False
    coding = answers[0].get("valueCoding")
    return isinstance(coding, dict) and _coded(item, coding) is not None and not non_answer(answers[0])


def _option_index(item: Item, answer: dict[str, Any]) -> int | None:
    coding = answer.get("valueCoding")
    if isinstance(coding, dict):
        place = _coded(item, coding)
        if place is not None:
            return place
    key, value = typed(answer) or ("", None)
    return next((i for i, o in enumerate(item.options) if o.key == key and same(value, o.value)), None)


def _value(item: Item, answer: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with one answer by itself."""
    found = typed(answer)
    if found is None:
        if not answer.get("extension"):
            yield Problem(item.link_id, "wrong-type", "an answer without a value")
        return
    key, value = found
    if non_answer(answer) and _option_index(item, answer) is None:
        return
    if key not in _keys(item) or not well_formed(key, value):
        yield Problem(item.link_id, "wrong-type", f"a question of type {item.type} takes {' or '.join(_keys(item))}")
    elif item.options and _option_index(item, answer) is None and (item.type, key) != ("open-choice", "valueString"):
        yield Problem(item.link_id, "not-an-option", "not one of the options")
    else:
        yield from _limits(item, key, value)


def _keys(item: Item) -> tuple[str, ...]:
    if item.type not in ("choice", "open-choice"):
        return VALUE_KEYS.get(item.type, ())
    keys = dict.fromkeys(option.key for option in item.options) or {"valueCoding": None}
    return (*keys, "valueString") if item.type == "open-choice" and "valueString" not in keys else tuple(keys)


def _limits(item: Item, key: str, value: Any) -> Iterator[Problem]:
    if isinstance(value, str) and key in ("valueString", "valueUri"):
        if item.max_length is not None and len(value) > item.max_length:
            yield Problem(item.link_id, "too-long", f"at most {item.max_length} characters")
        if item.min_length is not None and len(value) < item.min_length:
            yield Problem(item.link_id, "too-short", f"at least {item.min_length} characters")
    if item.min_value is not None and order(value, item.min_value) == -1:
        yield Problem(item.link_id, "too-small", f"the least allowed is {_limit(item.min_value)}")
    if item.max_value is not None and order(value, item.max_value) == 1:
        yield Problem(item.link_id, "too-large", f"the most allowed is {_limit(item.max_value)}")


def _limit(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value
