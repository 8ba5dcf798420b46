"""Where the files of health records lie: a folder of the vault's store for each kind, a file for each submission."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from commonweal import duck
from commonweal.files import PRIVATE
from commonweal.home import Home

DAY = 86_400  # seconds
TAKEN = ("done", "partial")  # states of submissions that count


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


def copy_to(
    con: duckdb.DuckDBPyConnection, sql: str, path: Path, packing: str = "zstd", *, synced: bool = True
) -> None:
    """The rows of `sql` as Parquet at `path`, there whole or not at all, readable by its owner only."""
    duck.copy(con, sql, path, PRIVATE, packing=packing, group=50_000, synced=synced)


def copy_pieces(con: duckdb.DuckDBPyConnection, pieces: list[str], folder: Path, path: Path) -> None:
    """The rows of several statements, one after the other, as copy_to: none needs room for more than its own rows.

    `folder`: where the pieces lie until all are there. At least one is given.
    """
    if len(pieces) == 1:
        copy_to(con, pieces[0], path)
        return
    parts = [folder / f"{path.stem}.{number:04d}.parquet" for number in range(len(pieces))]
    for sql, part in zip(pieces, parts, strict=True):
        copy_to(con, sql, part, "lz4", synced=False)
    listed = ", ".join("'" + str(part).replace("'", "''") + "'" for part in parts)
    copy_to(con, f"FROM read_parquet([{listed}])", path)
    for part in parts:
        part.unlink()
