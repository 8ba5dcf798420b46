"""Where wearable data lie: Parquet in the vault's store, appended by submission and compacted by people and month.

wearables/TABLE/append/NUMBER.parquet     what one submission brought, sorted by person and time
wearables/TABLE/month/BUCKET/MONTH.*      compacted (see `compacting`); wearables/TABLE/index.json names what counts
An appended file counts only once its submission is done in the database: one left by a killed run does not.
The latest delivery of a unit (see `tables.UNIT`) wins; what it replaces is kept for `known_at`.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from commonweal.home import Home
from commonweal.vault.wearables import index as indexes
from commonweal.vault.wearables.models import Submission
from commonweal.vault.wearables.ranges import outside
from commonweal.vault.wearables.tables import DATED, TABLES, arrived_columns, unit_of

__all__ = ["TABLES", "append", "bucket_size", "current", "folder_of", "newest", "scan", "tail"]

ROW_GROUP = 50_000  # rows: what is read at least for one person
_PEOPLE = {"heart_rate_minute_level": 200, "steps_intraday": 200}  # a bucket has a few million rows a month at most


def folder_of(home: Home, table: str) -> Path:
    """The folder of one table, made where it is not there."""
    folder = home.vault_store / "wearables" / table
    for part in ("append", "month"):
        (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def bucket_size(table: str) -> int:
    """How many neighbouring people share a compacted file."""
    return _PEOPLE.get(table, 10_000)


def append(home: Home, table: str, rows: pa.Table, submission: Submission) -> Path:
    """Write what a submission brought for one table: one file, there whole or not at all, readable by its owner only.

    `rows`: `tables.arrived_columns(table)`, one row a key. It counts once the submission is done.
    """
    rows = rows.select(arrived_columns(table).names).cast(arrived_columns(table))
    at = submission.received_time.astimezone(UTC).replace(tzinfo=None)
    rows = rows.append_column("submission", pa.repeat(pa.scalar(submission.pk, pa.int64()), rows.num_rows))
    rows = rows.append_column("received", pa.repeat(pa.scalar(at, pa.timestamp("us")), rows.num_rows))
    path = append_path(home, table, submission.pk)
    write(rows.sort_by([("participant", "ascending"), (DATED[table], "ascending")]), path)
    return path


def append_path(home: Home, table: str, submission: int) -> Path:
    return folder_of(home, table) / "append" / f"{submission:010d}.parquet"


def write(rows: pa.Table, path: Path) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        pq.write_table(rows, file, compression="zstd", row_group_size=ROW_GROUP)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def tail(home: Home, table: str, index: indexes.Index, known_at: datetime | None = None) -> list[Path]:
    """The appended files that count and are not compacted, by number; those received by `known_at`."""
    done = Submission.objects.filter(state=Submission.DONE).extra(where=[outside(index.settled)])
    if known_at is not None:
        done = done.filter(received_time__lte=known_at)
    paths = (append_path(home, table, number) for number in done.order_by("pk").values_list("pk", flat=True))
    return [path for path in paths if path.exists()]


def current(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    table: str,
    *,
    known_at: datetime | None = None,
    participants: Iterable[int] | None = None,
) -> str:
    """Make the view `current_TABLE` on `con` and answer its name: `TABLES[table]`, each key once, the latest received.

    `known_at` (aware): as it was known then. `participants` (vault ids): of these people alone. People who have left are
    in it: whoever reads asks for the grants. Whatever is appended or compacted meanwhile, the view stays readable for an
    hour.
    """
    index = indexes.load(folder_of(home, table))
    people = None if participants is None else sorted(set(participants))
    new = tail(home, table, index, known_at)
    old = [file for file in index.files if people is None or _holds(file, people, table)]
    sql = _reading(home, table, new, old, known_at, people)
    con.execute(f"CREATE OR REPLACE TEMP VIEW current_{table} AS {sql}")
    return f"current_{table}"


def _holds(file: indexes.File, people: list[int], table: str) -> bool:
    return any(one // bucket_size(table) == file.bucket for one in people)


def _reading(
    home: Home,
    table: str,
    new: list[Path],
    old: list[indexes.File],
    known_at: datetime | None,
    people: list[int] | None,
) -> str:
    """SQL of the newest rows. Compacted files alone hold each key once: no comparison is needed where all of them count."""
    moment = None if known_at is None else known_at.astimezone(UTC).replace(tzinfo=None)
    where = _where(moment, people)
    past = moment is not None and any(file.received > moment for file in old)
    kept = [file_path(home, table, file) for file in old if past or not file.history]
    if not new and not past:
        return scan(table, kept, where)
    return newest(table, scan(table, [*kept, *new], where))


def file_path(home: Home, table: str, file: indexes.File) -> Path:
    return folder_of(home, table) / "month" / f"{file.bucket:06d}" / file.name


def _where(moment: datetime | None, people: list[int] | None) -> str:
    told = [] if moment is None else [f"received <= TIMESTAMP '{moment.isoformat(sep=' ')}'"]
    if people is not None:
        told.append(f"participant IN ({', '.join(map(str, people)) or 'NULL'})")
    return f" WHERE {' AND '.join(told)}" if told else ""


def scan(table: str, paths: list[Path], where: str = "") -> str:
    """SQL of the rows in some files of a table."""
    columns = ", ".join(f'"{name}"' for name in TABLES[table].names)
    if not paths:
        empty = ", ".join(f'NULL::{_sql_type(f.type)} AS "{f.name}"' for f in TABLES[table])
        return f"SELECT {empty} WHERE false"
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false){where}"


def newest(table: str, rows: str) -> str:
    """SQL of the rows that count among all versions: each unit from the delivery that was received last.

    Whether a device was worn, once known, is not forgotten for a delivery that cannot tell.
    """
    return f"SELECT * FROM ({rows}) QUALIFY {place_of(table)} = 1"


def place_of(table: str) -> str:
    """SQL of a row's place among the versions of its unit: 1 is what counts."""
    known = "status <> 'unknown' DESC, " if table == "wear_day" else ""
    unit = ", ".join(f'"{name}"' for name in unit_of(table))
    return f"rank() OVER (PARTITION BY {unit} ORDER BY {known}received DESC, submission DESC)"


def _sql_type(kind: pa.DataType) -> str:
    names = {
        pa.int64(): "BIGINT",
        pa.int32(): "INTEGER",
        pa.int16(): "SMALLINT",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
    }
    return "TIMESTAMP" if pa.types.is_timestamp(kind) else names.get(kind, "VARCHAR")
