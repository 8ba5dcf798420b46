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

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_DATETIME = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2}))?)?)?")
_TIME = re.compile(r"\d{2}:\d{2}:\d{2}(\.\d+)?")


def typed(element: dict[str, Any], prefix: str = "value") -> tuple[str, Any] | None:
    """The one `prefix…` member of a FHIR element, such as `("valueInteger", 3)`; None when it has none."""
    for key, value in element.items():
        if key.startswith(prefix) and key[len(prefix) :][:1].isupper():
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
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return number(left) == number(right)
    return type(left) is type(right) and left == right


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
        first, second = _comparable(left), _comparable(right)
        return (first > second) - (first < second)
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


def _comparable(text: str) -> str:
    """Date-times of different zones become comparable as text; all else compares as it stands."""
    if "T" in text and _DATETIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text).astimezone(UTC).isoformat()
        except ValueError:
            return text
    return text


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


_SHAPES = {
    "valueBoolean": lambda v: isinstance(v, bool),
    "valueInteger": lambda v: isinstance(v, int) and not isinstance(v, bool) and -(2**31) <= v < 2**31,
    "valueDecimal": lambda v: number(v) is not None,
    "valueDate": _is_date,
    "valueDateTime": lambda v: _is_date(v, _DATETIME),
    "valueTime": _is_time,
    "valueString": _is_text,
    "valueUri": _is_text,
    "valueCoding": lambda v: isinstance(v, dict) and (_is_text(v.get("code")) or _is_text(v.get("display"))),
    "valueReference": lambda v: isinstance(v, dict) and bool(v),
    "valueAttachment": lambda v: isinstance(v, dict) and bool(v),
    "valueQuantity": lambda v: isinstance(v, dict) and number(v.get("value")) is not None,
}
