"""Statements over single files of a table, as many at one time as there are processors, each on one thread.

A file of a tier holds all rows of its people: what is asked of people can be asked of each file alone. Small hash tables
stay in the processor's cache, and nothing has to be dealt out among threads and put together again.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa


def answers(con: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> list[pa.Table]:
    """What each says, in their order. They may read files and tables of `con`, not what is temporary on it."""
    threads = con.execute("SELECT current_setting('threads')").fetchall()[0][0]
    con.execute("SET threads = 1")  # of the engine's own for each statement: the caller's
    try:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda sql: _answer(con.cursor(), sql), statements))
    finally:
        con.execute(f"SET threads = {threads}")


def _answer(cursor: duckdb.DuckDBPyConnection, sql: str) -> pa.Table:
    with cursor:
        return cursor.execute(sql).to_arrow_table()
