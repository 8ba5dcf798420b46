"""The answers of repeating groups under names of their own, so that each stands beside the others as those of any question.

The fields of the second instance of the group `child` are called `child~~1~~name`; the answers of a form keep instances
as `{"child": [{"answers": {…}}, …]}` (r4/questionnaire_instances.py).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from commonweal.r4.questionnaire import Item, Questionnaire
from commonweal.vault.surveys.fields.reading import Given

MARK = "~~"
MOST = 30  # instances of one group
Answers = Mapping[str, Given]


def name_in(prefix: str, group: str, number: int) -> str:
    """What the names of an instance's fields begin with."""
    return f"{prefix}{group}{MARK}{number}{MARK}"


def spread(answers: Answers, repeating: Iterable[str], prefix: str = "") -> dict[str, Given]:
    """All answers by the names of their fields."""
    found: dict[str, Given] = {}
    groups = set(repeating)
    for link, given in answers.items():
        if link not in groups:
            found[prefix + link] = given
            continue
        for number, one in enumerate(given):
            found |= spread(one.get("answers") or {}, groups, name_in(prefix, link, number))
    return found


def gathered(by_name: Answers) -> dict[str, Given]:
    """The answers of a form from those by the names of their fields; the instances keep their places."""
    found: dict[str, Any] = {}
    for name, given in by_name.items():
        parts = name.split(MARK)
        here = found
        for group, number in zip(parts[:-1:2], parts[1::2], strict=False):
            instances = here.setdefault(group, [])
            while len(instances) <= int(number):
                instances.append({"answers": {}})
            here = instances[int(number)]["answers"]
        here[parts[-1]] = given
    return found


def item_of(form: Questionnaire, name: str) -> Item | None:
    """The item whose field has this name; None where the form has none there."""
    if name in form.items:
        return None if _repeated_above(form, form.items[name]) else form.items[name]
    parts = name.split(MARK)
    item = form.items.get(parts[-1])
    if item is None or len(parts) % 2 == 0:
        return None
    groups, numbers = parts[:-1:2], parts[1::2]
    right = groups == _repeated_above(form, item) and all(one.isascii() and one.isdigit() for one in numbers)
    return item if right and all(len(one) < 4 and int(one) < MOST for one in numbers) else None


def _repeated_above(form: Questionnaire, item: Item) -> list[str]:
    """The repeating groups in which an item stands, the outermost first."""
    found: list[str] = []
    while item.parent is not None:
        item = form.items[item.parent]
        if item.type == "group" and item.repeats:
            found.insert(0, item.link_id)
    return found


def without_empty(answers: Answers, repeating: Iterable[str]) -> dict[str, Given]:
    """Answers without the instances in which nothing is answered, as they are handed in."""
    groups = set(repeating)
    found: dict[str, Given] = {}
    for link, given in answers.items():
        if link in groups:
            inner = [{"answers": without_empty(one.get("answers") or {}, groups)} for one in given]
            given = [one for one in inner if one["answers"]]
        if given:
            found[link] = given
    return found
