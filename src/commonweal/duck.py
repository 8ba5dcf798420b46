"""DuckDB for a few questions, on one engine of this process.

To start and stop an engine costs 15 ms of a processor, more than most questions do; to begin and end on one that runs costs
less than one. Whoever needs a memory limit, a folder for what spills, or functions of Python, which belong to an engine as a
whole, makes one with `duckdb.connect()`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import duckdb

from commonweal import files

_NUMBERS = count(1)


@contextmanager
def passing() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to an empty database in memory of its own, which ends with it."""
    own, shared = f"passing_{next(_NUMBERS)}", engine(os.getpid())
    try:
        with shared.cursor() as con:
            con.execute(f"ATTACH ':memory:' AS {own}; USE {own}; SET enable_progress_bar = false")
            yield con
    finally:
        with shared.cursor() as con:
            con.execute(f"DETACH {own}")


def copy(
    con: duckdb.DuckDBPyConnection,
    sql: str,
    path: Path,
    mode: int = 0o644,
    *,
    packing: str = "zstd",
    group: int = 122_880,
    synced: bool = True,
) -> None:
    """The rows of `sql` as Parquet at `path`, there whole or not at all (see `files.whole`); `group`: rows read at least."""
    form = f"FORMAT parquet, COMPRESSION {packing}, ROW_GROUP_SIZE {group}, USE_TMP_FILE false"
    with files.whole(path, mode, synced=synced) as file:
        con.execute(f"COPY ({sql}) TO '{file.name.replace(chr(39), chr(39) * 2)}' ({form})")


@cache
def engine(process: int) -> duckdb.DuckDBPyConnection:
    """That of a process: a forked one has none of its parent's threads. It keeps nothing of the files that it reads."""
    return duckdb.connect(config={"enable_external_file_cache": False})
