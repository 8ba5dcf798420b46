"""What runs the questions to a release: DuckDB in this process (the default), or Spark, from the same expressions."""

from typing import Any, Protocol

import ibis.expr.types as ir
import pyarrow as pa

NAMES = ("duckdb", "spark")


class Engine(Protocol):
    """`columns`: those of each table (lower case)."""

    name: str
    columns: dict[str, list[str]]

    def table(self, name: str) -> ir.Table: ...

    def attach(self, name: str, rows: pa.Table) -> None:
        """Adds a table in memory, where there is none of that name."""
        ...

    def transient(self, name: str, rows: pa.Table) -> ir.Table:
        """A table in memory for as long as expressions of it are in use; `name`: how SQL is to call it, with a number."""
        ...

    def sql(self, expression: ir.Expr, *, pretty: bool = False) -> str: ...

    def rows(self, expression: ir.Expr) -> list[tuple[Any, ...]]: ...

    def arrow(self, expression: ir.Expr) -> pa.Table: ...
