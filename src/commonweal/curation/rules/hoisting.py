"""What an expression asks of words alone, or of a person alone, taken out of it: asked once there, and read by the row.

A rule says `the question is one of these twelve and the number is above 19`. The first half is the same in every row with
the same words. Only what cannot fail is taken out (comparisons, lists, and, or, not; of persons, whose days are known to be
days, sums too): all words and persons are asked then, also those that a condition before would have kept from it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
import sqlglot.expressions as sge

_ASKS = (
    sge.And,
    sge.Or,
    sge.Not,
    sge.In,
    sge.EQ,
    sge.NEQ,
    sge.LT,
    sge.LTE,
    sge.GT,
    sge.GTE,
    sge.Is,
    sge.Between,
    sge.ArrayContains,
)
_SAYS = (*_ASKS, sge.Column, sge.Identifier, sge.Literal, sge.Boolean, sge.Null, sge.Paren, sge.Coalesce, sge.Array, sge.Tuple,
         sge.Neg, sge.Lower)  # fmt: skip
_COUNTS = (sge.Add, sge.Sub, sge.Mul, sge.Cast)
_DAYS = (sge.Interval, sge.Var, sge.DateFromParts, sge.DataType)
_SAFE = (sge.DataType.Type.DATE, sge.DataType.Type.TIMESTAMPNTZ, sge.DataType.Type.INT, sge.DataType.Type.BIGINT)


@dataclass(frozen=True)
class Elsewhere:
    """A level where questions can be asked: the columns that it has, and what is read instead of a question (both SQL)."""

    columns: Collection[str]
    instead: Callable[[str], str]
    counts: bool = False  # whether sums are asked as well
    searches: bool = False  # whether only what looks into a list is worth asking

    def asks(self, node: sge.Expr) -> bool:
        heads = _ASKS + _COUNTS if self.counts else _ASKS
        if not isinstance(node, heads) or (self.searches and not node.find(sge.In, sge.ArrayContains)):
            return False
        read = {column.name for column in node.find_all(sge.Column)}
        return bool(read) and read <= set(self.columns) and all(self._cannot_fail(inner) for inner in node.walk())

    def _cannot_fail(self, node: sge.Expr) -> bool:
        if isinstance(node, sge.Cast):  # of lists and nulls, which hold no column, or of days and whole numbers
            return node.find(sge.Column) is None or (self.counts and node.to.this in _SAFE)
        return isinstance(node, (*_SAYS, *_COUNTS, *_DAYS) if self.counts else (*_SAYS, sge.DataType))


def hoisted(text: str, places: Collection[Elsewhere]) -> str:
    """`text` (DuckDB SQL over a row t0) with the answer instead of each question that one of `places` can be asked."""
    return _parsed(text).transform(lambda node: _instead(node, places)).sql("duckdb")


def guard(text: str, before: str) -> tuple[str, str] | None:
    """The condition and the value of `CASE WHEN condition THEN value ELSE before END`, else None."""
    tree = _parsed(text)
    if not isinstance(tree, sge.Case) or tree.this is not None or len(tree.args["ifs"]) != 1:
        return None
    default, only = tree.args.get("default"), tree.args["ifs"][0]
    if default is None or default.sql("duckdb") != before:
        return None
    return only.this.sql("duckdb"), only.args["true"].sql("duckdb")


def _instead(node: sge.Expr, places: Collection[Elsewhere]) -> sge.Expr:
    for place in places:
        if place.asks(node):
            return _parsed(place.instead(node.sql("duckdb"))).copy()
    return node


@lru_cache(maxsize=4096)
def _parsed(text: str) -> sge.Expr:
    return sqlglot.parse_one(text, read="duckdb")
