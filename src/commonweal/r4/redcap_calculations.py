"""From REDCap's calculations to FHIRPath."""

from collections.abc import Callable, Mapping
from typing import Any

from commonweal.r4.redcap_logic import Field, Function, Logic, LogicError, Operation, Value

Element = dict[str, Any]
_SIGNS = {
    "<>": "!=",
    "and": "and",
    "or": "or",
    **{sign: sign for sign in ("=", "<", ">", "<=", ">=", "+", "-", "*", "/")},
}


def fhirpath(logic: Logic, items: Mapping[str, Element]) -> str:
    """The same as an expression over the response; `items` are the questions of the same form. Raises LogicError.

    As in REDCap, a calculation with a field that is not answered comes to nothing.
    """
    if isinstance(logic, Value):
        return "'" + logic.text.replace("\\", "\\\\").replace("'", "\\'") + "'" if logic.quoted else logic.text
    if isinstance(logic, Field):
        return _field(logic, items)
    if isinstance(logic, Function):
        return _function(logic, items)
    if logic.operator == "^":
        base, exponent = (fhirpath(part, items) for part in logic.parts)
        return f"({base}).power({exponent})"
    compared = _compared(logic, items)
    if compared is not None:
        return compared
    return "(" + f" {_SIGNS[logic.operator]} ".join(fhirpath(part, items) for part in logic.parts) + ")"


def _compared(logic: Operation, items: Mapping[str, Element]) -> str | None:
    """Comparisons with a quoted value: with nothing, or with a number in quotation marks."""
    left, right = logic.parts[0], logic.parts[-1]
    if logic.operator not in ("=", "<>", "<", ">", "<=", ">=") or not isinstance(right, Value) or not right.quoted:
        return None
    if right.text == "" and isinstance(left, Field):
        return f"{_values(left, items)}.{'empty' if logic.operator == '=' else 'exists'}()"
    if right.text.replace(".", "", 1).removeprefix("-").isdecimal():
        return f"({fhirpath(left, items)} {_SIGNS[logic.operator]} {right.text})"
    return None


def _values(field: Field, items: Mapping[str, Element]) -> str:
    if field.name not in items:
        raise LogicError(f"looks at [{field.name}], which is no question of the same form")
    return f"%resource.descendants().where(linkId = '{field.name}').answer.value"


def _field(field: Field, items: Mapping[str, Element]) -> str:
    values, item = _values(field, items), items[field.name]
    if field.code is not None:
        return f"iif({values}.exists(code = '{field.code}'), 1, 0)"
    if item.get("repeats"):
        raise LogicError(f"looks at the checkboxes [{field.name}] without naming one, as in [{field.name}(1)]")
    if "answerOption" in item:
        return f"{values}.code.toDecimal()"
    if item["type"] == "boolean":
        return f"{values}.toInteger()"
    if item["type"] in ("integer", "decimal"):
        return values
    raise LogicError(f"calculates with [{field.name}], which is no number")


def _function(function: Function, items: Mapping[str, Element]) -> str:
    made = _FUNCTIONS.get(function.name)
    if made is None:
        raise LogicError(f"calls {function.name[:40]}(), which is not carried over")
    if len(function.arguments) not in _COUNTS.get(function.name, range(1, 100)):
        raise LogicError(f"calls {function.name}() with another number of arguments than it takes")
    return made([fhirpath(argument, items) for argument in function.arguments])


def _sum(arguments: list[str]) -> str:
    """Of those that are answered; nothing if none is."""
    terms = " + ".join(f"iif({one}.exists(), {one}, 0)" for one in map(_bracket, arguments))
    return f"iif({_any(arguments)}, {terms})"


def _mean(arguments: list[str]) -> str:
    count = " + ".join(f"iif({_bracket(one)}.exists(), 1, 0)" for one in arguments)
    return f"(({_sum(arguments)}) / ({count}))"


def _extreme(sign: str) -> Callable[[list[str]], str]:
    def make(arguments: list[str]) -> str:
        return f"({' | '.join(arguments)}).{sign}()"

    return make


def _whole(name: str) -> Callable[[list[str]], str]:
    def make(arguments: list[str]) -> str:
        if arguments[1:] not in ([], ["0"]):
            raise LogicError("rounds up or down to places after the point, which is not carried over")
        return f"({arguments[0]}).{name}()"

    return make


def _any(arguments: list[str]) -> str:
    return " or ".join(f"{_bracket(one)}.exists()" for one in arguments)


def _bracket(text: str) -> str:
    return f"({text})"


_COUNTS = {
    "round": range(1, 3),
    "rounddown": range(1, 3),
    "roundup": range(1, 3),
    "if": range(3, 4),
    "abs": range(1, 2),
    "sqrt": range(1, 2),
}
_FUNCTIONS: dict[str, Callable[[list[str]], str]] = {
    "round": lambda a: f"({a[0]}).round({a[1] if len(a) > 1 else 0})",
    "rounddown": _whole("floor"),
    "roundup": _whole("ceiling"),
    "if": lambda a: f"iif({a[0]}, {a[1]}, {a[2]})",
    "abs": lambda a: f"({a[0]}).abs()",
    "sqrt": lambda a: f"({a[0]}).sqrt()",
    "sum": _sum,
    "mean": _mean,
    "min": _extreme("min"),
    "max": _extreme("max"),
}
