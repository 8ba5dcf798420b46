"""What an expression asks of words alone, taken out of it: it is asked once a wording, and the row reads the answer.

A rule says `the question is one of these twelve and the number is above 19`. The first half is the same in every row with
the same words. Only what cannot fail is taken out (comparisons, lists, and, or, not): the words of all rows are asked then,
also of those that a condition before would have kept from being asked.
"""

from collections.abc import Callable, Collection
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


def hoisted(text: str, words: Collection[str], named: Callable[[str], str]) -> str:
    """`text` (DuckDB SQL over a row t0) with a column instead of each question that reads `words` alone.

    `named` answers with the name of a column that has the answer to a question (SQL).
    """
    return _parsed(text).transform(lambda node: _instead(node, words, named)).sql("duckdb")


def guard(text: str, before: str) -> tuple[str, str] | None:
    """The condition and the value of `CASE WHEN condition THEN value ELSE before END`, else None."""
    tree = _parsed(text)
    if not isinstance(tree, sge.Case) or tree.this is not None or len(tree.args["ifs"]) != 1:
        return None
    default, only = tree.args.get("default"), tree.args["ifs"][0]
    if default is None or default.sql("duckdb") != before:
        return None
    return only.this.sql("duckdb"), only.args["true"].sql("duckdb")


def _instead(node: sge.Expr, words: Collection[str], named: Callable[[str], str]) -> sge.Expr:
    if not isinstance(node, _ASKS) or not all(_cannot_fail(inner) for inner in node.walk()):
        return node
    read = {column.name for column in node.find_all(sge.Column)}
    if not read or not read <= set(words):
        return node
    return sge.column(named(node.sql("duckdb")), table="t0", quoted=True)


def _cannot_fail(node: sge.Expr) -> bool:
    """Casts are of lists and nulls, which hold no column."""
    if isinstance(node, sge.DataType) or (isinstance(node, sge.Cast) and node.find(sge.Column) is None):
        return True
    return isinstance(node, _SAYS)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> sge.Expr:
    return sqlglot.parse_one(text, read="duckdb")
