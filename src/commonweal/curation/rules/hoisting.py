"""What an expression asks of words alone, or of a person alone, taken out of it: asked once there, and read by the row.

A rule says `the question is one of these twelve and the number is above 19`. The first half is the same in every row with
the same words. Only what cannot fail is taken out (comparisons, lists, and, or, not; of persons, whose days are known to be
days, sums too): all words and persons are asked then, also those that a condition before would have kept from it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
import sqlglot.expressions as sge

from commonweal.curation.rules.levels import DUCKDB

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

    def asks(self, node: sge.Expr, below: "_Below") -> bool:
        heads = _ASKS + _COUNTS if self.counts else _ASKS
        if not isinstance(node, heads) or not below.columns or (self.searches and not below.searches):
            return False
        return below.columns <= set(self.columns) and (below.counts if self.counts else below.says)


@dataclass
class _Below:
    """What a part of an expression holds, itself and all below it."""

    columns: set[str] = field(default_factory=set)
    searches: bool = False  # into a list
    says: bool = True  # only what cannot fail
    counts: bool = True  # the same, sums among it

    def add(self, other: "_Below") -> None:
        self.columns |= other.columns
        self.searches |= other.searches
        self.says &= other.says
        self.counts &= other.counts

    def add_itself(self, node: sge.Expr) -> None:
        """`node`, of which all below is there already."""
        if isinstance(node, sge.Column):
            self.columns.add(node.name)
        self.searches |= isinstance(node, (sge.In, sge.ArrayContains))
        if isinstance(node, sge.Cast):  # of lists and nulls, which hold no column, or of days and whole numbers
            self.says &= not self.columns
            self.counts &= not self.columns or node.to.this in _SAFE
        else:
            self.says &= isinstance(node, (*_SAYS, sge.DataType))
            self.counts &= isinstance(node, (*_SAYS, *_COUNTS, *_DAYS))


def hoisted(text: str, places: Collection[Elsewhere]) -> str:
    """`text` (DuckDB SQL over a row t0) with the answer instead of each question that one of `places` can be asked."""
    read = DUCKDB.reads.findall(text)
    if not any(set(place.columns).intersection(read) for place in places):
        return text
    tree = sqlglot.parse_one(text, read="duckdb")
    for node, place in _questions(tree, places):
        answer = _parsed(place.instead(node.sql("duckdb"))).copy()
        if node is tree:
            return answer.sql("duckdb")
        node.replace(answer)
    return tree.sql("duckdb", copy=False)


def _questions(tree: sge.Expr, places: Collection[Elsewhere]) -> list[tuple[sge.Expr, Elsewhere]]:
    """The largest parts that can be asked, none within another, from left to right."""
    below, found = _below(tree), dict[int, tuple[sge.Expr, Elsewhere]]()
    for node in tree.dfs(prune=lambda node: id(node) in found):
        if place := next((place for place in places if place.asks(node, below[id(node)])), None):
            found[id(node)] = node, place
    return list(found.values())


def _below(tree: sge.Expr) -> dict[int, _Below]:
    """By the id of each node: what it holds, told from below in one walk."""
    found: dict[int, _Below] = {}
    for node in reversed(list(tree.dfs())):
        held = found.setdefault(id(node), _Below())
        held.add_itself(node)
        if node is not tree:
            found.setdefault(id(node.parent), _Below()).add(held)
    return found


def guard(text: str, before: str) -> tuple[str, str] | None:
    """The condition and the value of `CASE WHEN condition THEN value ELSE before END`, else None."""
    if not (text.startswith("CASE WHEN ") and text.endswith(f" ELSE {before} END")):
        return None
    tree = _parsed(text)
    if not isinstance(tree, sge.Case) or tree.this is not None or len(tree.args["ifs"]) != 1:
        return None
    default, only = tree.args.get("default"), tree.args["ifs"][0]
    if default is None or default.sql("duckdb") != before:
        return None
    return only.this.sql("duckdb"), only.args["true"].sql("duckdb")


@lru_cache(maxsize=4096)
def _parsed(text: str) -> sge.Expr:
    return sqlglot.parse_one(text, read="duckdb")
