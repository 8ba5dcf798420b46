"""The screens that come next with all that they may ask, for a page that has to go on without a network.

The page works out by these rules what it shows; when its answers arrive the server decides, as ever. A screen whose
rules a page could not follow (amounts with units, references) ends what is given ahead.
"""

from typing import Any

from commonweal.r4.questionnaire import Condition, Item
from commonweal.r4.questionnaire_values import number, value_of
from commonweal.vault.surveys.fields import choices
from commonweal.vault.surveys.filling import Filling

MOST_SCREENS, MOST_QUESTIONS = 12, 150
PLAIN = ("Coding", "String", "Boolean", "Integer", "Decimal", "Date")


def screens_ahead(filling: Filling, at: int) -> list[int]:
    """The numbers of the screens after `at` that a page may show by itself, one after the other."""
    found, questions = [], 0
    for place in range(at + 1, len(filling.pages) + 1):
        items = [item for item in filling.pages[place - 1].items if not item.hidden]
        questions += sum(item.asks for item in items)
        if len(found) == MOST_SCREENS or questions > MOST_QUESTIONS or not all(_plain(item, filling) for item in items):
            break
        found.append(place)
    return found


def _plain(item: Item, filling: Filling) -> bool:
    if item.type == "group" and item.repeats:
        return False
    above = [item, *_above(item, filling)]
    return all(_followed(condition, filling) for one in above for condition in one.enable_when)


def _followed(condition: Condition, filling: Filling) -> bool:
    target = filling.form.items.get(condition.question)
    if target is None or condition.value_type not in PLAIN:
        return False
    return not (condition.value_type == "Coding" and any("~" in key for key in choices.keys(target)))


def rules(filling: Filling, numbers: list[int]) -> dict[str, dict[str, Any]]:
    """How each item of these screens, and all above it, comes to be asked: {linkId: {parent, under, all, when}}."""
    items = [item for place in numbers for item in filling.pages[place - 1].items]
    found = {one.link_id: one for item in items for one in (item, *_above(item, filling))}
    return {link: _rule(item, filling) for link, item in found.items()}


def _above(item: Item, filling: Filling) -> list[Item]:
    found = []
    while item.parent is not None:
        item = filling.form.items[item.parent]
        found.append(item)
    return found


def _rule(item: Item, filling: Filling) -> dict[str, Any]:
    when = [[c.question, c.operator, plain(c.value)] for c in item.enable_when]
    under = item.parent is not None and filling.form.items[item.parent].asks
    return {"parent": item.parent, "under": under, "all": item.enable_all, "when": when}


def plain(value: Any) -> Any:
    """A FHIR value as a page compares it: a coding by its code, a number as a number."""
    if isinstance(value, dict):
        return value.get("code") or value.get("display")
    exact = number(value)
    return float(exact) if exact is not None else value


def known(filling: Filling, told: dict[str, dict[str, Any]]) -> dict[str, list[Any]]:
    """The answers so far to the questions that these rules ask about."""
    links = {condition[0] for rule in told.values() for condition in rule["when"]}
    links |= {rule["parent"] for rule in told.values() if rule["under"]}
    return {link: [plain(value_of(one)) for one in filling.state.answers_to(link)] for link in sorted(links)}
