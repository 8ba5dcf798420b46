"""The SQL of a rule's step for Spark. Where Ibis writes what means something else there than in DuckDB, it is mended here.

Rules are written once and have one meaning: DuckDB's. Spark runs with ANSI SQL, times without zone and UTC (commonweal/spark.py).
Here are the operations that would still differ; tests/integration/curation/test_spark.py runs each on both engines.
"""

import re
from typing import Any

import ibis.expr.datatypes as dt
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler

from commonweal.curation.rules.base import Rows, in_words
from commonweal.curation.rules.layers import Written
from commonweal.curation.rules.levels import Tongue

_INTERVALS = (
    "years",
    "months",
    "weeks",
    "days",
    "hours",
    "minutes",
    "seconds",
)  # the order of make_interval's arguments


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
        return self.f.anon.make_interval(*[0] * _INTERVALS.index(unit.plural), self.cast(arg, dt.int32))

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


COMPILER = _Compiler()
SPARK = Tongue("`{0}`", "`t0`.`{0}`", re.compile(r"`t0`\.`([^`]+)`"), "EXCEPT", "NOT ({0} <=> {1})")


def steps(rows: Rows) -> list[Written]:
    """The steps of the rules in Spark's SQL."""
    return in_words(rows.table, rows.steps, COMPILER, "spark")


def text(value: str) -> str:
    """A string in Spark's SQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
