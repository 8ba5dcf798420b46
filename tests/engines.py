"""What a DuckDB of this process may use: one thread, as two workers fill two cores and tables of tests are small.

Handing out threads to tables of a few rows took a fifth of what a release costs. A test that says whether threads change
what comes out asks for many (`many_threads`); commands run in processes of their own, with as many as they like.
"""

from typing import Any

import duckdb

threads = 1


def hold_back() -> None:
    """From now on each new engine has `threads` threads, unless it is made with another number."""
    connect = duckdb.connect

    def connect_few(*arguments: Any, config: dict[str, Any] | None = None, **more: Any) -> duckdb.DuckDBPyConnection:
        return connect(*arguments, config={"threads": threads} | (config or {}), **more)

    duckdb.connect = connect_few
