"""One plausible answer to a question, for walking a form: it fits the type, the options, the limits and what is demanded."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from commonweal.r4.pattern import Pattern, PatternError
from commonweal.r4.questionnaire_checks import value_problems
from commonweal.r4.questionnaire_conditions import Condition
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_reach import numbers
from commonweal.r4.questionnaire_values import VALUE_KEYS, number

_PLAIN: dict[str, list[Any]] = {
    "boolean": [True, False],
    "date": ["2000-01-01"],
    "dateTime": ["2000-01-01T12:00:00Z"],
    "time": ["12:00:00"],
    "url": ["https://example.org/"],
    "attachment": [{"contentType": "text/plain", "data": "dGV4dA=="}],
    "reference": [{"reference": "Organization/example"}],
    "choice": [{"system": "http://example.org/codes", "code": "example"}],
    "open-choice": [{"system": "http://example.org/codes", "code": "example"}],
}


def sample(item: Item, demands: Iterable[Condition] = (), prefer: Iterable[int] = ()) -> list[dict[str, Any]] | None:
    """Answers to a question that meet all demands; None where none is found (no answer may meet them as well).

    `prefer` are options, by place, to be tried first.
    """
    wanted = list(demands)
    positive = [c for c in wanted if c.needs_answer and c.operator != "exists"] if item.several else []
    found: list[dict[str, Any]] = []
    each: list[Condition | None] = [*positive] or [None]
    for one in each:
        answer = next(_fitting(item, wanted, one, list(prefer)), None)
        if answer is None:
            return None
        if answer not in found:
            found.append(answer)
    return found if all(condition.holds(found) for condition in wanted) else None


def _fitting(item: Item, wanted: list[Condition], one: Condition | None, prefer: list[int]) -> Iterator[dict[str, Any]]:
    """Answers that are allowed and meet what is demanded of each single answer."""
    for answer in _possible(item, wanted, prefer):
        meets = one.holds([answer]) if one is not None else all(c.holds([answer]) for c in wanted)
        refused = any(c.operator == "!=" and not c.holds([answer]) for c in wanted)
        if meets and not refused and not list(value_problems(item, answer)):
            yield answer


def _possible(item: Item, wanted: list[Condition], prefer: list[int]) -> Iterator[dict[str, Any]]:
    named = [c.value for c in wanted if c.operator not in ("exists", "!=")]
    if item.options:
        order = [*prefer, *(place for place in range(len(item.options)) if place not in prefer)]
        yield from (item.options[place].answer for place in order)
        if item.type == "open-choice":
            yield from ({"valueString": value} for value in (*named, "text") if isinstance(value, str))
        return
    key = VALUE_KEYS[item.type][0]
    for value in _values(item, wanted, named):
        yield {key: value}


def _values(item: Item, wanted: list[Condition], named: list[Any]) -> Iterator[Any]:
    if item.type in ("integer", "decimal"):
        yield from named
        yield from numbers(item, [c for c in wanted if c.operator != "exists"], [])
    elif item.type == "quantity":
        yield from _quantities(item, named)
    elif item.type in ("string", "text"):
        yield from named
        yield from _texts(item)
    else:
        for value in (*named, item.min_value, item.max_value):
            yield from _beside(item, value)
        yield from _PLAIN.get(item.type, [])


def _quantities(item: Item, named: list[Any]) -> Iterator[dict[str, Any]]:
    unit = {"system": item.units[0].system, "code": item.units[0].code} if item.units else {}
    unit = {name: value for name, value in unit.items() if value}
    for limit in (*named, item.min_value, item.max_value, 1):
        amount = number(limit.get("value") if isinstance(limit, dict) else limit)
        if amount is not None:
            own = {k: v for k, v in limit.items() if k != "value"} if isinstance(limit, dict) else unit
            whole = amount == amount.to_integral_value()
            yield from ({"value": (int if whole else float)(amount + step)} | own for step in (0, 1, -1))


def _texts(item: Item) -> Iterator[str]:
    least, most = item.min_length or 1, item.max_length
    if item.pattern is None:
        yield "text" if least <= 4 and (most is None or most >= 4) else "x" * least
        return
    try:
        example = Pattern(item.pattern).example(least)
    except PatternError:
        example = "text"
    if example:
        yield example


def _beside(item: Item, value: Any) -> Iterator[Any]:
    """A date and the days beside it; a time of day and a minute more and less."""
    if value is None:
        return
    yield value
    if not isinstance(value, str):
        return
    for step in (1, -1):
        try:
            if item.type == "time":
                moment = datetime.combine(date(2000, 1, 2), time.fromisoformat(value)) + timedelta(minutes=step)
                yield moment.time().isoformat()
            elif item.type in ("date", "dateTime"):
                yield (date.fromisoformat(value[:10]) + timedelta(days=step)).isoformat() + value[10:]
        except (ValueError, OverflowError):
            return
