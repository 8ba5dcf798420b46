"""Operators and functions of FHIRPath on lists of plain values.

Values are bool, int, Decimal, str (also dates and times, as FHIR writes them) and dict (Coding, Quantity, ...). No value
is an empty list, as in FHIRPath; what cannot be worked out (a text plus a number, a division by zero) is empty as well.
"""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, localcontext
from typing import Any

from commonweal.r4.questionnaire_values import number, order, same

Values = list[Any]
EXACT = Context(prec=28, rounding=ROUND_HALF_UP, Emax=300, Emin=-300)


def operated(operator: str, left: Values, right: Values) -> Values:
    """The result of one operator; `and`, `or`, `xor` and `implies` know true, false and empty."""
    if operator in _LOGIC:
        found = _LOGIC[operator](truth(left), truth(right))
        return [] if found is None else [found]
    if operator in _LISTS:
        return _LISTS[operator](left, right)
    if operator == "&":
        return [_joined(left) + _joined(right)]
    if len(left) != 1 or len(right) != 1:
        return []
    return _single(operator, left[0], right[0])


def truth(values: Values) -> bool | None:
    """True or false of a list in a place that asks for it: one value that is no boolean counts as true (FHIRPath 5.1)."""
    if len(values) != 1:
        return None
    return values[0] if isinstance(values[0], bool) else True


def _single(operator: str, left: Any, right: Any) -> Values:
    if operator in _ORDER:
        sign = order(left, right)
        return [] if sign is None else [_ORDER[operator](sign)]
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return [left + right]
    if operator in _ARITHMETIC:
        return calculated(_ARITHMETIC[operator], left, right)
    return []


def calculated(work: Callable[..., Any], *values: Any) -> Values:
    """`work` on numbers, exactly; nothing where one of them is no number or the result is none."""
    if any(number(value) is None for value in values):
        return []
    try:
        with localcontext(EXACT):
            found = work(*(value if isinstance(value, int) else number(value) for value in values))
    except (DecimalException, ZeroDivisionError, ValueError, OverflowError):
        return []
    return [found]


def _divided(left: Any, right: Any) -> Any:
    return Decimal(left) / Decimal(right)


def _whole(left: Any, right: Any) -> int:
    return int(Decimal(left) / Decimal(right))


def _rest(left: Any, right: Any) -> Any:
    found = Decimal(left) % Decimal(right)
    return int(found) if isinstance(left, int) and isinstance(right, int) else found


def equal(left: Values, right: Values) -> bool | None:
    """Whether two lists hold the same values in the same order; unknown where one is empty (FHIRPath 6.1.1)."""
    if not left or not right:
        return None
    return len(left) == len(right) and all(map(same, left, right))


def _equals(left: Values, right: Values) -> Values:
    found = equal(left, right)
    return [] if found is None else [found]


def _differs(left: Values, right: Values) -> Values:
    return [not found for found in _equals(left, right)]


def _alike(left: Values, right: Values) -> bool:
    """Whether two lists hold values that are alike, in whatever order (FHIRPath 6.1.2)."""
    return len(left) == len(right) and all(any(_similar(one, other) for other in right) for one in left)


def _similar(one: Any, other: Any) -> bool:
    """Numbers at the places of the less precise one, texts whatever their case and blanks, all else as it is."""
    if isinstance(one, str) and isinstance(other, str) and one.lower().split() == other.lower().split():
        return True
    return same(one, other) or calculated(_near, one, other) == [True]


def _near(left: Any, right: Any) -> bool:
    last = Decimal(1).scaleb(-min(_places(left), _places(right)))
    return Decimal(left).quantize(last) == Decimal(right).quantize(last)


def _places(value: int | Decimal) -> int:
    """How many digits stand after the point, without zeros at the end."""
    return max(0, -int(Decimal(value).normalize().as_tuple().exponent))


def distinct(values: Values) -> Values:
    """The values without those that are there before."""
    found: Values = []
    for value in values:
        if not any(same(value, other) for other in found):
            found.append(value)
    return found


def _within(left: Values, right: Values) -> Values:
    if len(left) != 1:
        return []
    return [any(same(left[0], other) for other in right)]


def _joined(values: Values) -> str:
    return text_of(values[0]) if len(values) == 1 else ""


def text_of(value: Any) -> str:
    """A value as FHIRPath writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _or(left: bool | None, right: bool | None) -> bool | None:
    if left or right:
        return True
    return None if left is None or right is None else False


def _xor(left: bool | None, right: bool | None) -> bool | None:
    return None if left is None or right is None else left is not right


def _implies(left: bool | None, right: bool | None) -> bool | None:
    return _or(None if left is None else not left, right)


_LOGIC = {"and": _and, "or": _or, "xor": _xor, "implies": _implies}
_LISTS: dict[str, Callable[[Values, Values], Values]] = {
    "=": _equals,
    "!=": _differs,
    "~": lambda left, right: [_alike(left, right)],
    "!~": lambda left, right: [not _alike(left, right)],
    "|": lambda left, right: distinct([*left, *right]),
    "in": _within,
    "contains": lambda left, right: _within(right, left),
}
_ORDER: dict[str, Callable[[int], bool]] = {
    ">": lambda sign: sign > 0,
    "<": lambda sign: sign < 0,
    ">=": lambda sign: sign >= 0,
    "<=": lambda sign: sign <= 0,
}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": _divided,
    "div": _whole,
    "mod": _rest,
}
