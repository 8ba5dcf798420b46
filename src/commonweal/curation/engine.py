"""All row rules of a tier over one table as one query; its rows in order, with ids of their own; and what each rule did.

Rows are released in the order of research id, day and concept; rows alike in these come in an order made by a secret. The
id of a row is its person's research id and its place among that person's rows: it says nothing that the released row does
not say itself, nothing of the raw id, and it stays the same whoever else joins or leaves.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

import duckdb
import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
from ibis.backends.sql.datatypes import DuckDBType

from commonweal.curation.duck import quote
from commonweal.curation.extract.run import PROVENANCE, TIE
from commonweal.curation.findings import LOOKUPS, concerning
from commonweal.curation.findings.lookups import joins
from commonweal.curation.rules.base import REMOVED, Facts, Rows, cells_column
from commonweal.curation.rules.identifiers import LINKS
from commonweal.curation.tiers import Tier, uncovered
from commonweal.curation.written import applied
from commonweal.omop import tables as cdm
from commonweal.omop.tables import Table

PLACES = 1_000_000  # a row's id is research id * PLACES + its place, from 1
EXTENSIONS = {"observation": "observation_ext", "survey_conduct": "survey_conduct_ext"}
_SQL_TYPES = {"integer": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP"}
_BESIDE = {  # what is known of single rows beside what findings tell
    "visit_detail": "LEFT JOIN (SELECT raw AS visit_occurrence_id, id AS p_visit FROM ids_visit_occurrence)"
    " USING (visit_occurrence_id)",
    "device": "LEFT JOIN device_facts USING (person_id, device_id)",
}


@dataclass(frozen=True)
class Counters:
    """What one rule did to one table: rows that came, rows that were left, cells that became different."""

    rule: str
    rows_in: int
    rows_out: int
    cells_changed: int


class UncoveredColumn(AssertionError):
    """A column of the specification has no privacy class that a rule of the tier sees to: the build must not go on."""


def compose(rows: Rows, tier: Tier) -> Rows:
    """`rows` with every rule of `tier` that concerns its table applied, lazily and in order."""
    left = uncovered(tier, rows.spec)
    if left:
        raise UncoveredColumn(f"no rule of the {tier.name} tier sees to: {', '.join(left)}")
    for number, rule in tier.for_table(rows.spec.name):
        rows = applied(rule, replace(rows, number=number))
    return rows


def source(spec: Table, raw: str, persons: str) -> str:
    """SQL of raw rows with what is known of them and of their person; `_raw` is the raw id. `raw`, `persons`: SQL or names."""
    key = spec.columns[0].name
    found = f"LEFT JOIN found_{spec.name} USING ({key})" if concerning(spec.name) else ""
    return (
        f"SELECT t.*, t.{key} AS _raw, columns('^p_') FROM {raw} t JOIN {persons} USING (person_id)"
        f" {found} {_BESIDE.get(spec.name, '')} {joins(spec.name, LOOKUPS)}"
    )


def columns_of(con: duckdb.DuckDBPyConnection, view: str) -> ibis.Schema:
    """The columns of a view, as Ibis knows them."""
    return ibis.schema({name: _kind(kind) for name, kind, *_ in con.execute(f"DESCRIBE {view}").fetchall()})


@cache
def _kind(name: str) -> dt.DataType:
    return DuckDBType.from_string(name)


@dataclass(frozen=True)
class Plan:
    """The queries of one table in one tier, over a view `source_TABLE`. Written once, run for each part."""

    spec: Table
    tier: Tier
    facts: Facts
    schema: ibis.Schema  # of the rows before all rules
    rows: Rows  # after all rules

    @classmethod
    def of(cls, con: duckdb.DuckDBPyConnection, spec: Table, tier: Tier, facts: Facts) -> "Plan":
        """Needs `source_TABLE` on `con`, for its columns."""
        schema = columns_of(con, f"source_{spec.name}")
        return cls(spec, tier, facts, schema, compose(Rows.of(schema, spec, facts), tier))

    @property
    def key(self) -> str:
        return self.spec.columns[0].name

    @property
    def numbered(self) -> bool:
        """Whether the rows have ids of their own."""
        return self.spec.columns[0].privacy == "row_id"

    def ruled(self) -> str:
        """SQL of every raw row, changed, with the rule that removed it (REMOVED)."""
        return self.rows.sql(f"source_{self.spec.name}")

    def counted(self) -> str:
        """SQL of rule number (null: none), rows that it removed, and for each rule that changes, the cells (see `read`)."""
        sums = [f"coalesce(sum({cells_column(n)}), 0)" for n in self.changing()]
        return f"SELECT {', '.join([REMOVED, 'count(*)', *sums])} FROM ({self.ruled()}) GROUP BY 1"

    def read(self, rows: Iterable[tuple[int | None, ...]]) -> list[Counters]:
        """What each rule did, of the answer to `counted`."""
        told = list(rows)
        gone = {row[0]: row[1] for row in told}
        cells = {n: sum(int(row[i] or 0) for row in told) for i, n in enumerate(self.changing(), 2)}
        found, left = [], sum(row[1] or 0 for row in told)
        for number, rule in self.tier.for_table(self.spec.name):
            lost = gone.get(number) or 0
            found.append(Counters(rule.id, left, left - lost, cells.get(number, 0)))
            left -= lost
        return found

    def changing(self) -> list[int]:
        there = set(self.rows.table.columns)
        return [n for n, _ in self.tier.for_table(self.spec.name) if cells_column(n) in there]

    def emptied(self) -> set[str]:
        """Columns that the rules leave empty in every row: they need not be carried along."""
        last = {name: value for step in self.rows.steps for name, value in step.cells.items()}
        return {
            name for name, value in last.items()
            if name in self.spec.schema.names and name != self.key and _is_null(value)
        }  # fmt: skip

    def released(self) -> str:
        """SQL of the rows that stay, in the released order, with the columns of the specification."""
        emptied = self.emptied()
        columns = [self._id()] if self.numbered else [self.key]
        for column in self.spec.columns[1:]:
            null = f"NULL::{_SQL_TYPES[column.type]} AS {column.name}"
            columns.append(null if column.name in emptied else column.name)
        kept = [c.name for c in self.spec.columns if c.name not in emptied]
        return self._placed(columns, kept)

    def beside(self) -> str:
        """SQL of the rows of the extension table, in the same order."""
        masked = " ".join(
            f"WHEN {quote(source)} THEN {quote(name)}" for source, name in sorted(self.facts.sites.items())
        )
        told = {
            "src_id": f"CASE _source {masked} END AS src_id" if masked else "NULL::VARCHAR AS src_id",
            "survey_version_concept_id": "_version AS survey_version_concept_id",
            "language": "_language AS language",
        }
        spec = cdm.tables()[EXTENSIONS[self.spec.name]]
        return self._placed([self._id(), *(told[c.name] for c in spec.columns[1:])], [self.key, *PROVENANCE])

    def links(self) -> str:
        """SQL of raw id and id of the rows that stay, for tables that refer to this one."""
        return self._placed(["_raw AS raw", self._id("id")], [self.key, "_raw"])

    def traced(self) -> str:
        """SQL of the way back: `row` (the id, or the place among all of these rows), `_raw`, `_source`, `submission`."""
        beside = [name for name in ("submission", "_place") if name in self.rows.table.columns]
        row = self._id("row") if self.numbered else "row_number() OVER () AS row"
        return self._placed([row, "_raw", "_source", *beside], [self.key, "_raw", "_source", *beside])

    def _id(self, name: str | None = None) -> str:
        first = "max(CASE WHEN _before IS DISTINCT FROM person_id THEN _n END) OVER (ROWS UNBOUNDED PRECEDING)"
        return f"(person_id * {PLACES} + _n - {first} + 1)::BIGINT AS {name or self.key}"

    def _placed(self, columns: list[str], kept: list[str]) -> str:
        """`columns` of the ordered rows; where they have ids, `_n` is a row's place and `_before` the person before it."""
        ordered = self._ordered(kept)
        if self.numbered:
            ordered = f"SELECT *, row_number() OVER () AS _n, lag(person_id) OVER () AS _before FROM ({ordered})"
        return f"SELECT {', '.join(columns)} FROM ({ordered})"

    def _ordered(self, kept: list[str]) -> str:
        joins, columns = [], []
        for name in dict.fromkeys(["person_id", *kept]):
            target = LINKS.get(name)
            if target and target != self.spec.name:
                joins.append(f"LEFT JOIN ids_{target} l_{name} ON l_{name}.raw = m.{name}")
                columns.append(f"l_{name}.id AS {name}")
            elif name != self.key or not self.numbered:
                columns.append(f"m.{name}")
        where = f"WHERE m.{REMOVED} IS NULL ORDER BY {', '.join(f'm.{name}' for name in self.order())}"
        return f"SELECT {', '.join(columns)} FROM ({self.ruled()}) m {' '.join(joins)} {where}"

    def order(self) -> list[str]:
        """The columns that rows stand in the order of."""
        days = [c.name for c in self.spec.columns if c.privacy == "date"][:1]
        concepts = [c.name for c in self.spec.columns if c.privacy == "clinical" and c.name.endswith("_concept_id")][:1]
        if self.numbered:
            return ["person_id", *days, *concepts, TIE, "_raw"]
        rest = [c.name for c in self.spec.columns if c.name not in ("person_id", *days, *concepts)]
        return ["person_id", *days, *concepts, *rest]  # rows alike in all columns are the same row


def _is_null(value: ibis.Value) -> bool:
    """Whether an expression is null whatever the row."""
    op = value.op()
    while isinstance(op, ops.Cast):
        op = op.arg
    return isinstance(op, ops.Literal) and op.value is None
