"""Work on the parts of a program, several at a time, one thread each."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import duckdb

T = TypeVar("T")


def each(con: duckdb.DuckDBPyConnection, number: int, work: Callable[[duckdb.DuckDBPyConnection, int], T]) -> list[T]:
    """What `work(con, part)` answers for each part from 0, in their order; raises what the first failing one raised.

    Each gets a connection of its own, whose temporary tables and views nobody else sees and which is closed afterwards.
    """
    if number == 1:
        return [_alone(con, 0, work)]
    before = con.execute("SELECT current_setting('threads')").fetchall()[0][0]
    con.execute("SET threads = 1")
    pool = ThreadPoolExecutor(max_workers=max(1, min(len(os.sched_getaffinity(0)), number)))
    try:
        waiting = [pool.submit(_alone, con, part, work) for part in range(number)]
        return [one.result() for one in waiting]
    finally:
        pool.shutdown(cancel_futures=True)
        con.execute(f"SET threads = {before}")


def _alone(con: duckdb.DuckDBPyConnection, part: int, work: Callable[[duckdb.DuckDBPyConnection, int], T]) -> T:
    own = con.cursor()
    try:
        return work(own, part)
    finally:
        own.close()
