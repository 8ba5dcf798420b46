"""DuckDB in this process: one connection in memory, a view a table; each question runs on a cursor of its own."""

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from commonweal.commons import source


class DuckEngine:
    """May be asked from any thread."""

    name = "duckdb"

    def __init__(self, files: dict[str, list[Path]]) -> None:
        self._con, self.columns = source.connect(files)
        self._backend = ibis.duckdb.from_connection(self._con)
        self._tables: dict[str, ir.Table] = {}
        self._lock, self._numbers = Lock(), count(1)

    def table(self, name: str) -> ir.Table:
        with self._lock:
            if name not in self._tables:
                self._tables[name] = self._backend.table(name)
            return self._tables[name]

    def attach(self, name: str, rows: pa.Table) -> None:
        with self._lock:
            if name not in self.columns:
                self._con.register("attached", rows)
                self._con.execute(f'CREATE TABLE "{name}" AS SELECT * FROM attached')
                self._con.unregister("attached")
                self.columns[name] = [column.lower() for column in rows.column_names]

    def transient(self, name: str, rows: pa.Table) -> ir.Table:
        own = f"{name}_{next(self._numbers)}"
        with self.cursor() as cursor:
            cursor.register("given", rows)
            cursor.execute(f'CREATE TABLE "{own}" AS SELECT * FROM given')
        table = self._backend.table(own)
        weakref.finalize(table.op(), self._drop, own).atexit = False
        return table

    def _drop(self, name: str) -> None:
        with self.cursor() as cursor:
            cursor.execute(f'DROP TABLE "{name}"')

    def sql(self, expression: ir.Expr, *, pretty: bool = False) -> str:
        return str(ibis.to_sql(expression, dialect="duckdb", pretty=pretty))

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one question; it sees the views, and other threads do not see it."""
        cursor = self._con.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def rows(self, expression: ir.Expr) -> list[tuple[Any, ...]]:
        with self.cursor() as cursor:
            return cursor.execute(self.sql(expression)).fetchall()

    def arrow(self, expression: ir.Expr) -> pa.Table:
        with self.cursor() as cursor:
            return cursor.execute(self.sql(expression)).to_arrow_table()
