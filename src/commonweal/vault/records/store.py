"""Where health records lie: Parquet in the vault's store, one file of events and one journal a submission.

records/events/NUMBER.parquet       EVENT_SCHEMA, sorted by participant
records/superseded/NUMBER.parquet   what this submission replaces, or takes away: earlier submission, person, resource
records/journal/NUMBER.parquet      what became of each resource (JOURNAL_SCHEMA)
records/patients/NUMBER.parquet     who the patients are that it named (known.py)
A file counts only when the submission that it is named by says so in the database: one left by a killed run does not.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from commonweal.home import Home
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.vault.records.models import Submission

DAY = 86_400  # seconds
TAKEN = ("done", "partial")

JOURNAL_SCHEMA = pa.schema(
    [
        ("position", pa.int32()),  # place in the submission, from 1
        ("file", pa.int32()),  # from 1, in the order in which they were given
        ("place", pa.int64()),  # line or entry of the file, from 1; 0 the file as a whole
        ("resource_type", pa.string()),
        ("resource_digest", pa.binary(32)),  # SHA-256 of the logical id, which may itself name a person
        ("status", pa.string()),  # accepted | unchanged | rejected | unmatched | kept_out
        ("reason", pa.string()),
    ]
)
SUPERSEDED_SCHEMA = pa.schema(
    [
        ("submission", pa.int64()),
        ("participant", pa.int64()),
        ("resource_type", pa.string()),
        ("resource_id", pa.string()),
    ]
)


def events_path(home: Home) -> Path:
    return made(home.vault_store / "records" / "events")


def superseded_path(home: Home) -> Path:
    return made(home.vault_store / "records" / "superseded")


def journal_path(home: Home) -> Path:
    return made(home.vault_store / "records" / "journal")


def patients_path(home: Home) -> Path:
    return made(home.vault_store / "records" / "patients")


def working_path(home: Home) -> Path:
    """Where submissions are worked on, each in a folder of its own; what a killed run left a day ago goes."""
    folder = made(home.vault_store / "records" / ".work")
    for path in folder.iterdir():
        if path.is_dir() and path.stat().st_mtime < time.time() - DAY:
            shutil.rmtree(path, ignore_errors=True)
    return folder


@contextmanager
def spilling(home: Home) -> Iterator[Path]:
    """A folder for what one connection cannot hold in memory: two that shared one would overwrite each other's files."""
    folder = Path(tempfile.mkdtemp(prefix="spill-", dir=working_path(home)))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def made(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def file_name(submission: int) -> str:
    return f"{submission:08d}.parquet"


def taken(site: str | None = None, known_at: datetime | None = None) -> list[int]:
    """Numbers of the submissions that count, of one site or all, as known at a moment (default: now)."""
    found = Submission.objects.filter(state__in=TAKEN)
    found = found.filter(received_time__lte=known_at) if known_at else found
    return list((found.filter(site=site) if site else found).order_by("id").values_list("id", flat=True))


def current_events(
    con: duckdb.DuckDBPyConnection, home: Home, site: str | None = None, known_at: datetime | None = None
) -> str:
    """Make the view `current_events` on `con` and answer its name: EVENT_SCHEMA, the latest version of each resource.

    The latest accepted submission of a site that names a resource wins, with all parts of that resource; where it was
    deleted at its source, none. `known_at`: what came in later neither counts nor replaces.
    """
    numbers = taken(site, known_at)
    events = _reading(events_path(home), numbers, EVENT_SCHEMA)
    superseded = [n for n in numbers if (superseded_path(home) / file_name(n)).exists()]
    if superseded:
        gone = _reading(superseded_path(home), superseded, SUPERSEDED_SCHEMA)
        events = f"""SELECT e.* FROM ({events}) AS e
            ANTI JOIN ({gone}) AS s USING (submission, participant, resource_type, resource_id)"""
    con.execute(f"CREATE OR REPLACE TEMP VIEW current_events AS {events}")
    return "current_events"


def summary(home: Home, participant_id: int) -> dict[str, dict[str, Any]]:
    """What the vault holds about one person: resource type -> {"count": resources, "last": latest start or None}."""
    with duckdb.connect() as con:
        view = current_events(con, home)
        rows = con.execute(
            f"""SELECT resource_type, count(*), max(start) FROM {view}
            WHERE participant = ? AND part = 0 AND status IS DISTINCT FROM 'entered-in-error'
            GROUP BY ALL ORDER BY ALL""",
            [participant_id],
        ).fetchall()
    return {kind: {"count": count, "last": last.date() if last else None} for kind, count, last in rows}


def _reading(folder: Path, numbers: list[int], schema: pa.Schema) -> str:
    paths = [str(folder / file_name(n)) for n in numbers if (folder / file_name(n)).exists()]
    if not paths:
        return _empty(schema)
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    columns = ", ".join(f'"{f.name}"' for f in schema)
    return (
        f"SELECT {columns} FROM ({_empty(schema)} UNION ALL BY NAME FROM read_parquet([{listed}], union_by_name=true))"
    )


def _empty(schema: pa.Schema) -> str:
    """No row, all columns: a file that was written before a column came has it empty."""
    columns = ", ".join(f'NULL::{_sql_type(f.type)} AS "{f.name}"' for f in schema)
    return f"SELECT {columns} WHERE false"


def _sql_type(kind: pa.DataType) -> str:
    names = {pa.int64(): "BIGINT", pa.int32(): "INTEGER", pa.int16(): "SMALLINT", pa.float64(): "DOUBLE"}
    return "TIMESTAMP" if pa.types.is_timestamp(kind) else names.get(kind, "VARCHAR")


def copy_to(con: duckdb.DuckDBPyConnection, sql: str, path: Path, packing: str = "zstd") -> None:
    """The rows of `sql` as Parquet at `path`, there whole or not at all, readable by its owner only."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    target = str(temporary).replace("'", "''")
    con.execute(f"COPY ({sql}) TO '{target}' (FORMAT parquet, COMPRESSION {packing}, ROW_GROUP_SIZE 50000)")
    temporary.chmod(0o600)
    os.replace(temporary, path)


def copy_pieces(con: duckdb.DuckDBPyConnection, pieces: list[str], folder: Path, path: Path) -> None:
    """The rows of several statements, one after the other, as copy_to: none needs room for more than its own rows.

    `folder`: where the pieces lie until all are there. At least one is given.
    """
    if len(pieces) == 1:
        copy_to(con, pieces[0], path)
        return
    parts = [folder / f"{path.stem}.{number:04d}.parquet" for number in range(len(pieces))]
    for sql, part in zip(pieces, parts, strict=True):
        copy_to(con, sql, part, "lz4")
    listed = ", ".join("'" + str(part).replace("'", "''") + "'" for part in parts)
    copy_to(con, f"FROM read_parquet([{listed}])", path)
    for part in parts:
        part.unlink()
