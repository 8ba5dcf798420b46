"""What a finding is: something about single raw rows that the row itself does not tell.

A rule sees one row and what is known of its person. Whether a weight stands out from those of the same year, whether an
answer was given again, or which unit a site means takes a look at other rows: a finding takes it once, before the rules,
over all raw tables, and says what it saw of the few rows concerned. Rules then read it like any other column.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import duckdb

from commonweal.omop import tables as cdm
from commonweal.protocol.privacy import TierPrivacy
from commonweal.protocol.reference import ReferenceTable


@dataclass(frozen=True)
class Known:
    """What a finding may look at: on `con` the raw tables as views `in_TABLE`, `people` (see extract/people.py) and the vocabulary."""

    con: duckdb.DuckDBPyConnection
    cutoff: date
    privacy: TierPrivacy
    reference: Mapping[str, ReferenceTable] = field(default_factory=dict)  # the protocol's tables, by kind


@dataclass(frozen=True)
class Finding:
    """`columns`: names (they begin with p_) and DuckDB types of what is found; null in rows of which nothing was.

    `find` answers with the SQL of a query: the key of the table (its first column) and these columns, one row at most
    for a raw row. `by_tier`: it reads what a tier decides (privacy.toml), and is looked for anew for each.
    """

    id: str
    table: str
    columns: Mapping[str, str]
    find: Callable[[Known], str]
    by_tier: bool = False

    @property
    def key(self) -> str:
        return cdm.tables()[self.table].columns[0].name


def look(known: Known, table: str, findings: Iterable[Finding]) -> None:
    """Make `found_TABLE`: the key of raw rows of `table`, and the columns of all its `findings`."""
    key = cdm.tables()[table].columns[0].name
    columns = {name: kind for finding in findings for name, kind in finding.columns.items()}
    nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns.items())
    parts = [f"SELECT NULL::BIGINT AS {key}, {nothing or 'NULL AS nothing'} WHERE false"]
    parts += [f"SELECT {key}, {', '.join(f.columns)} FROM ({f.find(known)})" for f in findings]
    told = "".join(f", any_value({name}) AS {name}" for name in columns)
    known.con.execute(
        f"CREATE OR REPLACE TABLE found_{table} AS SELECT {key}{told} FROM ({' UNION ALL BY NAME '.join(parts)}) GROUP BY 1"
    )
