"""The SQL of a rule's step for Spark. Where Ibis writes what means something else there than in DuckDB, it is mended here.

Rules are written once and have one meaning: DuckDB's. Spark runs with ANSI SQL, times without zone and UTC (session.py).
Here are the operations that would still differ; tests/integration/curation/test_spark.py runs each on both engines.
"""

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from commonweal.curation.rules.base import Step


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
_FROM = " FROM `step` AS `t0`"  # how Ibis writes what a step reads


def cells(step: Step) -> str:
    """The columns that a step makes, as Spark writes them after SELECT; they read `t0`."""
    written = _COMPILER.to_sqlglot(_base(step.cells).select(**step.cells).unbind()).sql(dialect="spark")
    if not (written.startswith("SELECT ") and written.endswith(_FROM)):
        raise AssertionError("a step is more than an expression over the columns of a row")
    return written.removeprefix("SELECT ").removesuffix(_FROM)


def _base(values: Mapping[str, ir.Value]) -> ir.Table:
    """The table that expressions read; any, where they are constants."""
    relations = (relation for value in values.values() for relation in value.op().relations)
    first = next(relations, None)
    return first.to_expr() if first is not None else ibis.table({"nothing": "int64"}, name="step")


def text(value: str) -> str:
    """A string in Spark's SQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
