"""To which row of its person a row refers, as a place from 0 among that person's raw rows of the other table.

Raw ids are whatever the systems of sites made them, and to search one of a million visits for each of a hundred million rows
takes long; a place is counted to: the rows of all persons before, and then the place. Raw rows have a
column `place(TABLE)` for each table that they refer to, and rows that are referred to have their own; it is null where a row
names none, or one that nobody sent, or another person's. `first(TABLE)` is a column of persons.
"""

from collections.abc import Callable, Mapping

import duckdb

from commonweal.curation.rules.identifiers import LINKS
from commonweal.omop import tables as cdm

TARGETS = tuple(dict.fromkeys(LINKS.values()))


def place(target: str) -> str:
    """The column of raw rows with the place of the row of `target` that they refer to, or that they are."""
    return f"_{target}"


def first(target: str) -> str:
    """The column of persons with the number of raw rows of `target` of all persons before, of those that are built together."""
    return f"p_first_{target}"


def targets(table: str) -> dict[str, str]:
    """Column -> table whose row it names, its own key among them."""
    spec = cdm.tables()[table]
    own = {spec.columns[0].name: table} if table in TARGETS else {}
    return {name: target for name, target in LINKS.items() if name in spec.schema.names} | own


def placed(con: duckdb.DuckDBPyConnection, rows: Mapping[str, str]) -> dict[str, str]:
    """`rows` (table -> SQL of all its raw rows) with the places; those of every table in TARGETS are among them."""
    for target in TARGETS:
        key = cdm.tables()[target].columns[0].name
        con.execute(f"""CREATE OR REPLACE TEMP TABLE placed_{target} AS
        SELECT raw, person_id, (row_number() OVER (PARTITION BY person_id ORDER BY raw) - 1)::INTEGER AS place
        FROM (SELECT DISTINCT {key} AS raw, person_id FROM ({rows[target]}))""")
    return {table: _placed(table, sql) for table, sql in rows.items()}


def _placed(table: str, sql: str) -> str:
    found = targets(table)
    told = "".join(f", l_{name}.place AS {place(target)}" for name, target in found.items())
    joins = " ".join(
        f"LEFT JOIN placed_{target} l_{name} ON l_{name}.raw = r.{name} AND l_{name}.person_id = r.person_id"
        for name, target in found.items()
    )
    return f"SELECT r.*{told} FROM ({sql}) r {joins}" if found else sql


def persons(chosen: str, raw: Callable[[str], str]) -> str:
    """SQL of the persons `chosen` (SQL) with `first` of every table; `raw`: table -> SQL of their raw rows."""
    firsts = ", ".join(f"coalesce(sum({place(t)}) OVER before, 0)::BIGINT AS {first(t)}" for t in TARGETS)
    counts = " ".join(
        f"LEFT JOIN (SELECT person_id, count(*) AS {place(t)} FROM {raw(t)} GROUP BY 1) USING (person_id)"
        for t in TARGETS
    )
    return (
        f"SELECT s.* REPLACE ({firsts}) FROM ({chosen}) s {counts}"
        " WINDOW before AS (ORDER BY person_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    )
