"""Wearables -> the field's tables, as raw Parquet: of people who share that device, day by day, in a stream.

Nothing here holds a table in memory: the store is read a few hundred or thousand people at a time, and their rows are
dealt out to the parts of their people (see parts.py). A day on which the device was not worn, one that its person left out,
and one on which sharing had been stopped are not read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from commonweal.curation import parts
from commonweal.curation.extract.moment import Moment
from commonweal.home import Home
from commonweal.omop import tables as cdm
from commonweal.omop.tables import WEARABLES

if TYPE_CHECKING:
    from commonweal.cli.console import Console

PREFIX = "wearables:"  # before the provider: where a row comes from, and the scope under which it is used
AT_ONCE = 4_000_000  # rows, about, that are read at one time
_TYPES = {"integer": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP"}
_ASIDE = {"_source": "VARCHAR", "_language": "VARCHAR", "_version": "BIGINT", "submission": "BIGINT"}
_WORN = ("activity_summary", "heart_rate_summary", "heart_rate_minute_level", "steps_intraday")

_ROWS = """
SELECT {columns}, '{prefix}' || c.provider AS _source, NULL::VARCHAR AS _language, NULL::BIGINT AS _version, c.submission
FROM (SELECT *, "{day}"::DATE AS _day FROM {view}) c
JOIN wearing w ON w.person_id = c.participant AND w.provider = c.provider
ANTI JOIN days_left_out l ON l.participant = c.participant AND l.day = c._day
ANTI JOIN stopped s ON s.person_id = c.participant AND s.provider = c.provider AND c._day BETWEEN s.first_day AND s.last_day
{worn}
WHERE c._day < DATE '{cutoff_end}'
"""
_NOT_WORN = """ANTI JOIN (SELECT participant, provider, date FROM {days} WHERE status = 'not_worn') n
ON n.participant = c.participant AND n.provider = c.provider AND n.date = c._day"""


def load_wearables(
    con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, folder: Path, console: "Console"
) -> None:
    """Write the raw tables under `folder`, one grid each. Needs `wearing`, `stopped` and `parts` on `con`."""
    con.register("left_out_told", _left_out(moment))
    con.execute("CREATE OR REPLACE TEMP TABLE days_left_out AS SELECT DISTINCT participant, day FROM left_out_told")
    con.unregister("left_out_told")
    with console.progress("Reading wearables", len(WEARABLES)) as step:
        for table in WEARABLES:
            _extract(con, home, moment, folder / table, table)
            step.advance()


def largest(home: Home) -> int:
    """Cells (rows times columns) of the largest table in the store, about."""
    return max(_estimate(home, table) * len(cdm.tables()[table].columns) for table in WEARABLES)


def _extract(con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, folder: Path, table: str) -> None:
    from commonweal.vault.wearables import store
    from commonweal.vault.wearables.tables import DATED

    parts.write(con, _nothing(table), folder)
    stock = store.Stock(home, table, moment.known_at)
    worn_days = store.Stock(home, "wear_day", moment.known_at) if table in _WORN else None
    for number, people in enumerate(_people(con, store.bucket_size(table), _estimate(home, table))):
        view = stock.view(con, participants=people)
        worn = _NOT_WORN.format(days=worn_days.view(con, participants=people)) if worn_days else ""
        query = _ROWS.format(
            columns=_columns(table), prefix=PREFIX, view=view, day=DATED[table],
            cutoff_end=moment.cutoff_end.date(), worn=worn,
        )  # fmt: skip
        parts.write(con, query, folder, f"b{number:06d}-")


def _people(con: duckdb.DuckDBPyConnection, bucket_size: int, rows: int) -> Iterator[list[int]]:
    """Those who share a device, bucket by bucket of the store; several buckets together where they have few rows."""
    found = con.execute(
        f"SELECT list(DISTINCT person_id ORDER BY person_id) FROM wearing GROUP BY person_id // {bucket_size} ORDER BY 1"
    ).fetchall()
    together = max(1, AT_ONCE * len(found) // max(1, rows))
    for start in range(0, len(found), together):
        yield [person for (people,) in found[start : start + together] for person in people]


def _estimate(home: Home, table: str) -> int:
    """Rows in the store, versions that do not count any more among them."""
    from commonweal.vault.wearables import index, store

    place = store.folder_of(home, table)
    appended = sum(pq.read_metadata(path).num_rows for path in (place / "append").glob("[0-9]*.parquet"))
    return appended + sum(file.rows for file in index.load(place).files)


def _columns(table: str) -> str:
    told = []
    for column in cdm.tables()[table].columns:
        kind = _TYPES[column.type]
        if column.name == "person_id":
            told.append("c.participant AS person_id")
        elif column.name == "src_id":
            told.append(f"'{PREFIX}' || c.provider AS src_id")
        else:
            told.append(f'c."{column.name}"::{kind} AS "{column.name}"')
    return ", ".join(told)


def _nothing(table: str) -> str:
    """SQL of no rows, with all columns."""
    names = [f"NULL::{_TYPES[c.type]} AS {c.name}" for c in cdm.tables()[table].columns]
    names += [f"NULL::{kind} AS {name}" for name, kind in _ASIDE.items()]
    return f"SELECT {', '.join(names)} WHERE false"


def _left_out(moment: Moment) -> pa.Table:
    """participant, day: what people say is not theirs, as it was known."""
    from commonweal.vault.wearables.left_out import left_out

    return left_out(known_at=moment.known_at)
