"""Whether any set of answers makes an item appear: its own conditions and those of all that it depends on, together.

Each way for an item to be enabled is written as a set of demands on questions ("this one is answered so"); it is
possible when every question can meet all demands on it. A form with more than `LIMIT` ways is taken to be reachable.
"""

from collections.abc import Iterator
from itertools import product

from commonweal.r4.questionnaire_conditions import Condition
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_model import Questionnaire
from commonweal.r4.questionnaire_values import number, order, same

LIMIT = 2_000
_CLOSED = ("boolean", "integer", "decimal")
Way = frozenset[Condition]
NEVER: list[Way] = []
ALWAYS: list[Way] = [frozenset()]


def reachable(questionnaire: Questionnaire, link_id: str) -> bool:
    """Whether an item can be asked at all. A condition on an unknown question holds only as `!=` or not-exists."""
    try:
        return bool(_Ways(questionnaire).enabled(link_id))
    except _TooMany:
        return True


class _TooMany(Exception):
    pass


class _Ways:
    def __init__(self, questionnaire: Questionnaire) -> None:
        self.items = questionnaire.items
        self.open: set[str] = set()

    def enabled(self, link_id: str) -> list[Way]:
        """All possible ways for an item to be enabled."""
        item = self.items.get(link_id)
        if item is None or link_id in self.open:
            return NEVER
        self.open.add(link_id)
        try:
            above = self._above(item)
            if not item.enable_when:
                return above
            parts = [self._condition(condition) for condition in item.enable_when]
            own = self._all(parts) if item.enable_all else [way for part in parts for way in part]
            return self._all([above, own])
        finally:
            self.open.discard(link_id)

    def _above(self, item: Item) -> list[Way]:
        if item.parent is None:
            return ALWAYS
        if self.items[item.parent].asks:
            return self._condition(Condition(item.parent, "exists", True, "Boolean"))
        return self.enabled(item.parent)

    def _condition(self, condition: Condition) -> list[Way]:
        own = [frozenset({condition})]
        if not condition.needs_answer:
            return own if condition.question in self.items else ALWAYS
        return self._all([self.enabled(condition.question), own])

    def _all(self, parts: list[list[Way]]) -> list[Way]:
        ways: list[Way] = ALWAYS
        for part in parts:
            if len(ways) * len(part) > LIMIT:
                raise _TooMany
            joined = {first | second for first, second in product(ways, part)}
            ways = [way for way in joined if self._possible(way)]
        return ways

    def _possible(self, way: Way) -> bool:
        demands: dict[str, list[Condition]] = {}
        for condition in way:
            demands.setdefault(condition.question, []).append(condition)
        return all(can_meet(self.items[question], wanted) for question, wanted in demands.items())


def can_meet(item: Item, wanted: list[Condition]) -> bool:
    """Whether some answers (or none) to one question meet all these conditions."""
    positive = [condition for condition in wanted if condition.needs_answer]
    if not positive:
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
    for value in _candidates(item, compared, refused):
        if not any(same(value, other) for other in refused) and all(c.accepts(value) for c in compared):
            return True
    return False


def _candidates(item: Item, wanted: list[Condition], refused: list[object]) -> Iterator[object]:
    """Values of which one will do, if any value does: the options, or the values named and those just beside them."""
    if item.type == "boolean":
        yield from (True, False)
    elif item.options:
        yield from (option.value for option in item.options)
        if item.type == "open-choice":
            yield from (condition.value for condition in wanted)
    elif item.type == "integer" or item.type == "decimal":
        yield from _numbers(item, wanted, refused)
    else:
        yield from (condition.value for condition in wanted)


def _numbers(item: Item, wanted: list[Condition], refused: list[object]) -> Iterator[object]:
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
