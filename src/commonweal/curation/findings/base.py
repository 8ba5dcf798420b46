"""What a finding is: something about single raw rows that the row itself does not tell.

A rule sees one row and what is known of its person. Whether a weight stands out from those of the same year, whether an
answer was given again, or which unit a site means takes a look at other rows: a finding takes it once, before the rules,
over the raw tables, and says what it saw of the few rows concerned. Rules then read it like any other column.

Rows are looked at part by part (looking.py): all rows of a person are there, and most of other people's are not. What has
to be known of all people is made before (`before`).
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
    """What a finding may look at: on `con` the raw tables of a part as views `in_TABLE`, its `people` (see extract/people.py), and
    the vocabulary."""

    con: duckdb.DuckDBPyConnection
    cutoff: date
    privacy: TierPrivacy
    reference: Mapping[str, ReferenceTable] = field(default_factory=dict)  # the protocol's tables, by kind


@dataclass(frozen=True)
class Finding:
    """`columns`: names (they begin with p_) and DuckDB types of what is found; null in rows of which nothing was.

    `find` answers with the SQL of a query: the key of the table (its first column) and these columns, one row at most
    for a raw row. `by_tier`: it reads what a tier decides (privacy.toml), and is looked for anew for each. `before`: makes
    the tables that it reads of all people, where `in_TABLE` has their rows.
    """

    id: str
    table: str
    columns: Mapping[str, str]
    find: Callable[[Known], str]
    by_tier: bool = False
    before: Callable[[Known], None] | None = None

    @property
    def key(self) -> str:
        return cdm.tables()[self.table].columns[0].name


def look(known: Known, table: str, findings: Iterable[Finding], earlier: str = "") -> None:
    """Make `found_TABLE`: the key of raw rows of `table`, and the columns of all its `findings`.

    `earlier`: SQL of what was found before, with the key and columns of its own.
    """
    key = cdm.tables()[table].columns[0].name
    columns = {name: kind for finding in findings for name, kind in finding.columns.items()}
    nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in columns.items())
    parts = [f"SELECT NULL::BIGINT AS {key}, {nothing or 'NULL AS nothing'} WHERE false"]
    parts += [f"SELECT {key}, {', '.join(f.columns)} FROM ({f.find(known)})" for f in findings]
    parts += [earlier] if earlier else []
    known.con.execute(
        f"CREATE OR REPLACE TEMP TABLE found_{table} AS SELECT {key}, any_value(columns(* EXCLUDE {key}))"
        f" FROM ({' UNION ALL BY NAME '.join(parts)}) GROUP BY 1"
    )
