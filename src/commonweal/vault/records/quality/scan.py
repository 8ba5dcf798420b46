"""All checks of a table in one scan of it.

For each row every check sets one bit, and every empty column another; rows are then only counted, by these bits and by
what was measured in which unit. In the same pass they are counted by person (with what of the drug classes or laboratory
sets the person has), by content (what stands there twice) and by year. However many checks there are, the table is read
once, and what comes out is small. Content is compared by a 64-bit hash.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault.records.quality.checks import Asked
from commonweal.vault.records.quality.tables import Given

COUNTED = ("drug_exposure", "measurement")  # the tables whose people are counted by class
ROWS, PEOPLE, CONTENT, YEARS = "rows", "people", "content", "years"


@dataclass(frozen=True)
class Scanned:
    """What one scan found: a table with a row for each group that `part` counts.

    rows: by faults, gaps (bits), concept and unit: n rows. people: by classes (bits): `groups` people.
    content: by the times that the same stands there: `groups` contents. years: by year (-1: none): n rows.
    """

    table: Given
    checks: list[Asked]
    found: pa.Table

    def part(self, name: str) -> list[dict[str, Any]]:
        return self.found.filter(pc.equal(self.found["part"], name)).to_pylist()


def scan(con: duckdb.DuckDBPyConnection, table: Given, checks: list[Asked]) -> Scanned:
    """Read the table once. `con` has the tables q_person, q_value, q_sex and q_class (see `context`)."""
    return Scanned(table, checks, con.execute(statement(table, checks)).to_arrow_table())


def statement(table: Given, checks: list[Asked]) -> str:
    """The one statement for a table."""
    classes = "coalesce(bit_or(classes), 0)" if table.spec.name in COUNTED else "0"
    return f"""
    SELECT part, faults, gaps, concept, unit, year,
        CASE part WHEN '{PEOPLE}' THEN classes END AS classes,
        CASE part WHEN '{CONTENT}' THEN n END AS times,
        count(*) AS groups, sum(n)::BIGINT AS n
    FROM (
        SELECT CASE WHEN grouping(faults) = 0 THEN '{ROWS}' WHEN grouping(person) = 0 THEN '{PEOPLE}'
                WHEN grouping(content) = 0 THEN '{CONTENT}' ELSE '{YEARS}' END AS part,
            faults, gaps, concept, unit, year, {classes} AS classes, count(*) AS n
        FROM ({marked(table, checks)})
        GROUP BY GROUPING SETS ((faults, gaps, concept, unit), (person), (content), (year))
    ) GROUP BY ALL"""


def marked(table: Given, checks: list[Asked]) -> str:
    """One row for each row of the table: its bits, and by what it is counted."""
    roles = table.roles
    concept = f't."{roles["concept"]}"' if "concept" in roles else "NULL"
    unit = f't."{roles["unit"]}"' if "unit" in roles else "NULL"
    start = f'year(TRY_CAST(t."{roles["start"]}" AS DATE))' if "start" in roles else "NULL"
    content = ", ".join(f't."{name}"' for name in table.columns if name == "person_id" or name != roles.get("key"))
    return f"""SELECT {_bits(check.sql for check in checks)} AS faults,
            {_bits(_gap(table, name) for name in table.fields)} AS gaps,
            {concept}::BIGINT AS concept, {unit}::BIGINT AS unit, coalesce({start}, -1)::INTEGER AS year,
            t.person_id::BIGINT AS person, hash({content}) AS content,
            {"c.classes" if table.spec.name in COUNTED else "0::BIGINT"} AS classes
        FROM {table.view} AS t {_joins(table, checks, concept, unit)}"""


def _joins(table: Given, checks: list[Asked], concept: str, unit: str) -> str:
    """The small tables that a check of this table, or the counting of its people, asks for."""
    needed = {
        "p.": "LEFT JOIN q_person AS p ON p.person_id = t.person_id",
        "s.": f"LEFT JOIN q_sex AS s ON s.concept_id = {concept}",
        "v.": f"LEFT JOIN q_value AS v ON v.concept_id = {concept} AND v.unit_concept_id = coalesce({unit}, 0)",
    }
    used = [join for alias, join in needed.items() if any(re.search(rf"\b{alias}", check.sql) for check in checks)]
    if table.spec.name in COUNTED:
        used.append(f"LEFT JOIN q_class AS c ON c.concept_id = {concept}")
    return " ".join(used)


def _bits(conditions: Iterable[str]) -> str:
    """A BIGINT with bit i set where condition i holds; what is unknown does not hold."""
    each = [f"CASE WHEN {condition} THEN {1 << i} ELSE 0 END" for i, condition in enumerate(conditions)]
    return f"({' + '.join(each) or '0'})::BIGINT"


def _gap(table: Given, name: str) -> str:
    """Whether a column is empty: a concept that is 0 is as good as none, and so is a text without a letter."""
    if name.endswith("_concept_id"):
        return f'coalesce(t."{name}", 0) = 0'
    return f"coalesce(t.\"{name}\", '') = ''" if table.columns[name] == "VARCHAR" else f't."{name}" IS NULL'
