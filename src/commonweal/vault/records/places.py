"""Where the files of health records lie: a folder of the vault's store for each kind, a file for each submission."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

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


def copy_to(con: duckdb.DuckDBPyConnection, sql: str, path: Path, packing: str = "zstd") -> None:
    """The rows of `sql` as Parquet at `path`, there whole or not at all, readable by its owner only."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    target = str(temporary).replace("'", "''")
    con.execute(f"COPY ({sql}) TO '{target}' (FORMAT parquet, COMPRESSION {packing}, ROW_GROUP_SIZE 50000)")
    temporary.chmod(0o600)
    os.replace(temporary, path)
