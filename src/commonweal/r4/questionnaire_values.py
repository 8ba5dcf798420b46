"""Values in FHIR R4 answers: which key a question's type takes, and how two values compare."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

VALUE_KEYS: dict[str, tuple[str, ...]] = {
    "boolean": ("valueBoolean",),
    "decimal": ("valueDecimal",),
    "integer": ("valueInteger",),
    "date": ("valueDate",),
    "dateTime": ("valueDateTime",),
    "time": ("valueTime",),
    "string": ("valueString",),
    "text": ("valueString",),
    "url": ("valueUri",),
    "choice": ("valueCoding", "valueString", "valueInteger", "valueDate", "valueTime", "valueReference"),
    "open-choice": ("valueCoding", "valueString", "valueInteger", "valueDate", "valueTime", "valueReference"),
    "attachment": ("valueAttachment",),
    "reference": ("valueReference",),
    "quantity": ("valueQuantity",),
}
ITEM_TYPES = frozenset({"group", "display", *VALUE_KEYS})

LONGEST_TEXT = 1024 * 1024  # characters of a FHIR string

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_DATETIME = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?")
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}(\.\d+)?")


def typed(element: dict[str, Any], prefix: str = "value") -> tuple[str, Any] | None:
    """The one `prefix…` member of a FHIR element, such as `("valueInteger", 3)`; None when it has none."""
    size = len(prefix)
    for key, value in element.items():
        if key.startswith(prefix) and key[size : size + 1].isupper():
            return key, value
    return None


def value_of(answer: dict[str, Any]) -> Any:
    """The bare value of an answer object; None when it has none."""
    found = typed(answer)
    return found[1] if found else None


def well_formed(key: str, value: Any) -> bool:
    """Whether `value` is what FHIR R4 allows under `key` (`valueInteger`, `valueDate`, ...)."""
    check = _SHAPES.get(key)
    return check is None or check(value)


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal: codings by code, and system where both name one; quantities by amount and unit."""
    if isinstance(left, dict) and isinstance(right, dict):
        if "code" in left and "code" in right and "value" not in left:
            systems = left.get("system"), right.get("system")
            return left["code"] == right["code"] and (None in systems or systems[0] == systems[1])
        if "reference" in left:
            return bool(left["reference"] == right.get("reference"))
        if "value" in left:
            return number(left["value"]) == number(right.get("value")) and _unit(left) == _unit(right)
        return bool(left == right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (int, float, Decimal)) and isinstance(right, (int, float, Decimal)):
        return number(left) == number(right)
    return type(left) is type(right) and (left == right or (isinstance(left, str) and _same_moment(left, right)))


def order(left: Any, right: Any) -> int | None:
    """-1, 0 or 1 for values with an order (numbers, dates, times, quantities of one unit, text); None for others."""
    if isinstance(left, dict) and isinstance(right, dict) and _unit(left) == _unit(right):
        left, right = left.get("value"), right.get("value")
    if isinstance(left, bool) or isinstance(right, bool):
        return None
    numbers = number(left), number(right)
    if None not in numbers:
        return (numbers[0] > numbers[1]) - (numbers[0] < numbers[1])  # type: ignore[operator]
    if isinstance(left, str) and isinstance(right, str):
        return _text_order(left, right)
    return None


def number(value: Any) -> Decimal | None:
    """A JSON number as an exact decimal; None for anything else, infinities and NaN included."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        return None
    return exact if exact.is_finite() else None


def _unit(quantity: dict[str, Any]) -> Any:
    return quantity.get("code") or quantity.get("unit")


def _text_order(left: str, right: str) -> int | None:
    """The order of two texts, dates or times. Of dates, one of which is less exact than the other ("2020" and
    "2020-05"), nothing can be said where they agree as far as they go (FHIRPath 6.2).
    """
    first, second = _moment(left), _moment(right)
    if first is None or second is None or len(first) != len(second):
        if _DATETIME.fullmatch(left) and _DATETIME.fullmatch(right):
            return _inexact_order(left, right)
        first, second = (left,), (right,)
    return (first > second) - (first < second)


def _inexact_order(left: str, right: str) -> int | None:
    """The order of dates of which at least one is no exact moment."""
    first, second = re.split("[-T]", left[:10]), re.split("[-T]", right[:10])
    for one, other in zip(first, second, strict=False):
        if one != other:
            return -1 if one < other else 1
    return 0 if len(left) == len(right) else None


def _moment(text: str) -> tuple[str, ...] | None:
    """An exact date-time or time of day, so that it compares whatever zone it is written in; None for all else."""
    try:
        if _TIME.fullmatch(text):
            return (time.fromisoformat(text).isoformat("microseconds"),)
        if "T" in text and _DATETIME.fullmatch(text):
            return ("", datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="microseconds"))
    except (ValueError, OverflowError):
        pass
    return None


def _same_moment(left: str, right: str) -> bool:
    """Whether two texts are the same moment, written in different zones or with other fractions of a second."""
    if ":" not in left or ":" not in right:
        return False
    first = _moment(left)
    return first is not None and first == _moment(right)


def _is_date(value: Any, pattern: re.Pattern[str] = _DATE) -> bool:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        return False
    try:
        if "T" in value:
            datetime.fromisoformat(value)
        else:
            date.fromisoformat(value + "-01-01"[len(value) - 4 :] if len(value) < 10 else value)
    except ValueError:
        return False
    return True


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        time.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_string(value: Any) -> bool:
    return _is_text(value) and len(value) <= LONGEST_TEXT


_SHAPES = {
    "valueBoolean": lambda v: isinstance(v, bool),
    "valueInteger": lambda v: isinstance(v, int) and not isinstance(v, bool) and -(2**31) <= v < 2**31,
    "valueDecimal": lambda v: number(v) is not None,
    "valueDate": _is_date,
    "valueDateTime": lambda v: _is_date(v, _DATETIME),
    "valueTime": _is_time,
    "valueString": _is_string,
    "valueUri": _is_string,
    "valueCoding": lambda v: isinstance(v, dict) and (_is_text(v.get("code")) or _is_text(v.get("display"))),
    "valueReference": lambda v: isinstance(v, dict) and bool(v),
    "valueAttachment": lambda v: isinstance(v, dict) and bool(v),
    "valueQuantity": lambda v: isinstance(v, dict) and number(v.get("value")) is not None,
}
