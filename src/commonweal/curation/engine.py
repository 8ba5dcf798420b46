"""All row rules of a tier over one table, as one query; then its rows in order, with ids of their own.

Rows are released in the order of research id, day and concept; rows alike in these come in an order made by a secret.
A row's id is its place in that order: it says nothing that the released row does not say itself, and nothing of the raw id.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import duckdb
import ibis
import pyarrow as pa

from commonweal.curation.duck import quote
from commonweal.curation.extract.run import PROVENANCE
from commonweal.curation.rules.base import REMOVED, Facts, Rows, cells_column
from commonweal.curation.rules.identifiers import LINKS
from commonweal.curation.tiers import Tier, uncovered
from commonweal.curation.written import applied
from commonweal.omop.tables import Table

_BESIDE = {  # what is known of single rows, beside what is known of their person
    "observation": "LEFT JOIN answer_facts USING (observation_id)",
    "visit_detail": "LEFT JOIN (SELECT raw AS visit_occurrence_id, id AS p_visit FROM ids_visit_occurrence)"
    " USING (visit_occurrence_id)",
    "device": "LEFT JOIN device_facts USING (person_id, device_id)",
}
_BATCH = 1 << 17  # rows; also the size of a Parquet row group


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
    _check_covered(rows.spec, tier)
    for number, rule in tier.for_table(rows.spec.name):
        rows = applied(rule, replace(rows, number=number))
    return rows


def _check_covered(spec: Table, tier: Tier) -> None:
    left = uncovered(tier, spec)
    if left:
        raise UncoveredColumn(f"no rule of the {tier.name} tier sees to: {', '.join(left)}")


def source(con: duckdb.DuckDBPyConnection, spec: Table) -> ibis.Schema:
    """Make the view `source_TABLE`, raw rows with what is known of their person, `_raw` being the raw id; its columns."""
    key = spec.columns[0].name
    beside = _BESIDE.get(spec.name, "")
    con.execute(
        f"CREATE OR REPLACE VIEW source_{spec.name} AS SELECT t.*, t.{key} AS _raw, columns('^p_')"
        f" FROM in_{spec.name} t JOIN persons USING (person_id) {beside}"
    )
    return ibis.duckdb.from_connection(con).table(f"source_{spec.name}").schema()


def run(con: duckdb.DuckDBPyConnection, spec: Table, tier: Tier, facts: Facts) -> list[Counters]:
    """Make `marked` (every raw row, changed, with the rule that removed it) and read the counters off it."""
    schema = source(con, spec)
    rows = compose(Rows.of(schema, spec, facts), tier)
    con.execute("DROP TABLE IF EXISTS marked")
    con.execute(f"CREATE TABLE marked AS {_statement(rows)}")
    numbers = [number for number, _ in tier.for_table(spec.name)]
    removed = dict(con.execute(f"SELECT {REMOVED}, count(*) FROM marked GROUP BY 1").fetchall())
    there = {name for name, *_ in con.execute("DESCRIBE marked").fetchall()}
    sums = [f"coalesce(sum({cells_column(n)}), 0)" if cells_column(n) in there else "0" for n in numbers]
    cells = con.execute(f"SELECT {', '.join(sums)} FROM marked").fetchall()[0]
    counters, left = [], sum(removed.values())
    for (_, rule), gone, changed in zip(
        tier.for_table(spec.name), (removed.get(n, 0) for n in numbers), cells, strict=True
    ):
        counters.append(Counters(rule.id, left, left - gone, int(changed)))
        left -= gone
    return counters


def _statement(rows: Rows) -> str:
    """The SQL of all steps, with the columns that are needed after them."""
    extra = ("_raw", *PROVENANCE, REMOVED)
    kept = [c.name for c in rows.spec.columns]
    kept += [c for c in rows.table.columns if c in extra or c.startswith("_cells_")]
    columns = ", ".join(f'"{name}"' for name in kept)
    return f"SELECT {columns} FROM ({rows.sql(f'source_{rows.spec.name}')})"


def ordered(con: duckdb.DuckDBPyConnection, spec: Table, salt: str) -> Iterator[pa.RecordBatch]:
    """The rows that stay, in the released order, links renumbered, each with `_raw` and the columns of PROVENANCE.

    The own id still has to be set to the row's place. Links go to tables numbered before (`ids_TABLE(raw, id)`).
    """
    joins, columns = [], []
    for column in spec.columns:
        if column.name in LINKS and spec.name != LINKS[column.name]:
            joins.append(f"LEFT JOIN ids_{LINKS[column.name]} l_{column.name} ON l_{column.name}.raw = m.{column.name}")
            columns.append(f"l_{column.name}.id AS {column.name}")
        else:
            columns.append(f"m.{column.name}")
    keys = ["m.person_id", *(f"m.{name}" for name in _order(spec))]
    if spec.columns[0].privacy == "row_id":
        keys += [f"hash(m._raw, {quote(salt)})", "m._raw"]
    else:  # rows without an id: those alike in all columns are the same row
        keys += [f"m.{column.name}" for column in spec.columns if f"m.{column.name}" not in keys]
    beside = ", ".join(f"m.{name}" for name in PROVENANCE)
    query = (
        f"SELECT {', '.join(columns)}, m._raw, {beside} FROM marked m {' '.join(joins)}"
        f" WHERE m.{REMOVED} IS NULL ORDER BY {', '.join(keys)}"
    )
    yield from con.execute(query).to_arrow_reader(_BATCH)


def _order(spec: Table) -> list[str]:
    days = [c.name for c in spec.columns if c.privacy == "date"][:1]
    concepts = [c.name for c in spec.columns if c.privacy == "clinical" and c.name.endswith("_concept_id")][:1]
    return days + concepts
