"""Spark, on the cores of this machine or on a cluster: the tables as views of Spark, the questions as Spark's SQL.

One session a process, which ends with it. The files of the release must lie where all machines of the cluster reach them.
"""

import atexit
import os
import shutil
import tempfile
import weakref
from contextlib import ExitStack
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from commonweal import spark
from commonweal.commons import source
from commonweal.errors import BadInput

PARALLEL, MEMORY_MB = "COMMONWEAL_SPARK_PARALLEL", "COMMONWEAL_MEMORY_MB"


@cache
def _session() -> Any:
    spark.require()
    work = Path(tempfile.mkdtemp(prefix="commonweal-spark-"))
    ending = ExitStack()
    parallel = int(os.environ.get(PARALLEL, 2 * (os.cpu_count() or 1)))
    running = ending.enter_context(spark.session(work, parallel, int(os.environ.get(MEMORY_MB, 4000))))
    ending.callback(shutil.rmtree, work, ignore_errors=True)
    atexit.register(ending.close)
    return running


class SparkEngine:
    """Raises BadInput where Spark or Java is not there, or the tables are not Parquet."""

    name = "spark"

    def __init__(self, files: dict[str, list[Path]]) -> None:
        self._spark = _session()
        self._backend = ibis.pyspark.connect(self._spark)
        self.columns: dict[str, list[str]] = {}
        self._views: dict[str, str] = {}
        self._tables: dict[str, ir.Table] = {}
        self._numbers = count(1)
        for name, paths in files.items():
            self._open(name, paths)

    def _open(self, name: str, paths: list[Path]) -> None:
        if not all(path.name.lower().endswith(".parquet") for path in paths):
            raise BadInput(f"table {name}: Spark reads Parquet; write it as Parquet, or open it with DuckDB")
        frame = self._spark.read.option("mergeSchema", True).parquet(*map(str, paths))
        shown = [self._typed(name, field.name, field.dataType.simpleString()) for field in frame.schema.fields]
        self._show(name, frame.selectExpr(*shown))

    def _typed(self, table: str, column: str, present: str) -> str:
        """A column under its lower-case name, with the type that the field gives it."""
        wanted = _SPARK.get(source.type_of(table, column) or "", present)
        return f"CAST(`{column}` AS {wanted}) AS `{column.lower()}`"

    def _show(self, name: str, frame: Any) -> None:
        view = f"release_{id(self)}_{name}"  # several releases may be open in one session
        frame.createOrReplaceTempView(view)
        self._views[name] = view
        self.columns[name] = [column.lower() for column in frame.columns]

    def table(self, name: str) -> ir.Table:
        if name not in self._tables:
            self._tables[name] = self._backend.table(self._views[name])
        return self._tables[name]

    def attach(self, name: str, rows: pa.Table) -> None:
        if name not in self.columns:
            self._show(name, self._spark.createDataFrame(rows))

    def transient(self, name: str, rows: pa.Table) -> ir.Table:
        own = f"release_{id(self)}_{name}_{next(self._numbers)}"
        self._spark.createDataFrame(rows).createOrReplaceTempView(own)
        table = self._backend.table(own)
        weakref.finalize(table.op(), self._spark.catalog.dropTempView, own).atexit = False
        return table

    def sql(self, expression: ir.Expr, *, pretty: bool = False) -> str:
        return str(ibis.to_sql(expression, dialect="pyspark", pretty=pretty))

    def rows(self, expression: ir.Expr) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._spark.sql(self.sql(expression)).collect()]

    def arrow(self, expression: ir.Expr) -> pa.Table:
        return self._spark.sql(self.sql(expression)).toArrow()


_SPARK = {"BIGINT": "bigint", "DOUBLE": "double", "VARCHAR": "string", "DATE": "date", "TIMESTAMP": "timestamp_ntz"}
