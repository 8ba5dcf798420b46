"""What there is to see of a form: each item asked, each condition met and not, each option chosen, the ends of ranges."""

from collections.abc import Iterator
from typing import NamedTuple

from commonweal.r4.questionnaire_conditions import Condition
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_state import State
from commonweal.r4.questionnaire_values import same, value_of


class Goal(NamedTuple):
    """Something that some set of answers shows.

    `kind`: asked, open (asked and left open), met, unmet (condition `number`), option (chosen, `number`), other (own
    words instead of an option), least, most.
    """

    kind: str
    link_id: str
    number: int = 0


def goals(questionnaire: Questionnaire) -> list[Goal]:
    """All that there is to see, in the order of the form."""
    return [goal for item in questionnaire.items.values() for goal in _goals(item)]


def _goals(item: Item) -> Iterator[Goal]:
    link = item.link_id
    yield Goal("asked", link)
    for number in range(len(item.enable_when)):
        yield from (Goal("met", link, number), Goal("unmet", link, number))
    if not item.asks or item.calculated:
        return
    if not item.required and not item.min_occurs:
        yield Goal("open", link)
    yield from (Goal("option", link, number) for number in range(len(item.options)))
    if item.type == "open-choice":
        yield Goal("other", link)
    if item.min_value is not None:
        yield Goal("least", link)
    if item.max_value is not None:
        yield Goal("most", link)


def demanded(item: Item, goal: Goal) -> list[list[Condition]]:
    """The demands that show a goal: one of these lists is to be met. Besides, the item is to be enabled, except for
    met and unmet, which ask for nothing but what they name.
    """
    own = item.link_id
    if goal.kind == "met":
        return [[item.enable_when[goal.number]]]
    if goal.kind == "unmet":
        return _opposites(item.enable_when[goal.number])
    if goal.kind == "open":
        return [[Condition(own, "exists", False, "Boolean")]]
    if goal.kind == "option":
        option = item.options[goal.number]
        return [[Condition(own, "=", option.value, option.key[5:])]]
    if goal.kind in ("least", "most"):
        return [[Condition(own, "=", item.min_value if goal.kind == "least" else item.max_value, "")]]
    if goal.kind == "other":
        return [[Condition(own, "=", "text", "String")]]
    return [[]]


_OPPOSITE = {"=": "!=", "!=": "=", ">": "<=", "<=": ">", "<": ">=", ">=": "<"}


def _opposites(condition: Condition) -> list[list[Condition]]:
    there = Condition(condition.question, "exists", True, "Boolean")
    missing = Condition(condition.question, "exists", False, "Boolean")
    if condition.operator == "exists":
        return [[missing if condition.value else there]]
    if condition.operator not in _OPPOSITE:
        return []
    other = Condition(condition.question, _OPPOSITE[condition.operator], condition.value, condition.value_type)
    return [[there, other]] + ([] if condition.operator == "!=" else [[missing]])


def shown(questionnaire: Questionnaire, state: State) -> set[Goal]:
    """What one set of answers shows."""
    return {goal for item in questionnaire.items.values() for goal in _shown(item, state)}


def _shown(item: Item, state: State) -> Iterator[Goal]:
    link, answers = item.link_id, state.answers_to(item.link_id)
    for number, condition in enumerate(item.enable_when):
        yield Goal("met" if condition.holds(state.answers_to(condition.question)) else "unmet", link, number)
    if not state.enabled(link):
        return
    yield Goal("asked", link)
    if item.asks and not answers:
        yield Goal("open", link)
    for answer in answers:
        place = item.option_index(answer)
        if place is not None:
            yield Goal("option", link, place)
        elif item.options:
            yield Goal("other", link)
        value = value_of(answer)
        if item.min_value is not None and same(value, item.min_value):
            yield Goal("least", link)
        if item.max_value is not None and same(value, item.max_value):
            yield Goal("most", link)
