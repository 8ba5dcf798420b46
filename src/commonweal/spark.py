"""Spark itself: found where it is installed, started for one build, ended with it.

COMMONWEAL_SPARK_MASTER names a cluster (`spark://…`, `yarn`); without it Spark runs on the cores of this machine, with
the memory that who starts it allows. What it spills goes to a folder that who starts it names.
"""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from commonweal.errors import BadInput

MASTER = "COMMONWEAL_SPARK_MASTER"
_SETTINGS = {
    "spark.app.name": "commonweal",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",  # OMOP's times have no zone
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.codegen.wholeStage": "false",  # fifty steps as one Java method are more than one may hold
    "spark.sql.maxPlanStringLength": "1000",
    "spark.log.level": "ERROR",
    "spark.driver.extraJavaOptions": "-Xss16m",  # some fifty rules stand in each other
}
_HERE = {"spark.master": "local[*]", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}


def require() -> None:
    """BadInput where Spark or Java is not installed, with what to do."""
    if importlib.util.find_spec("pyspark") is None:
        raise BadInput("engine spark: PySpark is not installed; pip install 'commonweal[spark]'")
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        raise BadInput("engine spark: there is no Java; on Debian: apt-get install openjdk-17-jre-headless")


@contextmanager
def session(work: Path, parallel: int, memory_mb: int) -> Iterator[Any]:
    """A Spark session with its scratch files in `work` (made 0700); `parallel`: how many ways rows are dealt out.

    One that this process has opened here before, and not left, is used again.
    """
    from pyspark.sql import SparkSession

    if running := SparkSession.getActiveSession():
        yield running
        return
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    master = os.environ.get(MASTER)
    settings = _SETTINGS | ({"spark.master": master} if master else _HERE)
    settings |= {
        "spark.local.dir": str(work),
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.sql.shuffle.partitions": str(parallel),
        "spark.driver.memory": f"{memory_mb}m",
    }
    builder = SparkSession.builder
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        _end(spark)


def _end(spark: Any) -> None:
    """Stop the session and its Java process, which would otherwise stay as long as this one."""
    from pyspark import SparkContext

    spark.stop()
    gateway, SparkContext._gateway, SparkContext._jvm = SparkContext._gateway, None, None
    if gateway is not None:
        gateway.shutdown()
        gateway.proc.stdin.close()
        gateway.proc.wait(timeout=60)
