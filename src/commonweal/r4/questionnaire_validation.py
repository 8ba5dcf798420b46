"""Whether a QuestionnaireResponse answers a Questionnaire.

FHIR R4, with the extensions for least and greatest values, lengths, numbers of answers and exclusive options.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from commonweal.r4.questionnaire_answers import answers_of, collect, objects
from commonweal.r4.questionnaire_checks import Problem, same_answers, together, value_problems
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Answers, Questionnaire, State
from commonweal.r4.questionnaire_skips import counted, non_answer

FINISHED = ("completed", "amended")


__all__ = ["Problem", "validate"]


def validate(
    response_document: dict[str, Any], questionnaire: Questionnaire, answers: Answers | None = None
) -> list[Problem]:
    """Everything wrong with a response; empty when it answers the form.

    Codes: structure, wrong-questionnaire, unknown-item, misplaced-item, disabled, required, wrong-type, not-an-option,
    duplicate-answer, exclusive, too-many, too-few, too-long, too-short, too-small, too-large, too-precise, pattern,
    not-a-unit, wrong-calculation. What is required or calculated must be there in finished responses only (status
    completed, amended or none). `answers`: those of the response, where `answers_of` has read them already.
    """
    if not isinstance(response_document, dict) or response_document.get("resourceType") != "QuestionnaireResponse":
        return [Problem("", "structure", "this is not a FHIR QuestionnaireResponse")]
    validation = _Validation(questionnaire, response_document)
    state = questionnaire.state(answers_of(response_document) if answers is None else answers)
    if validation.right_form() and validation.clean(None, response_document.get("item"), state):
        return []  # most responses: seen in one quick walk
    return list(_flattened(validation.problems(state)))


DEEPEST = 40  # levels of items that the quick walk goes down
Found = Iterator[Any]  # problems, and more iterators of them for what stands inside


def _flattened(first: Found) -> Iterator[Problem]:
    """All problems in order, without recursion: a response may be nested as deep as it likes."""
    waiting = [first]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
        elif isinstance(found, Problem):
            yield found
        else:
            waiting.append(found)


class _Validation:
    def __init__(self, questionnaire: Questionnaire, document: dict[str, Any]) -> None:
        self.questionnaire, self.document = questionnaire, document
        claimed = document.get("questionnaire")
        self.unknown = _unknown_item(claimed if isinstance(claimed, str) else "", questionnaire.version)
        status = document.get("status")
        self.finished = status is None or status in FINISHED

    def right_form(self) -> bool:
        """Whether the response names this form, or none that can be told from it."""
        claimed, own = self.document.get("questionnaire"), self.questionnaire.url
        return not (isinstance(claimed, str) and own and "://" in claimed and claimed.split("|")[0] != own)

    def problems(self, state: State) -> Found:
        if not self.right_form():
            yield Problem("", "wrong-questionnaire", "the response names another questionnaire")
        yield self.level(self.questionnaire.top, self.document.get("item"), state)

    def clean(self, above: str | None, elements: Any, state: State, depth: int = 0) -> bool:
        """Whether a level, and all below it, is surely without a problem: what `level` would say, without the words.

        Looked at is only what is given, and what may be missed (`Questionnaire.needed`).
        """
        form = self.questionnaire
        if depth > DEEPEST or form.duplicates or not _listed(elements):
            return False
        given: dict[str, dict[str, Any]] = {}
        for element in elements or ():
            link_id = element.get("linkId")
            item = form.items.get(link_id) if isinstance(link_id, str) else None
            if item is None or item.parent != above or item.link_id in given or not state.enabled(item.link_id):
                return False
            given[item.link_id] = element
            if not self.clean_item(item, element, state, depth):
                return False
        for item in form.needed[above]:
            if item.link_id not in given and state.enabled(item.link_id) and self.finds(self.item(item, [], state)):
                return False
        return True

    def clean_item(self, item: Item, element: dict[str, Any], state: State, depth: int) -> bool:
        if _plain(item, [element]):
            return True
        plain_group = item.type == "group" and not (item.repeats or item.required or "answer" in element)
        if plain_group and element.get("item"):
            return self.clean(item.link_id, element["item"], state, depth + 1)
        return not self.finds(self.item(item, [element], state))

    def finds(self, found: Found) -> bool:
        return next(_flattened(found), None) is not None

    def level(self, expected: Iterable[str], elements: Any, state: State) -> Found:
        """One level of items: those expected there, against those given there."""
        given: dict[str, list[dict[str, Any]]] = {}
        allowed = dict.fromkeys(expected)
        if not _listed(elements):
            yield Problem("", "structure", "item is a list of items; what stands there was not read")
        for element in objects(elements):
            link_id = str(element.get("linkId", ""))
            if link_id not in self.questionnaire.items:
                yield Problem(link_id, "unknown-item", self.unknown)
            elif link_id not in allowed:
                yield Problem(link_id, "misplaced-item", "the form has this item in another place")
            else:
                given.setdefault(link_id, []).append(element)
        for link_id in allowed:
            item, found = self.questionnaire.items[link_id], given.get(link_id, [])
            if state.enabled(link_id):
                if not _plain(item, found):
                    yield self.item(item, found, state)
            elif found:
                yield self.disabled(found)

    def item(self, item: Item, given: list[dict[str, Any]], state: State) -> Found:
        """What is wrong with an item that is asked."""
        if item.type == "group":
            yield self.group(item, given, state)
        elif item.asks:
            yield self.question(item, given, state)
        elif any(element.get("answer") for element in given):
            yield Problem(item.link_id, "wrong-type", "this item only shows text and takes no answer")

    def disabled(self, given: list[dict[str, Any]]) -> Iterator[Problem]:
        found: dict[str, list[dict[str, Any]]] = {}
        collect(given, found)
        for link_id in found:
            if link_id in self.questionnaire.items:
                yield Problem(link_id, "disabled", "answered, although the other answers mean that it is not asked")
            else:
                yield Problem(link_id, "unknown-item", self.unknown)

    def group(self, item: Item, given: list[dict[str, Any]], state: State) -> Found:
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
            yield self.level(item.children, element.get("item"), inside)

    def question(self, item: Item, given: list[dict[str, Any]], state: State) -> Found:
        answers = [answer for element in given for answer in objects(element.get("answer"))]
        for element in given:
            if element.get("item"):
                yield Problem(item.link_id, "structure", "items under a question belong inside its answer")
            if not _listed(element.get("answer")):
                yield Problem(item.link_id, "structure", "answer is a list of answers; what stands there was not read")
        if item.link_id in self.questionnaire.plan.calculations:
            yield from self.calculation(item, answers, state)
        yield from self.count(item, len(counted(answers)))
        yield from together(item, answers)
        for answer in answers:
            yield from value_problems(item, answer)
            if item.children or answer.get("item"):
                inside = self.scope(item, answer.get("item"), state) if len(answers) > 1 else state
                yield self.level(item.children, answer.get("item"), inside)

    def calculation(self, item: Item, answers: list[dict[str, Any]], state: State) -> Iterator[Problem]:
        if (answers or self.finished) and not same_answers(answers, state.answers_to(item.link_id)):
            message = "not what the other answers come to; it is calculated, so leave it to the form"
            yield Problem(item.link_id, "wrong-calculation", message)

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


def _listed(elements: Any) -> bool:
    """Whether it is nothing, or a list of objects: all else would be passed over without a word."""
    return elements is None or (isinstance(elements, list) and all(isinstance(one, dict) for one in elements))


def _plain(item: Item, given: list[dict[str, Any]]) -> bool:
    """The common cases, seen quickly: one answer, which is one of the coded options; or none, and none is needed."""
    if item.type == "group" or item.children or item.calculated or item.min_occurs:
        return False
    if not given:
        return not item.required
    answers = given[0].get("answer")
    if len(given) != 1 or "item" in given[0] or not isinstance(answers, list) or len(answers) != 1:
        return False
    answer = answers[0]
    if not isinstance(answer, dict) or len(answer) != 1 or not item.asks:
        return False
    coding = answer.get("valueCoding")
    return isinstance(coding, dict) and item.coded(coding) is not None and not non_answer(answer)


def _unknown_item(claimed: str, version: str | None) -> str:
    """What to say of an item that the form does not have: it may be of another version."""
    other = claimed.partition("|")[2]
    if not other or not version or other == version:
        return "the form has no such item"
    return f"this version of the form has no such item; the response names another version: check it against {_short(other)}"


def _short(version: str) -> str:
    return f"version {version}" if re.fullmatch(r"[\w.-]{1,20}", version) else "that one"
