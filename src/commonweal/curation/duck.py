"""The engine of the bridge: one DuckDB connection with its scratch files inside the vault's store."""

import os
import shutil
from pathlib import Path

import duckdb


def connect(work: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory that spills into `work` (emptied first: scratch of an interrupted run is worth nothing).

    Rows come out in the order they went in, times are UTC, and at most half of the memory is taken.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, mode=0o700)
    con = duckdb.connect()
    con.execute(f"SET temp_directory = '{work / 'spill'}'")
    con.execute(f"SET memory_limit = '{memory_mb()}MB'")
    con.execute(f"SET block_allocator_memory = '{memory_mb() // 4}MB'")  # kept: fresh memory costs page faults
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    con.execute("SET parquet_metadata_cache = true")  # checks ask the same files some two hundred times
    return con


def quote(text: str | Path) -> str:
    """A SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def memory_mb() -> int:
    """What one engine may take of the memory of this machine: COMMONWEAL_MEMORY_MB, else half, at most 4000."""
    chosen = os.environ.get("COMMONWEAL_MEMORY_MB")
    if chosen:
        return int(chosen)
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    return max(1_000, min(4_000, total // 2))
