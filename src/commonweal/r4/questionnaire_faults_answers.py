"""Faults that leave a question without any possible answer, or with a wrong one from the start."""

from collections.abc import Iterator
from typing import Any

from commonweal.r4.pattern import Pattern, PatternError
from commonweal.r4.questionnaire_checks import keys_of, value_problems
from commonweal.r4.questionnaire_fault import Fault
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_values import number, order, well_formed

_END = "the end cannot be reached"
_DEAD = ("no-options", "impossible-limits")


def answering(questionnaire: Questionnaire) -> Iterator[Fault]:
    unseen: set[str] = set()
    for item in questionnaire.items.values():
        if item.hidden or item.parent in unseen:
            unseen.add(item.link_id)
        blocked = list(_impossible(item))
        yield from blocked
        yield from _malformed(item)
        yield from _initial(item)
        if blocked and item.required and blocked[0].code in _DEAD:
            yield Fault(item.link_id, "cannot-be-answered", f"required, but no answer is possible: {_END}")
        if item.asks and item.required and not _filled(item):
            if item.read_only:
                yield Fault(item.link_id, "cannot-be-answered", f"required and read-only without a value: {_END}")
            elif item.link_id in unseen:
                yield Fault(item.link_id, "cannot-be-answered", f"required and hidden without a value: {_END}")


def _filled(item: Item) -> bool:
    """Whether a value may stand there without anyone's answer."""
    chosen = any(option.initial for option in item.options)
    return bool(chosen or item.initial or item.opening is not None or item.calculated)


def _impossible(item: Item) -> Iterator[Fault]:
    if item.type == "choice" and not item.options and (item.value_set or "#").startswith("#"):
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


def _malformed(item: Item) -> Iterator[Fault]:
    for limit in (item.min_value, item.max_value):
        if limit is not None and item.asks and not _comparable(item, limit):
            yield Fault(item.link_id, "bad-limit", "its least or greatest value is of another type than its answers")
    if item.pattern is not None:
        try:
            Pattern(item.pattern)
        except PatternError as error:
            yield Fault(item.link_id, "bad-regex", f"its pattern {error}")
    for message in _units(item):
        yield Fault(item.link_id, "bad-unit", message)


def _comparable(item: Item, limit: Any) -> bool:
    if item.type in ("integer", "decimal"):
        return number(limit) is not None
    if item.type == "quantity" and number(limit) is not None:
        return True
    return any(well_formed(key, limit) for key in keys_of(item))


def _units(item: Item) -> Iterator[str]:
    codes = [(unit.system, unit.code) for unit in item.units]
    if len(codes) > 1 and item.type != "quantity":
        yield "only a quantity offers units to choose from"
    if any(not code for _, code in codes):
        yield "a unit without a code"
    if any(system is None for system, code in codes if code):
        yield "a unit without the system of its code, such as http://unitsofmeasure.org"
    if len(codes) != len(set(codes)):
        yield "two of its units are the same"
    for limit in (item.min_value, item.max_value):
        unit = limit.get("code") if isinstance(limit, dict) else None
        if unit is not None and codes and unit not in [code for _, code in codes]:
            yield "its least or greatest value is in a unit that it does not offer"


def _initial(item: Item) -> Iterator[Fault]:
    given = [*item.initial, *(option.answer for option in item.options if option.initial)]
    if given and not item.asks:
        yield Fault(item.link_id, "bad-initial", "a value stands there although it takes no answer")
        return
    if len(given) > 1 and not item.several:
        yield Fault(item.link_id, "bad-initial", "several values stand there, but it takes one answer")
    for problem in (problem for answer in given for problem in value_problems(item, answer)):
        yield Fault(item.link_id, "bad-initial", f"the value that stands there from the start: {problem.message}")
