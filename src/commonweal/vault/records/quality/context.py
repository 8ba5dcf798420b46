"""What a scan has at hand beside the table: people with birth, death and sex, and what is known of concepts. All small."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from commonweal.vault.records.quality.checks import DAYS_AFTER_DEATH, OLDEST
from commonweal.vault.records.quality.standards import Standards

_DEATHS = "SELECT person_id, min(TRY_CAST(death_date AS DATE)) AS died FROM {death} GROUP BY ALL"
_NOBODY = "SELECT NULL::BIGINT AS person_id, NULL::DATE AS died WHERE false"
_LATEST = f"""CREATE OR REPLACE TEMP TABLE q_person AS
SELECT *, (born + INTERVAL {OLDEST} YEAR)::DATE AS oldest, died + {DAYS_AFTER_DEATH} AS late FROM ({{people}})"""
_PERSON = """SELECT p.person_id::BIGINT AS person_id, d.died, p.gender_concept_id::BIGINT AS sex,
    coalesce(TRY_CAST({moment} AS DATE), TRY_CAST(format('{{:04d}}-{{:02d}}-{{:02d}}', p.year_of_birth,
        coalesce({month}, 1), coalesce({day}, 1)) AS DATE)) AS born
FROM {person} AS p LEFT JOIN ({deaths}) AS d ON d.person_id = p.person_id
QUALIFY row_number() OVER (PARTITION BY p.person_id) = 1"""


def lay_out(con: duckdb.DuckDBPyConnection, views: Mapping[str, str], standards: Standards) -> None:
    """Make q_person, q_class, q_sex and q_value on `con`.

    Where only the year of a birth is known, the first day of it counts, so that nobody is told to be wrong who is not.
    """
    deaths = _DEATHS.format(death=views["death"]) if "death" in views else _NOBODY
    if "person" in views:
        people = _PERSON.format(person=views["person"], deaths=deaths, **_birth(con, views["person"]))
    else:
        people = f"SELECT *, NULL::BIGINT AS sex, NULL::DATE AS born FROM ({deaths})"
    con.execute(_LATEST.format(people=people))
    whole, number = pa.int64(), pa.float64()
    _facts(con, "q_class", {"concept_id": whole, "classes": whole}, list(standards.classes.items()))
    _facts(con, "q_sex", {"concept_id": whole, "sex": whole}, list(standards.sexes.items()))
    values = [(concept, unit, low, high) for (concept, unit), (low, high) in standards.values.items()]
    columns = {"concept_id": whole, "unit_concept_id": whole, "low": number, "high": number}
    _facts(con, "q_value", columns, values)


def _birth(con: duckdb.DuckDBPyConnection, person: str) -> dict[str, str]:
    """The columns that tell a birthday, or NULL for those that this table lacks."""
    there = {name.lower() for name, *_ in con.execute(f"DESCRIBE SELECT * FROM {person}").fetchall()}
    names = {"moment": "birth_datetime", "month": "month_of_birth", "day": "day_of_birth"}
    return {role: f"p.{name}" if name in there else "NULL" for role, name in names.items()}


def _facts(con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, pa.DataType], rows: Sequence[Any]) -> None:
    """A small table of `rows`."""
    cells = [pa.array([row[i] for row in rows], kind) for i, kind in enumerate(columns.values())]
    con.register("q_facts", pa.table(cells, names=list(columns)))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM q_facts")
    con.unregister("q_facts")
