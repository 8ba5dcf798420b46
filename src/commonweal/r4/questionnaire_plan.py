"""What the items of a form depend on, worked out once: the order in which they are decided, and their expressions."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from commonweal.r4.expression import Expression, ExpressionError
from commonweal.r4.expression_selection import Tree
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_order import ordered
from commonweal.r4.questionnaire_values import number, typed, well_formed


class Step(NamedTuple):
    """What has to be looked at to decide one item. `under_question`: the item above it (`parent`) takes an answer."""

    item: Item
    parent: str | None
    under_question: bool
    looped: bool
    calculation: Expression | None


class Plan(NamedTuple):
    """How to decide a form.

    `order`: linkIds, each after all that it depends on; `rank`: the place of each there; `looped`: those that depend on
    themselves, which are never asked; `calculations` and `openings`: expressions by linkId; `refused`: (linkId, why) of
    expressions that cannot be used, whose questions are as if they had none; `repeating`: groups that repeat; `steps`: how
    each item is decided, in that order.
    """

    order: list[str]
    rank: dict[str, int]
    looped: frozenset[str]
    calculations: dict[str, Expression]
    openings: dict[str, Expression]
    refused: list[tuple[str, str]]
    repeating: tuple[str, ...]
    steps: dict[str, Step]


def plan_of(form: Tree) -> Plan:
    """The plan of a form; never fails."""
    refused: list[tuple[str, str]] = []
    calculations = dict(_expressions(form, "calculation", refused))
    openings = dict(_expressions(form, "opening", refused))
    order, looped = ordered({link: needs(item, calculations) for link, item in form.items.items()})
    repeating = tuple(link for link, item in form.items.items() if item.type == "group" and item.repeats)
    rank = {link: place for place, link in enumerate(order)}
    steps = {link: _step(form.items, link, looped, calculations) for link in order}
    return Plan(order, rank, looped, calculations, openings, refused, repeating, steps)


def _step(
    items: Mapping[str, Item], link_id: str, looped: frozenset[str], calculations: Mapping[str, Expression]
) -> Step:
    item = items[link_id]
    parent = items[item.parent] if item.parent is not None else None
    asked_above = parent is not None and parent.asks
    return Step(item, item.parent, asked_above, link_id in looped, calculations.get(link_id))


def needs(item: Item, calculations: Mapping[str, Expression]) -> list[str]:
    """What has to be known before an item is decided: the item above, and what conditions and calculation look at."""
    found = [condition.question for condition in item.enable_when]
    if item.parent is not None:
        found.append(item.parent)
    calculation = calculations.get(item.link_id)
    return found + list(calculation.reads) if calculation else found


def _expressions(form: Tree, name: str, refused: list[tuple[str, str]]) -> Iterator[tuple[str, Expression]]:
    repeated = _in_repeating_groups(form.items)
    for link_id, item in form.items.items():
        text = getattr(item, name)
        if text is None:
            continue
        try:
            if not item.asks:
                raise ExpressionError("stands at an item that takes no answer")
            if name == "calculation" and link_id in repeated:
                raise ExpressionError("stands in a repeating group, where it cannot say which instance it reads")
            yield link_id, Expression(text, form, opening=name == "opening")
        except ExpressionError as error:
            refused.append((link_id, str(error)))


def _in_repeating_groups(items: Mapping[str, Item]) -> set[str]:
    found: set[str] = set()
    for link_id, item in items.items():  # what is above an item stands before it
        parent = items.get(item.parent) if item.parent is not None else None
        if parent is not None and (item.parent in found or parent.repeats):
            found.add(link_id)
    return found


def answers_from(values: list[Any], item: Item) -> list[dict[str, Any]]:
    """The FHIR answers to a question that an expression's values make; none where a value does not fit the question."""
    if len(values) > 1 and not item.several:
        return []
    answers = [_answer(value, item) for value in values]
    return [answer for answer in answers if answer] if all(answers) else []


def _answer(value: Any, item: Item) -> dict[str, Any] | None:
    if item.options:
        return _option(value, item)
    if item.type == "quantity" and number(value) is not None:
        value = {"value": _plain(value)} | _unit(item)
    key = _KEYS.get(item.type, "")
    if key == "valueInteger":
        value = _whole(value)
    elif key == "valueDecimal":
        value = None if number(value) is None else _plain(value)
    return {key: value} if key and value is not None and well_formed(key, value) else None


def _option(value: Any, item: Item) -> dict[str, Any] | None:
    """The option that is meant: by its whole answer value, or by its code alone."""
    for option in item.options:
        if value == option.code or item.option_of({option.key: value}) is option:
            return option.answer
    return None


def _unit(item: Item) -> dict[str, Any]:
    if not item.units:
        return {}
    unit = item.units[0]
    return {"unit": unit.display()} | ({"system": unit.system} if unit.system else {}) | {"code": unit.code}


def _whole(value: Any) -> int | None:
    exact = number(value)
    return int(exact) if exact is not None and exact == exact.to_integral_value() else None


def _plain(value: Any) -> int | float:
    """A number for JSON: eight places after the point, which is what FHIRPath promises."""
    return value if isinstance(value, int) else round(float(number(value) or 0), 8)


_KEYS = {
    "boolean": "valueBoolean",
    "decimal": "valueDecimal",
    "integer": "valueInteger",
    "date": "valueDate",
    "dateTime": "valueDateTime",
    "time": "valueTime",
    "string": "valueString",
    "text": "valueString",
    "url": "valueUri",
    "quantity": "valueQuantity",
    "choice": "valueCoding",
    "open-choice": "valueCoding",
    "reference": "valueReference",
    "attachment": "valueAttachment",
}


def first_answers(item: Item, opening: Expression | None, context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What stands at a question when the form is opened: from its expression, its initial values or chosen options."""
    if opening is not None:
        found = answers_from(opening.values(lambda _: [], context), item)
        if found:
            return found
    given = [dict(answer) for answer in item.initial if typed(answer)]
    given = given or [option.answer for option in item.options if option.initial]
    return given if item.several else given[:1]
