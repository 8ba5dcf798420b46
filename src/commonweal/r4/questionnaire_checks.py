"""What can be wrong with the answers to one question, seen by themselves: type, options, limits, pattern, unit."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from commonweal.r4.pattern import Pattern, PatternError
from commonweal.r4.questionnaire_items import Item
from commonweal.r4.questionnaire_skips import non_answer
from commonweal.r4.questionnaire_values import LONGEST_TEXT, VALUE_KEYS, number, order, same, typed, well_formed

_NUMBERS = ("valueInteger", "valueDecimal")


class Problem(NamedTuple):
    """What is wrong, under which item. The message never quotes an answer."""

    linkId: str  # noqa: N815 the field's own name
    code: str
    message: str


def together(item: Item, answers: list[dict[str, Any]]) -> Iterator[Problem]:
    """What is wrong between the answers to one question."""
    if len(answers) < 2:
        return
    chosen = [item.option_index(answer) for answer in answers]
    if any(place is None and non_answer(answer) for place, answer in zip(chosen, answers, strict=True)):
        yield Problem(item.link_id, "exclusive", "a question left open, or not answered, has an answer as well")
    known = [index for index in chosen if index is not None]
    if any(item.options[index].exclusive for index in known) and len(set(chosen)) > 1:
        yield Problem(item.link_id, "exclusive", "an answer that excludes all others was given with others")
    if len(known) != len(set(known)):
        yield Problem(item.link_id, "duplicate-answer", "the same option was chosen twice")


def value_problems(item: Item, answer: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with one answer by itself."""
    found = typed(answer)
    if found is None:
        if not answer.get("extension"):
            yield Problem(item.link_id, "wrong-type", f"an answer without a value; {_wanted(item)}")
        return
    key, value = found
    if non_answer(answer) and item.option_index(answer) is None:
        return
    if key not in keys_of(item) or not well_formed(key, value):
        yield _wrong_type(item, key, value)
    elif item.options and item.option_index(answer) is None and (item.type, key) != ("open-choice", "valueString"):
        yield Problem(item.link_id, "not-an-option", "not one of the options")
    else:
        yield from _limits(item, key, value)


def keys_of(item: Item) -> tuple[str, ...]:
    """The keys under which an answer to a question may stand, such as `valueInteger`."""
    if item.type not in ("choice", "open-choice"):
        return VALUE_KEYS.get(item.type, ())
    keys = dict.fromkeys(option.key for option in item.options) or {"valueCoding": None}
    return (*keys, "valueString") if item.type == "open-choice" and "valueString" not in keys else tuple(keys)


def _wanted(item: Item) -> str:
    return f"a question of type {item.type} takes {' or '.join(keys_of(item))}"


def _wrong_type(item: Item, key: str, value: Any) -> Problem:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return Problem(item.link_id, "too-long", f"at most {LONGEST_TEXT} characters, which is FHIR's own limit")
    return Problem(item.link_id, "wrong-type", _wanted(item) + _advice(item, key, value))


def _advice(item: Item, key: str, value: Any) -> str:
    """What to do about a value of the wrong kind, where that can be said."""
    if key not in keys_of(item):
        return f", not {key}" if re.fullmatch(r"value[A-Z][A-Za-z0-9]{1,20}", key) else ""
    if key in _NUMBERS and isinstance(value, str):
        return "; write a number without quotation marks, with a point and no comma"
    if key == "valueInteger" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return "; the number is not whole, or beyond 32 bits"
    if key in ("valueDate", "valueDateTime", "valueTime"):
        return "; write YYYY-MM-DD for days, hh:mm:ss for times, and a day that the calendar has"
    return "; the value is not made as FHIR has it" + ("" if value != "" else ": it is empty")


def _limits(item: Item, key: str, value: Any) -> Iterator[Problem]:
    if isinstance(value, str) and key in ("valueString", "valueUri"):
        yield from _text_limits(item, value)
    if item.min_value is not None and order(value, item.min_value) == -1:
        yield Problem(item.link_id, "too-small", f"the least allowed is {_limit(item.min_value)}")
    if item.max_value is not None and order(value, item.max_value) == 1:
        yield Problem(item.link_id, "too-large", f"the most allowed is {_limit(item.max_value)}")
    if item.decimals is not None and key in ("valueDecimal", "valueQuantity") and _places(value) > item.decimals:
        yield Problem(item.link_id, "too-precise", f"at most {item.decimals} places after the point")
    if key == "valueQuantity" and item.units and not _offered(item, value):
        yield Problem(item.link_id, "not-a-unit", "not one of the units that the question offers")


def _text_limits(item: Item, value: str) -> Iterator[Problem]:
    if item.max_length is not None and len(value) > item.max_length:
        yield Problem(item.link_id, "too-long", f"at most {item.max_length} characters")
    elif item.pattern is not None and not fits(item.pattern, value):
        shape = item.entry_format.get("")
        yield Problem(item.link_id, "pattern", "not written as asked for" + (f": {shape}" if shape else ""))
    if item.min_length is not None and len(value) < item.min_length:
        yield Problem(item.link_id, "too-short", f"at least {item.min_length} characters")


def fits(pattern: str, value: str) -> bool:
    """Whether a whole text fits a pattern; one that cannot be used (an authoring fault) refuses nothing."""
    compiled = _compiled(pattern)
    return compiled is None or compiled.fits(value)


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Pattern | None:
    try:
        return Pattern(pattern)
    except PatternError:
        return None


def _limit(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value


def _places(value: Any) -> int:
    exact = number(_limit(value))
    return 0 if exact is None else max(0, -int(exact.normalize().as_tuple().exponent))


def _offered(item: Item, quantity: dict[str, Any]) -> bool:
    code, system, words = quantity.get("code"), quantity.get("system"), quantity.get("unit")
    if code is None:
        return any(words in (unit.code, *unit.words.values()) for unit in item.units)
    return any(
        unit.code == code and None in (system, unit.system) or (unit.system, unit.code) == (system, code)
        for unit in item.units
    )


def same_answers(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> bool:
    """Whether two lists hold the same answers; numbers to eight places after the point."""
    return len(left) == len(right) and all(map(_same, left, right))


def _same(left: dict[str, Any], right: dict[str, Any]) -> bool:
    first, second = typed(left), typed(right)
    if first is None or second is None or first[0] != second[0]:
        return False
    return same(_rounded(first[1]), _rounded(second[1]))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict) and "value" in value:
        return value | {"value": _rounded(value["value"])}
    exact = None if isinstance(value, int) else number(value)
    return value if exact is None else round(float(exact), 8)
