"""Wearables -> the field's tables, as raw Parquet: of people who share that device, day by day, in a stream.

Nothing here holds a table in memory: the store is read a few hundred people at a time, and their rows are dealt out to
parts, by a keyed hash of the person, so that what ends up together says nothing about who joined when. A day on which the
device was not worn, one that its person left out, and one on which sharing had been stopped are not read.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from commonweal.curation.duck import quote
from commonweal.curation.extract.moment import Moment
from commonweal.home import Home
from commonweal.omop import tables as cdm
from commonweal.omop.tables import WEARABLES

if TYPE_CHECKING:
    from commonweal.cli.console import Console

PREFIX = "wearables:"  # before the provider: where a row comes from, and the scope under which it is used
PART_ROWS = 3_000_000  # about how many rows of one table a part has: what is in memory at one time
_TYPES = {"integer": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP"}
_ASIDE = {"_source": "VARCHAR", "_language": "VARCHAR", "_version": "BIGINT", "submission": "BIGINT"}
_WORN = ("activity_summary", "heart_rate_summary", "heart_rate_minute_level", "steps_intraday")
_FORM = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, PARTITION_BY (part), OVERWRITE_OR_IGNORE"

_ROWS = """
SELECT {columns}, '{prefix}' || c.provider AS _source, NULL::VARCHAR AS _language, NULL::BIGINT AS _version, c.submission,
       hash({salt}, c.participant) % {parts} AS part
FROM (SELECT *, "{day}"::DATE AS _day FROM {view}) c
JOIN wearing w ON w.person_id = c.participant AND w.provider = c.provider
ANTI JOIN days_left_out l ON l.participant = c.participant AND l.day = c._day
ANTI JOIN stopped s ON s.person_id = c.participant AND s.provider = c.provider AND c._day BETWEEN s.first_day AND s.last_day
{worn}
WHERE c._day < DATE '{cutoff_end}'
"""
_NOT_WORN = """ANTI JOIN (SELECT participant, provider, date FROM {days} WHERE status = 'not_worn') n
ON n.participant = c.participant AND n.provider = c.provider AND n.date = c._day"""


@dataclass(frozen=True)
class Wearables:
    """Rows and files of each raw table: `parts[table]` are lists of files, one list for each part of a release."""

    rows: dict[str, int]
    parts: dict[str, list[list[Path]]]


def load_wearables(
    con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, folder: Path, salt: str, console: "Console"
) -> Wearables:
    """Write the raw tables under `folder`, TABLE/part=N/*.parquet. Needs `wearing` and `stopped` on `con`."""
    con.register("left_out_told", _left_out(moment))
    con.execute("CREATE OR REPLACE TEMP TABLE days_left_out AS SELECT DISTINCT participant, day FROM left_out_told")
    con.unregister("left_out_told")
    with console.progress("Reading wearables", len(WEARABLES)) as step:
        for table in WEARABLES:
            _extract(con, home, moment, folder / table, table, salt)
            step.advance()
    return found(folder)


def found(folder: Path) -> Wearables:
    """What lies under `folder`."""
    parts = {table: [sorted(p.glob("*.parquet")) for p in _part_folders(folder / table)] for table in WEARABLES}
    counted = {t: sum(pq.read_metadata(file).num_rows for part in parts[t] for file in part) for t in WEARABLES}
    return Wearables(counted, parts)


def _part_folders(folder: Path) -> list[Path]:
    return sorted(folder.glob("part=*"), key=lambda path: int(path.name.removeprefix("part=")))


def _extract(con: duckdb.DuckDBPyConnection, home: Home, moment: Moment, folder: Path, table: str, salt: str) -> None:
    from commonweal.vault.wearables import store
    from commonweal.vault.wearables.tables import DATED

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    parts = 1 + _estimate(home, table) // PART_ROWS
    buckets = con.execute(
        f"SELECT list(DISTINCT person_id ORDER BY person_id) FROM wearing GROUP BY person_id // {store.bucket_size(table)} ORDER BY 1"
    ).fetchall()
    stock = store.Stock(home, table, moment.known_at)
    worn_days = store.Stock(home, "wear_day", moment.known_at) if table in _WORN else None
    for number, (people,) in enumerate(buckets):
        view = stock.view(con, participants=people)
        worn = _NOT_WORN.format(days=worn_days.view(con, participants=people)) if worn_days else ""
        query = _ROWS.format(
            columns=_columns(table), prefix=PREFIX, salt=quote(salt), parts=parts, view=view, day=DATED[table],
            cutoff_end=moment.cutoff_end.date(), worn=worn,
        )  # fmt: skip
        con.execute(f"COPY ({query}) TO {quote(folder)} ({_FORM}, FILENAME_PATTERN 'b{number:06d}-{{i}}')")
    _at_least_one(con, folder, table)


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


def _at_least_one(con: duckdb.DuckDBPyConnection, folder: Path, table: str) -> None:
    """A table without rows is a file without rows; each is for its owner only."""
    if not any(folder.glob("part=*/*.parquet")):
        names = [f"NULL::{_TYPES[c.type]} AS {c.name}" for c in cdm.tables()[table].columns]
        names += [f"NULL::{kind} AS {name}" for name, kind in _ASIDE.items()]
        (folder / "part=0").mkdir(exist_ok=True)
        target = quote(folder / "part=0" / "none.parquet")
        con.execute(f"COPY (SELECT {', '.join(names)} WHERE false) TO {target} (FORMAT parquet)")
    for path in folder.glob("part=*/*.parquet"):
        path.chmod(0o600)


def _left_out(moment: Moment) -> pa.Table:
    """participant, day: what people say is not theirs, as it was known."""
    from commonweal.vault.wearables.left_out import left_out

    return left_out(known_at=moment.known_at)
