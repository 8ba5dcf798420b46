"""Whether any set of answers makes an item appear: its own conditions and those of all that it depends on, together.

Each way for an item to be enabled is written as a set of demands on questions ("this one is answered so"); it is
possible when every question can meet all demands on it. Demands on a question that the form looks at in one way only
cannot get in each other's way: they are checked once and not carried along, so that a chain of ten thousand conditions
costs no more than as many single ones. Where there would be too many ways, demands are forgotten: an item may then be
taken to be reachable although it is not, never the other way round.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from commonweal.r4.questionnaire_conditions import Condition
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_values import number, order, same

LIMIT = 500  # ways for one item
DEMANDS = 64  # questions in one way
MOST_FOLLOWED = 2_000  # the same, where a way is to be followed
MOST_ON_ONE = 40  # demands on one question that are looked at together
WORK = 1_000_000  # demands looked at for one form
_CLOSED = ("boolean", "integer", "decimal")
Way = Mapping[str, frozenset[Condition]]  # the demands on each question
NEVER: list[Way] = []
ALWAYS: list[Way] = [{}]


def unreachable(questionnaire: Questionnaire) -> list[str]:
    """linkIds of items that are never asked, loops left out. A condition on an unknown question holds only as `!=` or
    not-exists.
    """
    ways = Ways(questionnaire)
    return [link for link in questionnaire.items if link not in questionnaire.plan.looped and not ways.of[link]]


class Ways:
    """The ways in which each item comes to be enabled; `every`: with all demands, for who wants to follow one."""

    def __init__(self, questionnaire: Questionnaire, *, every: bool = False) -> None:
        self.items, self.left = questionnaire.items, WORK
        self.most, self.every = (MOST_FOLLOWED if every else DEMANDS), every
        self.seen: dict[str, dict[tuple[object, ...], Condition]] = {}
        for item in self.items.values():
            for condition in self.demands(item):
                self.seen.setdefault(condition.question, {}).setdefault(_name(condition), condition)
        self.of: dict[str, list[Way]] = {link: NEVER for link in questionnaire.plan.looped}
        for link_id in questionnaire.plan.order:
            if link_id not in self.of:
                self.of[link_id] = self.enabled(self.items[link_id])

    def demands(self, item: Item) -> Iterator[Condition]:
        yield from item.enable_when
        if item.parent is not None and self.items[item.parent].asks:
            yield Condition(item.parent, "exists", True, "Boolean")

    def enabled(self, item: Item) -> list[Way]:
        """All possible ways for an item to be enabled."""
        above = self.above(item)
        if not item.enable_when:
            return above
        parts = [self.condition(condition) for condition in item.enable_when]
        own = self.all(parts) if item.enable_all else self.any(parts)
        return self.all([above, own])

    def above(self, item: Item) -> list[Way]:
        if item.parent is None:
            return ALWAYS
        if self.items[item.parent].asks:
            return self.condition(Condition(item.parent, "exists", True, "Boolean"))
        return self.of[item.parent]

    def condition(self, condition: Condition) -> list[Way]:
        question = self.items.get(condition.question)
        if question is None:
            return NEVER if condition.needs_answer else ALWAYS
        seen = self.seen.setdefault(condition.question, {})
        demand = seen.setdefault(_name(condition), condition)
        if not can_meet(question, [condition]):
            return NEVER
        carried = self.every or len(seen) > 1
        own: list[Way] = [{condition.question: frozenset({demand})}] if carried else ALWAYS
        return self.all([self.of[condition.question], own]) if condition.needs_answer else own

    def any(self, parts: list[list[Way]]) -> list[Way]:
        ways = [way for part in parts for way in part]
        return ALWAYS if {} in ways or len(ways) > LIMIT else ways

    def all(self, parts: list[list[Way]]) -> list[Way]:
        ways: list[Way] = ALWAYS
        for part in parts:
            if part == ALWAYS:
                continue
            if ways == ALWAYS:
                ways = part
                continue
            self.left -= _size(ways) * len(part) + len(ways) * _size(part)
            if len(ways) * len(part) > LIMIT or self.left < 0:
                return NEVER if not all(parts) else ALWAYS
            joined = [way for one in ways for other in part if (way := self.joined(one, other)) is not None]
            ways = list({frozenset(way.items()): way for way in joined}.values()) if len(joined) > 1 else joined
        return ways

    def joined(self, one: Way, other: Way) -> Way | None:
        """Both ways together; None where a question cannot meet the demands of both."""
        small, large = sorted((one, other), key=len)
        together = dict(large)
        for question, wanted in small.items():
            there = together.get(question, wanted)
            both = there | wanted
            if both != there and not can_meet(self.items[question], list(both)):
                return None
            together[question] = both
        return together if len(together) <= self.most else dict(islice(reversed(together.items()), self.most))


def _size(ways: list[Way]) -> int:
    return sum(1 + sum(map(len, way.values())) for way in ways)


def _name(condition: Condition) -> tuple[object, ...]:
    """What tells one condition on a question from another."""
    return condition.operator, condition.value_type, repr(condition.value)


def can_meet(item: Item, wanted: list[Condition]) -> bool:
    """Whether some answers (or none) to one question meet all these conditions."""
    positive = [condition for condition in wanted if condition.needs_answer]
    if not positive or len(wanted) > MOST_ON_ONE:
        return True  # leaving it unanswered meets "!=" and "not answered"
    if not item.asks or any(c.operator == "exists" and not c.value for c in wanted):
        return False
    compared = [condition for condition in positive if condition.operator != "exists"]
    refused = [condition.value for condition in wanted if condition.operator == "!="]
    if item.several:
        return all(_some_value(item, [condition], refused) for condition in compared or positive)
    return _some_value(item, compared, refused)


def _some_value(item: Item, wanted: list[Condition], refused: list[object]) -> bool:
    compared = [condition for condition in wanted if condition.operator != "exists"]
    if not item.options and item.type not in _CLOSED and not any(condition.operator == "=" for condition in compared):
        return True  # text, dates and the like: endlessly many values, one of them will do
    for value in candidates(item, compared, refused):
        if not any(same(value, other) for other in refused) and all(c.accepts(value) for c in compared):
            return True
    return False


def candidates(item: Item, wanted: list[Condition], refused: list[object]) -> Iterator[object]:
    """Values of which one will do, if any value does: the options, or the values named and those just beside them."""
    if item.type == "boolean":
        yield from (True, False)
    elif item.options:
        yield from (option.value for option in item.options)
        if item.type == "open-choice":
            yield from (condition.value for condition in wanted)
    elif item.type == "integer" or item.type == "decimal":
        yield from numbers(item, wanted, refused)
    else:
        yield from (condition.value for condition in wanted)


def numbers(item: Item, wanted: list[Condition], refused: list[object]) -> Iterator[object]:
    named = [number(value) for value in (*(c.value for c in wanted), *refused, item.min_value, item.max_value, 0)]
    points = sorted({value for value in named if value is not None})
    beside = [point + step for point in points for step in range(-len(refused) - 1, len(refused) + 2)]
    between = [(a + b) / 2 for a, b in zip(points, points[1:], strict=False)] if item.type == "decimal" else []
    for value in sorted({*beside, *between}):
        whole = item.type == "decimal" or value == value.to_integral_value()
        low = item.min_value is None or order(value, item.min_value) != -1
        high = item.max_value is None or order(value, item.max_value) != 1
        if whole and low and high:
            yield int(value) if item.type == "integer" else float(value)
