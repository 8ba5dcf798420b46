"""From REDCap's branching logic to `enableWhen`.

FHIR joins the conditions of one item with "all" or with "any", never both. So logic is brought into the form "all of
(any of …), (any of …)": what is a single condition stands at one level, and each "any of" is a group around the item.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any

from commonweal.r4.redcap_logic import Field, Logic, LogicError, Operation, Value

MOST = 64  # conditions at one item
Element = dict[str, Any]
Clause = tuple[tuple[Field, str, Value], ...]  # one of these is to hold
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_ORDER = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


def levels(logic: Logic, items: Mapping[str, Element]) -> list[Element]:
    """What to put on an item and on groups around it, outermost first: each has `enableWhen` and `enableBehavior`.

    `items` are the questions of the same form, by field. Raises LogicError.
    """
    clauses = [_conditions(clause, items) for clause in dict.fromkeys(_clauses(logic))]
    single = [clause[0] for clause in clauses if len(clause) == 1]
    several = [clause for clause in clauses if len(clause) > 1]
    found: list[Element] = [{"enableWhen": clause, "enableBehavior": "any"} for clause in several]
    if single:
        found.append({"enableWhen": single, "enableBehavior": "all"})
    return found


def _clauses(logic: Logic) -> list[Clause]:
    """All of these are to hold; of each, any part."""
    if isinstance(logic, Operation) and logic.operator == "and":
        found = [clause for part in logic.parts for clause in _clauses(part)]
    elif isinstance(logic, Operation) and logic.operator == "or":
        parts = [_clauses(part) for part in logic.parts]
        size = 1
        for part in parts:
            size *= max(1, len(part))
            if size > MOST:
                raise LogicError(f"comes to more than {MOST} conditions")
        found = [tuple(dict.fromkeys(one for clause in way for one in clause)) for way in product(*parts)]
    else:
        found = [(_comparison(logic),)]
    if sum(map(len, found)) > MOST:
        raise LogicError(f"comes to more than {MOST} conditions")
    return found


def _comparison(logic: Logic) -> tuple[Field, str, Value]:
    if not isinstance(logic, Operation) or logic.operator not in _MIRRORED:
        raise LogicError("is more than comparisons of fields with values, joined by 'and' and 'or'")
    left, right = logic.parts
    operator = logic.operator
    if isinstance(left, Value) and isinstance(right, Field):
        left, right, operator = right, left, _MIRRORED[operator]
    right = _negative(right)
    if not isinstance(left, Field) or not isinstance(right, Value):
        raise LogicError("compares something else than a field with a value")
    return left, operator, right


def _negative(logic: Logic) -> Logic:
    """`-3` is read as `0 - 3`."""
    if isinstance(logic, Operation) and logic.operator == "-" and logic.parts[0] == Value("0", False):
        number = logic.parts[1]
        if isinstance(number, Value) and not number.quoted:
            return Value("-" + number.text, False)
    return logic


def _conditions(clause: Clause, items: Mapping[str, Element]) -> list[Element]:
    return [one for field, operator, value in clause for one in _condition(field, operator, value.text, items)]


def _condition(field: Field, operator: str, text: str, items: Mapping[str, Element]) -> list[Element]:
    """One comparison as conditions of which any is to hold."""
    item = items.get(field.name)
    if item is None:
        raise LogicError(f"looks at [{field.name}], which is no question of the same form")
    if item["type"] in ("display", "attachment"):
        raise LogicError(f"looks at [{field.name}], which has no value to compare")
    start = {"question": field.name}
    if text == "":
        if operator not in ("=", "<>"):
            raise LogicError(f"compares the order of [{field.name}] with nothing")
        return [start | {"operator": "exists", "answerBoolean": operator == "<>"}]
    if field.code is not None:
        return _box(start, item, field, operator, text)
    if "answerOption" in item:
        return _option(start, item, field, operator, text)
    key, value = _typed(item, field, text)
    return [start | {"operator": {"<>": "!="}.get(operator, operator), key: value}]


def _box(start: Element, item: Element, field: Field, operator: str, text: str) -> list[Element]:
    """`[field(code)] = '1'`: the box is ticked; `= '0'` or `<> '1'`: it is not."""
    if not item.get("repeats") or operator not in ("=", "<>") or text not in ("0", "1"):
        raise LogicError(f"compares [{field.name}(…)] in another way than a box that is ticked (1) or not (0)")
    ticked = (text == "1") is (operator == "=")
    return [start | {"operator": "=" if ticked else "!=", "answerCoding": _coding(item, field, field.code or "")}]


def _option(start: Element, item: Element, field: Field, operator: str, text: str) -> list[Element]:
    if item.get("repeats"):
        raise LogicError(f"looks at the checkboxes [{field.name}] without naming one, as in [{field.name}(1)]")
    if operator in ("=", "<>"):
        coding = _coding(item, field, text)
        return [start | {"operator": "=" if operator == "=" else "!=", "answerCoding": coding}]
    codes = [option["valueCoding"]["code"] for option in item["answerOption"]]
    limit = _number(field, text)
    chosen = [code for code in codes if _ORDER[operator](_number(field, code), limit)]
    if not chosen:
        raise LogicError(f"asks for an order of [{field.name}] that none of its choices has")
    return [start | {"operator": "=", "answerCoding": _coding(item, field, code)} for code in chosen]


def _coding(item: Element, field: Field, code: str) -> Element:
    for option in item["answerOption"]:
        coding = option["valueCoding"]
        if coding["code"] == code:
            return {"system": coding["system"], "code": code}
    raise LogicError(f"names a choice that [{field.name}] does not have")


def _typed(item: Element, field: Field, text: str) -> tuple[str, Any]:
    kind = item["type"]
    if kind == "boolean":
        if text not in ("0", "1"):
            raise LogicError(f"compares [{field.name}], which is yes (1) or no (0), with something else")
        return "answerBoolean", text == "1"
    if kind in ("integer", "decimal"):
        number = _number(field, text)
        whole = number == number.to_integral_value()
        return ("answerInteger", int(number)) if whole else ("answerDecimal", float(number))
    if kind in ("date", "dateTime", "time"):
        return "answer" + kind[0].upper() + kind[1:], text
    return "answerString", text


def _number(field: Field, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise LogicError(f"compares [{field.name}] with something that is no number") from None
    if not number.is_finite() or abs(number) >= 2**31:
        raise LogicError(f"compares [{field.name}] with a number that is too large")
    return number
