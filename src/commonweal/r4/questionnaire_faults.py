"""Authoring faults of a FHIR R4 Questionnaire: what would stop or mislead the people who answer it."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from commonweal.r4.questionnaire_conditions import OPERATORS, Condition
from commonweal.r4.questionnaire_items import Item, words_of
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_reach import reachable
from commonweal.r4.questionnaire_values import ITEM_TYPES, VALUE_KEYS, order, same, typed, well_formed

_END = "the end cannot be reached"
_COMPARED = {"integer": ("Integer", "Decimal"), "decimal": ("Decimal", "Integer"), "url": ("Uri", "String")}


class Fault(NamedTuple):
    """What is wrong with the form, at which item (empty: the form as a whole)."""

    linkId: str  # noqa: N815 the field's own name
    code: str
    message: str


def faults(questionnaire: Questionnaire, languages: Iterable[str] | None = None) -> list[Fault]:
    """All faults, in document order. `languages` must all be there; None means: those that any text is translated into.

    Codes: no-items, missing-link-id, duplicate-link-id, unknown-type, no-text, untranslated, empty-group, no-options,
    duplicate-option, impossible-limits, cannot-be-answered, unknown-condition-target, condition-type, condition-option,
    unknown-operator, no-enable-behavior, loop, unreachable.
    """
    checks = (_links, _texts, _conditions, _answerable)
    found = [fault for check in checks for fault in check(questionnaire)]
    wanted = _languages(questionnaire) if languages is None else set(languages) - {_own_language(questionnaire)}
    found += _untranslated(questionnaire, wanted)
    loops = set(_loops(questionnaire))
    found += [Fault(link_id, "loop", "its conditions lead back to itself, so it is never asked") for link_id in loops]
    found += [fault for fault in _reach(questionnaire) if fault.linkId not in loops]
    place = {link_id: index for index, link_id in enumerate(questionnaire.items)}
    return sorted(dict.fromkeys(found), key=lambda fault: place.get(fault.linkId, -1))


def _own_language(questionnaire: Questionnaire) -> str:
    return str(questionnaire.document.get("language") or "en").split("-")[0]


def _languages(questionnaire: Questionnaire) -> set[str]:
    words = [item.words for item in questionnaire.items.values()] + [questionnaire.title]
    words += [option.words for item in questionnaire.items.values() for option in item.options]
    return {language for mapping in words for language in mapping} - {""}


def _links(questionnaire: Questionnaire) -> Iterator[Fault]:
    if not questionnaire.items:
        yield Fault("", "no-items", "the form asks nothing")
    if "" in questionnaire.items:
        yield Fault("", "missing-link-id", "an item has no linkId")
    for link_id in questionnaire.duplicates:
        yield Fault(link_id, "duplicate-link-id", "two items have this linkId")


def _texts(questionnaire: Questionnaire) -> Iterator[Fault]:
    coded = {e.get("linkId") for e in _elements(questionnaire.document) if (e.get("code") or [{}])[0].get("display")}
    for item in questionnaire.items.values():
        if item.asks and not item.words and item.link_id not in coded:
            yield Fault(item.link_id, "no-text", "a question without words")
        if item.type not in ITEM_TYPES:
            yield Fault(item.link_id, "unknown-type", "its type is none of FHIR R4's item types")
        if item.type == "group" and not item.children:
            yield Fault(item.link_id, "empty-group", "a group with nothing in it")


def _untranslated(questionnaire: Questionnaire, wanted: set[str]) -> Iterator[Fault]:
    for language in sorted(wanted):
        if questionnaire.title and language not in questionnaire.title:
            yield Fault("", "untranslated", f"the title has no translation into '{language}'")
        for element in _elements(questionnaire.document):
            link_id = str(element.get("linkId", ""))
            texts = words_of(element, "text")
            if texts and language not in texts:
                yield Fault(link_id, "untranslated", f"its text has no translation into '{language}'")
            item = questionnaire.items[link_id]
            if any(option.key == "valueCoding" and language not in option.words for option in item.options):
                yield Fault(link_id, "untranslated", f"an option has no translation into '{language}'")


def _conditions(questionnaire: Questionnaire) -> Iterator[Fault]:
    for item in questionnaire.items.values():
        if len(item.enable_when) > 1 and not _behaviour(questionnaire, item):
            yield Fault(item.link_id, "no-enable-behavior", "several conditions, but no enableBehavior (all or any)")
        for condition in item.enable_when:
            yield from _condition(questionnaire, item, condition)


def _behaviour(questionnaire: Questionnaire, item: Item) -> bool:
    return any(
        element.get("linkId") == item.link_id and element.get("enableBehavior") in ("all", "any")
        for element in _elements(questionnaire.document)
    )


def _condition(questionnaire: Questionnaire, item: Item, condition: Condition) -> Iterator[Fault]:
    target = questionnaire.items.get(condition.question)
    if condition.operator not in OPERATORS:
        yield Fault(item.link_id, "unknown-operator", "a condition with an operator that FHIR R4 does not have")
    elif target is None or not target.asks:
        message = f"a condition on '{condition.question}', which is no question of the form"
        yield Fault(item.link_id, "unknown-condition-target", message)
    elif not _fits(target, condition):
        message = f"a condition on '{target.link_id}' compares with a value of another type"
        yield Fault(item.link_id, "condition-type", message)
    elif not _offered(target, condition):
        message = f"a condition names an answer that '{target.link_id}' does not offer"
        yield Fault(item.link_id, "condition-option", message)


def _offered(target: Item, condition: Condition) -> bool:
    if condition.operator not in ("=", "!=") or not target.options or target.type == "open-choice":
        return True
    return any(same(option.value, condition.value) for option in target.options)


def _fits(target: Item, condition: Condition) -> bool:
    if condition.operator == "exists":
        return isinstance(condition.value, bool)
    kinds = _COMPARED.get(target.type) or tuple(key[5:] for key in VALUE_KEYS.get(target.type, ()))
    if target.options:
        kinds = (*(option.key[5:] for option in target.options), *(("String",) if target.type == "open-choice" else ()))
    return condition.value_type in kinds and well_formed("value" + condition.value_type, condition.value)


def _answerable(questionnaire: Questionnaire) -> Iterator[Fault]:
    for item in questionnaire.items.values():
        blocked = list(_impossible(questionnaire, item))
        yield from blocked
        if blocked and item.required and blocked[0].code in ("no-options", "impossible-limits"):
            yield Fault(item.link_id, "cannot-be-answered", f"required, but no answer is possible: {_END}")
        if item.asks and item.required and item.read_only and not _initial(questionnaire, item):
            yield Fault(item.link_id, "cannot-be-answered", f"required and read-only without a value: {_END}")


def _impossible(questionnaire: Questionnaire, item: Item) -> Iterator[Fault]:
    if item.type == "choice" and not item.options and not _value_set(questionnaire, item):
        yield Fault(item.link_id, "no-options", "a choice without options")
    if item.min_value is not None and order(item.min_value, item.max_value) == 1:
        yield Fault(item.link_id, "impossible-limits", "its least value is above its greatest")
    if item.min_length is not None and item.max_length is not None and item.min_length > item.max_length:
        yield Fault(item.link_id, "impossible-limits", "its least length is above its greatest")
    if item.max_occurs is not None and max(int(item.required), item.min_occurs or 0) > item.max_occurs:
        yield Fault(item.link_id, "impossible-limits", "it needs more answers than it allows")
    codes = [(option.system, option.code, option.key) for option in item.options]
    if len(codes) != len(set(codes)):
        yield Fault(item.link_id, "duplicate-option", "two options are the same")


def _value_set(questionnaire: Questionnaire, item: Item) -> bool:
    found = _first(questionnaire, item).get("answerValueSet")
    return bool(found) and not str(found).startswith("#")


def _initial(questionnaire: Questionnaire, item: Item) -> bool:
    element = _first(questionnaire, item)
    chosen = any(option.get("initialSelected") for option in element.get("answerOption") or [])
    return chosen or any(typed(value) for value in element.get("initial") or [])


def _first(questionnaire: Questionnaire, item: Item) -> dict[str, Any]:
    return next(e for e in _elements(questionnaire.document) if str(e.get("linkId", "")) == item.link_id)


def _loops(questionnaire: Questionnaire) -> Iterator[str]:
    """Items from which the conditions of items, and of those above them, lead back to the item itself."""
    items = questionnaire.items
    leads = {
        link_id: [c.question for c in item.enable_when if c.question in items]
        + [p for p in (item.parent,) if p is not None]
        for link_id, item in items.items()
    }
    for start in items:
        seen: set[str] = set()
        waiting = list(leads[start])
        while waiting:
            here = waiting.pop()
            if here == start:
                yield start
                break
            if here not in seen:
                seen.add(here)
                waiting += leads[here]


def _reach(questionnaire: Questionnaire) -> Iterator[Fault]:
    for link_id in questionnaire.items:
        if not reachable(questionnaire, link_id):
            yield Fault(link_id, "unreachable", "no answers to the questions it depends on make it appear")


def _elements(element: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in element.get("item") or []:
        yield child
        yield from _elements(child)
