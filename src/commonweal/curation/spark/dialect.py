"""The SQL of a rule's step for Spark. Where Ibis writes what means something else there than in DuckDB, it is mended here.

Rules are written once and have one meaning: DuckDB's. Spark runs with ANSI SQL, times without zone and UTC (session.py).
Here are the operations that would still differ; tests/integration/curation/test_spark.py runs each on both engines.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from commonweal.curation.rules.base import REMOVED, Step


class _Compiler(PySparkCompiler):
    __slots__ = ()

    # what is not a number is a value like others, not a null
    visit_Field = SQLGlotCompiler.visit_Field
    visit_IsNull = SQLGlotCompiler.visit_IsNull
    visit_NotNull = SQLGlotCompiler.visit_NotNull

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: dt.DataType) -> Any:
        if dtype.is_floating():
            return self.cast(sge.convert(repr(float(value))), dtype)  # 1.5 alone would be a decimal
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_IntervalFromInteger(self, op: Any, *, arg: Any, unit: Any) -> Any:
        """Without a way through text."""
        if unit.plural != "days":
            raise NotImplementedError(f"an interval of {unit.plural} from a column, for Spark")
        return self.f.anon.make_interval(0, 0, 0, self.cast(arg, dt.int32))

    def visit_Divide(self, op: Any, *, left: Any, right: Any) -> Any:
        """A number over zero is infinite, of zero no number; Spark would stop."""
        left, right = (self.cast(side, dt.float64) for side in (left, right))
        infinite = self.cast(sge.convert("infinity"), dt.float64)
        over = self.if_(left.eq(0), self.cast(sge.convert("NaN"), dt.float64), self.f.sign(left) * infinite)
        return self.if_(right.eq(0), over, sge.Paren(this=left) / sge.Paren(this=right))

    def visit_Cast(self, op: Any, *, arg: Any, to: dt.DataType) -> Any:
        """A broken number becomes the nearest whole one, of two the even one; Spark would cut it off."""
        if op.arg.dtype.is_floating() and to.is_integer():
            arg = self.f.anon.rint(arg)
        return super().visit_Cast(op, arg=arg, to=to)


_COMPILER = _Compiler()


def layers(steps: Iterable[Step]) -> Iterator[dict[str, str]]:
    """Steps as few selections: each the columns that it makes, by name; they read `t0`.

    Steps go together where none reads what another of them makes: Spark plans some ten selections in a fraction of the
    time of fifty. Removals in a row become one CASE, in their order.
    """
    made: dict[str, str] = {}
    gone: list[str] = []
    for step in steps:
        removal = _removal(step)
        told = {"": removal[0]} if removal else dict(step.cells)
        if _read(told) & (made.keys() | ({REMOVED} if gone else set())) or step.cells.keys() & made.keys():
            yield made | _marked(gone)
            made, gone = {}, []
        written = _written(told)
        if removal:
            gone.append(f"WHEN {written['']} THEN {removal[1]}")
        else:
            made |= written
    yield made | _marked(gone)


def _marked(gone: list[str]) -> dict[str, str]:
    first = f"WHEN `t0`.{REMOVED} IS NOT NULL THEN `t0`.{REMOVED}"
    return {REMOVED: f"CAST(CASE {first} {' '.join(gone)} END AS SMALLINT)"} if gone else {}


def _removal(step: Step) -> tuple[ir.Value, int] | None:
    """Condition and rule number of a step that removes rows (Rows.remove), else None."""
    value = step.cells.get(REMOVED)
    op = value.op() if value is not None and len(step.cells) == 1 else None
    if not (isinstance(op, ops.IfElse) and isinstance(op.bool_expr, ops.And) and isinstance(op.true_expr, ops.Literal)):
        return None
    alive = op.bool_expr.left
    if not (isinstance(alive, ops.IsNull) and isinstance(alive.arg, ops.Field) and alive.arg.name == REMOVED):
        return None
    return op.bool_expr.right.to_expr(), op.true_expr.value


def _read(values: Mapping[str, ir.Value]) -> set[str]:
    return {field.name for value in values.values() for field in value.op().find(ops.Field)}


def _written(values: Mapping[str, ir.Value]) -> dict[str, str]:
    """SQL of each expression over the columns of a row."""
    query = _COMPILER.to_sqlglot(_base(values).select(**{f"_{name}": v for name, v in values.items()}).unbind())
    if any(query.args.get(part) for part in ("joins", "where", "group", "qualify")):
        raise AssertionError("a step is more than an expression over the columns of a row")
    return {told.alias[1:]: told.this.sql(dialect="spark") for told in query.expressions}


def _base(values: Mapping[str, ir.Value]) -> ir.Table:
    """The table that expressions read; any, where they are constants."""
    relations = (relation for value in values.values() for relation in value.op().relations)
    first = next(relations, None)
    return first.to_expr() if first is not None else ibis.table({"nothing": "int64"}, name="step")


def text(value: str) -> str:
    """A string in Spark's SQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
