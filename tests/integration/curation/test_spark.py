"""The same people built by DuckDB and by Spark: the same tables, row by row, and the same counters.

`make setup-spark` installs Spark beside the environment, in .spark.
"""

from datetime import datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.curated import HBA1C, LOINC, NOW

SPARK = Path(__file__).resolve().parents[3] / ".spark"
BY_DUCKDB, BY_SPARK = "2026Q4R1", "2026Q4R2"


@pytest.fixture
def spark_there(monkeypatch):
    monkeypatch.syspath_prepend(str(SPARK))


def told(world, name):
    """Each file of a release as rows in order, and its counters."""
    manifest = world.manifest(name)
    files = {f["path"]: f for table in manifest["tables"] for f in table["files"]}
    rows = {p: pq.read_table(world.folder(name) / p).to_pylist() for p in files if "/cdm_source/" not in p}
    types = {p: pq.read_schema(world.folder(name) / p).types for p in files}
    return rows, types, manifest


def peopled(world):
    """People of whom most rules have something to say."""
    world.crowd(4)
    person = world.people["crowd1"]
    day = datetime(2022, 5, 1, 10)
    world.records(
        person,
        [
            {"resource_type": "Observation", "code_system": LOINC, "code": HBA1C, "category": "laboratory", "start": at,
             "value_number": value, "unit": "%", "value_text": "it's \\ odd"}
            for at, value in ((day, 5.5), (day, 5.5), (datetime(1950, 1, 1), 1.0), (NOW + timedelta(days=9), 2.0))
        ],
    )  # fmt: skip
    world.survey(person, {"Race_WhatRaceEthnicity": ["WhatRaceEthnicity_White", "WhatRaceEthnicity_Asian"]}, at=NOW - timedelta(days=300))
    minutes = [{"participant": person, "datetime": datetime(2025, 10, 26, 0) + timedelta(minutes=7 * n), "steps": float(n)} for n in range(60)]
    world.wear("steps_intraday", minutes)
    world.add("minor", born=(NOW - timedelta(days=17 * 365)).date())
    world.deactivate(world.people["crowd2"], NOW - timedelta(days=400))


def test_spark_and_duckdb_build_equal_tables(world, spark_there):
    peopled(world)
    world.build(BY_DUCKDB)
    world.build(BY_SPARK, engine="spark")
    (rows, types, one), (others, other_types, two) = told(world, BY_DUCKDB), told(world, BY_SPARK)
    assert set(rows) == set(others)
    for path, found in rows.items():
        assert others[path] == found, path
        assert other_types[path] == types[path], path
    assert one["rules"] == two["rules"] and one["checks"] == two["checks"]
    assert sum(len(found) for found in rows.values()) > 200
    assert (one["engine"], two["engine"]) == ("duckdb", "spark")
