"""The reference table `unit_mapping`: in which unit each measurement is released, and how numbers get there.

Columns: measurement_concept_id, unit_concept_id, set_unit_concept_id, transform_value_as_number. The transform is what
follows the number (`*10^(-3)`), an expression of x (`(x-32)*(5/9)`, `(1/x)`), or `ifcc_to_ngsp` for hemoglobin A1c.
"""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from commonweal.protocol.base import Problem

KIND = "unit_mapping"
_NAMED = {"ifcc_to_ngsp": "x * 0.09148 + 2.152"}  # NGSP: per cent from mmol/mol
_SIGNS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


@dataclass(frozen=True)
class Formula:
    """times · x + plus, or per / x."""

    times: float = 0.0
    plus: float = 0.0
    per: float = 0.0

    def __call__(self, x: float) -> float:
        return self.per / x if self.per else self.times * x + self.plus


@dataclass(frozen=True)
class UnitChange:
    """Values of `measurement` in `unit` become values in `becomes` (OMOP concept ids)."""

    measurement: int
    unit: int
    becomes: int
    formula: Formula


def formula(text: str) -> Formula:
    """The formula that `text` says. ValueError when it is none, or more than a line or a reciprocal."""
    words = _NAMED.get(text.strip(), text.strip()).replace("^", "**")
    try:
        found = _of(ast.parse(f"x {words}" if words.startswith("*") else words, mode="eval").body)
    except (SyntaxError, TypeError, ZeroDivisionError, OverflowError, RecursionError):
        found = Formula()
    straight = found.times != 0 and not found.per
    if not (straight or (found.per and not found.times and not found.plus)):
        raise ValueError(f"`{text}` is no conversion: write *10, (x-32)*(5/9) or (1/x)")
    return found


def _of(node: ast.expr) -> Formula:
    match node:
        case ast.Name(id="x"):
            return Formula(times=1.0)
        case ast.Constant(value=int() | float() as number):
            return Formula(plus=float(number))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _joined(ast.Mult(), Formula(plus=-1.0), _of(inner))
        case ast.BinOp(left=left, op=sign, right=right):
            return _joined(sign, _of(left), _of(right))
    return Formula()


def _joined(sign: ast.operator, a: Formula, b: Formula) -> Formula:
    """`a` and `b` put together; the formula of nothing where that is neither a line nor a reciprocal."""
    do = _SIGNS.get(type(sign))
    fixed_a, fixed_b = not (a.times or a.per), not (b.times or b.per)
    if do is None:
        return Formula()
    if fixed_a and fixed_b:
        return Formula(plus=float(do(a.plus, b.plus)))
    if isinstance(sign, ast.Add | ast.Sub):
        return Formula(do(a.times, b.times), do(a.plus, b.plus), do(a.per, b.per))
    if isinstance(sign, ast.Mult | ast.Div) and fixed_b:
        return Formula(do(a.times, b.plus), do(a.plus, b.plus), do(a.per, b.plus))
    if isinstance(sign, ast.Mult) and fixed_a:
        return _joined(sign, b, a)
    if isinstance(sign, ast.Div) and fixed_a and not (b.plus or b.per):
        return Formula(per=a.plus / b.times)
    return Formula()


def unit_change(row: Mapping[str, str]) -> UnitChange:
    """One row of the table. ValueError for what is no concept or no conversion."""
    names = ("measurement_concept_id", "unit_concept_id", "set_unit_concept_id")
    concepts = [(row.get(name) or "").strip() for name in names]
    for name, text in zip(names, concepts, strict=True):
        if not text.isdecimal():
            raise ValueError(f"{name} is no concept id")
    measurement, unit, becomes = map(int, concepts)
    words = row.get("transform_value_as_number") or ("*1" if unit == becomes else "")
    return UnitChange(measurement, unit, becomes, formula(words))


def unit_changes(rows: Iterable[Mapping[str, str]]) -> list[UnitChange]:
    """What the rows say, but for those of a unit that stays."""
    changes = map(unit_change, rows)
    return [change for change in changes if change.unit != change.becomes]


def unit_problems(file: str, rows: Iterable[Mapping[str, str]]) -> list[Problem]:
    """What is wrong in the table: no conversion, a unit twice, one measurement in two units at the end."""
    problems: list[Problem] = []
    seen: set[tuple[int, int]] = set()
    ends: dict[int, int] = {}
    for line, row in enumerate(rows, start=2):
        try:
            change = unit_change(row)
        except ValueError as error:
            problems.append(Problem(file, line, str(error)))
            continue
        if (change.measurement, change.unit) in seen:
            problems.append(Problem(file, line, "this unit of this measurement has a row already"))
        if ends.setdefault(change.measurement, change.becomes) != change.becomes:
            problems.append(Problem(file, line, "another row turns this measurement into another unit"))
        seen.add((change.measurement, change.unit))
    return problems
