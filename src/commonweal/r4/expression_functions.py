"""Functions of FHIRPath that forms may call on values, by name: how many arguments each takes and what it does."""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import reduce
from typing import Any

from commonweal.r4.expression_values import Values, calculated, distinct, operated, text_of, truth
from commonweal.r4.questionnaire_values import number, order

Function = Callable[..., Values]  # (values, each argument's values) -> values


def _sum(values: Values) -> Values:
    if not values:
        return [0]
    return reduce(lambda total, value: operated("+", total, [value]), values[1:], [values[0]])


def _extreme(sign: int) -> Function:
    def find(values: Values) -> Values:
        best = values[:1]
        for value in values[1:]:
            found = order(value, best[0])
            if found is None:
                return []
            best = [value] if found == sign else best
        return best

    return find


def _mean(values: Values) -> Values:
    return operated("/", _sum(values), [len(values)]) if values else []


def _rounded(values: Values, digits: Values | None = None) -> Values:
    places: Any = digits[0] if digits else 0
    if not isinstance(places, int) or not 0 <= places <= 8 or len(values) != 1:
        return []
    step = Decimal(1).scaleb(-places)
    return calculated(lambda value: Decimal(value).quantize(step, ROUND_HALF_UP), values[0])


def _to_whole(rounding: str) -> Function:
    def convert(values: Values) -> Values:
        return calculated(lambda v: int(Decimal(v).to_integral_value(rounding)), values[0]) if values else []

    return convert


def _to_number(whole: bool) -> Function:
    def convert(values: Values) -> Values:
        value = values[0] if len(values) == 1 else None
        if isinstance(value, bool):
            return [int(value) if whole else Decimal(int(value))]
        try:
            found = number(Decimal(value)) if isinstance(value, str) else number(value)
        except ArithmeticError:
            return []
        if found is None or (whole and found != found.to_integral_value()) or abs(found) > 10**28:
            return []
        return [int(found) if whole else found]

    return convert


def _power(values: Values, exponent: Values) -> Values:
    if len(values) != 1 or len(exponent) != 1 or abs(float(number(exponent[0]) or 0)) > 100:
        return []
    return calculated(lambda v, e: Decimal(v) ** Decimal(e), values[0], exponent[0])


def _texts(work: Callable[..., Any]) -> Function:
    def apply(values: Values, *arguments: Values) -> Values:
        found = [values, *arguments]
        if any(len(one) != 1 or not isinstance(one[0], str) for one in found):
            return []
        return [work(*(one[0] for one in found))]

    return apply


def _not(values: Values) -> Values:
    found = truth(values)
    return [] if found is None else [not found]


def _first_number(work: Callable[[Any], Any]) -> Function:
    return lambda values: calculated(work, values[0]) if len(values) == 1 else []


FUNCTIONS: dict[str, tuple[range, Function]] = {
    "empty": (range(1), lambda values: [not values]),
    "not": (range(1), _not),
    "hasValue": (range(1), lambda values: [len(values) == 1]),
    "count": (range(1), lambda values: [len(values)]),
    "sum": (range(1), _sum),
    "min": (range(1), _extreme(-1)),
    "max": (range(1), _extreme(1)),
    "avg": (range(1), _mean),
    "first": (range(1), lambda values: values[:1]),
    "last": (range(1), lambda values: values[-1:]),
    "single": (range(1), lambda values: values if len(values) == 1 else []),
    "distinct": (range(1), distinct),
    "round": (range(2), _rounded),
    "floor": (range(1), _to_whole(ROUND_FLOOR)),
    "ceiling": (range(1), _to_whole(ROUND_CEILING)),
    "truncate": (range(1), _first_number(int)),
    "abs": (range(1), _first_number(abs)),
    "sqrt": (range(1), _first_number(lambda value: Decimal(value).sqrt())),
    "power": (range(1, 2), _power),
    "toInteger": (range(1), _to_number(True)),
    "toDecimal": (range(1), _to_number(False)),
    "toString": (range(1), lambda values: [text_of(values[0])] if len(values) == 1 else []),
    "length": (range(1), _texts(len)),
    "upper": (range(1), _texts(str.upper)),
    "lower": (range(1), _texts(str.lower)),
    "startsWith": (range(1, 2), _texts(str.startswith)),
    "endsWith": (range(1, 2), _texts(str.endswith)),
    "contains": (range(1, 2), _texts(lambda text, part: part in text)),
}
