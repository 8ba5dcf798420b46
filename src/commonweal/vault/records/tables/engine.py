"""The engine of an import: DuckDB within a fixed memory, beyond which it uses the working folder."""

import os
from pathlib import Path
from typing import Any

import duckdb

MEMORY = "300MB"
THREADS = 4  # each holds buffers of its own


def connect(work: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(f"SET enable_progress_bar = false; SET memory_limit = '{MEMORY}'; SET TimeZone = 'UTC'")
    con.execute(f"SET threads = {min(THREADS, os.cpu_count() or 1)}")
    con.execute(f"SET temp_directory = {quote(work / 'spill')}")
    return con


def quote(text: Any) -> str:
    """A SQL string."""
    return "'" + str(text).replace("'", "''") + "'"


def one(con: duckdb.DuckDBPyConnection, query: str) -> Any:
    """The first row of a query that always has one; its value where it is a single one."""
    row = con.execute(query).fetchone() or (None,)
    return row[0] if len(row) == 1 else row
