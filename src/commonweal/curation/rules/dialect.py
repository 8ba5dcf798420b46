"""The SQL of a rule's step for DuckDB, where Ibis's own is right but slow: it means the same."""

from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers import DuckDBCompiler

FEW = 5  # from so many words on DuckDB makes a list a join
_DAY = 86_400_000_000  # microseconds
MANY = {True: 48, False: 12}  # numbers, words: so many are searched where they are asked for


class _Compiler(DuckDBCompiler):
    __slots__ = ()

    def visit_InValues(self, op: Any, *, value: Any, options: Any) -> Any:
        """A longer list becomes a join of its own, over all rows, even where the question is asked of few."""
        if FEW <= len(options) <= MANY[op.value.dtype.is_numeric()]:
            typed = self.cast(sge.Array(expressions=list(options)), dt.Array(op.value.dtype))
            return self.f.anon.list_contains(typed, value)
        return super().visit_InValues(op, value=value, options=options)

    def visit_DateAdd(self, op: Any, *, left: Any, right: Any) -> Any:
        days = _days(self, op, right)
        return sge.Add(this=left, expression=right if days is None else days)

    def visit_DateSub(self, op: Any, *, left: Any, right: Any) -> Any:
        days = _days(self, op, right)
        return sge.Sub(this=left, expression=right if days is None else days)

    def visit_TimestampAdd(self, op: Any, *, left: Any, right: Any) -> Any:
        return self._moved(sge.Add, op, left, right)

    def visit_TimestampSub(self, op: Any, *, left: Any, right: Any) -> Any:
        return self._moved(sge.Sub, op, left, right)

    def _moved(self, how: type[sge.Binary], op: Any, moment: Any, interval: Any) -> Any:
        """Whole days are so many microseconds; a calendar, which takes four times as long, need not be asked."""
        days = _days(self, op, interval)
        if days is None:
            return how(this=moment, expression=interval)
        microseconds = sge.Mul(this=self.cast(days, dt.int64), expression=sge.convert(_DAY))
        return self.f.anon.make_timestamp(how(this=self.f.anon.epoch_us(moment), expression=microseconds))


def _days(compiler: DuckDBCompiler, op: Any, interval: Any) -> Any:
    """Whole days as a number (a date and a number make a date; a date and an interval, a timestamp); None: something else."""
    match op.right:
        case ops.IntervalFromInteger(unit=unit) if unit.plural == "days":
            return compiler.cast(interval.this, dt.int32)  # of to_days(this)
        case ops.Literal(value=int(value), dtype=dt.Interval(unit=unit)) if unit.plural == "days":
            return sge.convert(value)
    return None


COMPILER = _Compiler()
