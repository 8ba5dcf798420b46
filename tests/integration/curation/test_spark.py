"""The same people built by DuckDB and by Spark: the same tables, row by row, and the same counters.

`make setup-spark` installs Spark beside the environment, in .spark.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import ibis
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonweal.curation import parts
from commonweal.curation.extract import run
from commonweal.curation.extract.repeated import leave_out_repeated
from commonweal.curation.numbering import PLACES
from commonweal.errors import BadInput
from tests.curated import HBA1C, LOINC, NOW

SPARK = Path(__file__).resolve().parents[3] / ".spark"
BY_DUCKDB, BY_SPARK = "2026Q4R1", "2026Q4R2"
TIERS, PARTS = ("registered", "controlled"), 2


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """One session for all tests of this module, which the builds use as well.

    Java neither optimises what runs once nor examines the classes that it loads.
    """
    from commonweal.spark import session

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "JAVA_TOOL_OPTIONS",
            "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote",
        )
        patch.syspath_prepend(str(SPARK))
        with session(tmp_path_factory.mktemp("spark"), PARTS, 1000) as running:
            running.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
            yield running


ROWS = pa.table(
    {
        "n": pa.array(range(8)),
        "number": pa.array([None, 0.0, -0.5, 2.5, 3.5, float("nan"), float("inf"), -7.25]),
        "other": pa.array([1.0, 0.0, 0.0, 0.0, 2.0, 0.0, 2.0, None]),
        "whole": pa.array([None, 0, -7, 7, 3, 2**40, 1, -1], pa.int64()),
        "word": pa.array([None, "", "PIIState_WI", "a.b\\c", "it's", " 12.5 ", "ZIP 532", "é"]),
        "day": pa.array([None, *(date(2024, 2, 25) + timedelta(days=n) for n in range(7))], pa.date32()),
        "moment": pa.array(
            [None, *(datetime(2024, 3, 1, 23, 59, 59, 999999) - timedelta(hours=11 * n) for n in range(7))],
            pa.timestamp("us"),
        ),
        "words": pa.array([None, [], ["race"], ["race", "sex"], [None], ["sex"], [], ["a"]], pa.list_(pa.string())),
    }
)
OPERATIONS = {
    "dividing": lambda t: t.number / t.other,
    "dividing whole numbers": lambda t: t.number / t.whole,
    "rest": lambda t: (t.whole % 5).cast("int64"),
    "whole of a broken number": lambda t: ibis.ifelse(t.number.abs() < 100, t.number, ibis.null("float64")).cast(
        "int64"
    ),
    "floor": lambda t: ibis.ifelse(t.number.abs() < 100, t.number, 0.0).floor().cast("float64"),
    "missing number": lambda t: t.number.isnull(),
    "number there": lambda t: t.number.notnull(),
    "greater": lambda t: t.number > 3,
    "literal": lambda t: t.number * 1.1,
    "pattern": lambda t: t.word.re_search(r"^PIIState_[A-Z]{2}$"),
    "pattern with a backslash": lambda t: t.word.re_search(r"^[a-z]\.[a-z]\\\\c$|^\s*\d+"),
    "quote": lambda t: t.word == "it's",
    "backslash": lambda t: t.word == "a.b\\c",
    "among": lambda t: t.word.isin(["", "é"]),
    "among none": lambda t: t.word.isin([]),
    "strip": lambda t: t.word.strip(),
    "three digits": lambda t: t.word.strip().substr(0, 3).concat("**"),
    "away from zero": lambda t: ibis.ifelse(t.number.abs() < 100, t.number, 0.0).ceil().cast("float64"),
    "small letters": lambda t: t.word.lower(),
    "length": lambda t: t.word.length().cast("int64"),
    "number in a text": lambda t: t.word.try_cast("float64"),
    "in a list": lambda t: t.words.contains("race"),
    "alike": lambda t: t.word.identical_to(ibis.null("string")),
    "day before": lambda t: t.day.cast("timestamp") - t.whole.clip(-9, 9).as_interval("D"),
    "year": lambda t: (t.day - t.whole.clip(-9, 9).as_interval("D")).year(),
    "years later": lambda t: (t.day.cast("timestamp") + ibis.interval(years=1)).cast("date"),
    "hours before": lambda t: t.moment - t.whole.clip(-9, 9).as_interval("h"),
    "minutes before": lambda t: t.moment - t.whole.clip(-9, 9).as_interval("m"),
    "seconds after": lambda t: t.moment + t.whole.clip(-9, 9).as_interval("s"),
    "weeks after": lambda t: t.moment + t.whole.clip(-9, 9).as_interval("W"),
    "months after": lambda t: t.moment + t.whole.clip(-9, 9).as_interval("M"),
    "years after": lambda t: t.moment + t.whole.clip(-9, 9).as_interval("Y"),
    "twelve hours": lambda t: (t.moment - ibis.interval(hours=12)).cast("date"),
    "day of a moment": lambda t: t.moment.cast("date"),
    "moment of a day": lambda t: t.day.cast("timestamp"),
    "weekday": lambda t: t.day.day_of_week.index().cast("int64"),
    "hour": lambda t: t.moment.hour().cast("int64"),
    "days between": lambda t: t.day.delta(t.moment.cast("date"), unit="day").cast("int64"),
    "earlier": lambda t: t.day < ibis.date(2024, 2, 28),
    "first there": lambda t: ibis.coalesce(t.moment, t.day.cast("timestamp")),
    "cases": lambda t: ibis.cases((t.whole > 1, "more"), (t.whole == 1, "one"), else_=t.word),
}


def test_every_operation_of_the_rules_means_the_same_on_both(spark, tmp_path):
    from commonweal.curation.rules.base import written
    from commonweal.curation.spark import dialect

    pq.write_table(ROWS, tmp_path / "rows.parquet")
    con = duckdb.connect()
    con.register("step", ROWS)
    table = ibis.table(ibis.Schema.from_pyarrow(ROWS.schema), name="step")
    cells = {f"c{n}": operation(table) for n, operation in enumerate(OPERATIONS.values())}
    expected = con.execute(str(ibis.to_sql(table.select("n", **cells), dialect="duckdb"))).fetchall()
    spark.read.parquet(str(tmp_path / "rows.parquet")).createOrReplaceTempView("rows")
    texts = written(table, cells, dialect.COMPILER, "spark")
    made = ", ".join(f"{sql} AS {name}" for name, sql in texts.items())
    found = [tuple(row) for row in spark.sql(f"SELECT n, {made} FROM rows AS t0 ORDER BY n").collect()]
    for place, name in enumerate(OPERATIONS, 1):
        assert str([row[place] for row in found]) == str([row[place] for row in expected]), name


def told(world, name, tier):
    """Each file of a tier as columns, types and rows in order, and its manifest."""
    folder = world.home.releases / name / tier
    paths = {str(p.relative_to(folder)) for p in folder.glob("tables/*/*.parquet")}
    files = {path: pq.read_table(folder / path) for path in paths if "/cdm_source/" not in path}
    return files, orjson.loads((folder / "manifest.json").read_bytes())


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
    world.survey(
        person,
        {"Race_WhatRaceEthnicity": ["WhatRaceEthnicity_White", "WhatRaceEthnicity_Asian"]},
        at=NOW - timedelta(days=300),
    )
    minutes = [
        {"participant": person, "datetime": datetime(2025, 10, 26, 0) + timedelta(minutes=7 * n), "steps": float(n)}
        for n in range(60)
    ]
    world.wear("steps_intraday", minutes)
    world.add("minor", born=(NOW - timedelta(days=17 * 365)).date())
    world.deactivate(world.people["crowd2"], NOW - timedelta(days=400))


def misdirected(con, home, moment):
    """Some answers that are said to belong to a response of somebody else, and some to one that is not there."""
    con.execute("""
    UPDATE raw_observation SET observation_event_id = CASE WHEN observation_id % 3 = 1 THEN -1 ELSE (
      SELECT max(survey_conduct_id) FROM raw_survey_conduct s WHERE s.person_id <> raw_observation.person_id) END
    WHERE _source = 'PPI' AND observation_id % 3 <> 0""")
    return leave_out_repeated(con, home, moment)


def test_spark_and_duckdb_build_equal_tables(world, spark, monkeypatch, many_threads):
    """Both tiers, in several parts; also where rows name another person's rows."""
    monkeypatch.setattr(parts, "how_many", lambda *_: PARTS)
    monkeypatch.setattr(run, "leave_out_repeated", misdirected)
    peopled(world)
    many_threads()
    world.build(BY_DUCKDB, tiers=TIERS)
    world.build(BY_SPARK, tiers=TIERS, by="spark")
    for tier in TIERS:
        (files, one), (others, two) = told(world, BY_DUCKDB, tier), told(world, BY_SPARK, tier)
        assert set(files) == set(others)
        for path, found in files.items():
            assert others[path].to_pylist() == found.to_pylist() and others[path].schema.equals(found.schema), (
                tier,
                path,
            )
        answers = (
            files["tables/observation/part-0000.parquet"].select(["person_id", "observation_event_id"]).to_pylist()
        )
        whose = {
            row["observation_event_id"] and row["observation_event_id"] // PLACES - row["person_id"] for row in answers
        }
        assert whose == {None, 0}  # a link leads to the person's own response, or nowhere
        assert one["rules"] == two["rules"] and one["checks"] == two["checks"]
        assert sum(found.num_rows for found in files.values()) > 200
        assert all(files[f"tables/person/part-{part:04}.parquet"].num_rows for part in range(PARTS))
        assert (one["engine"], two["engine"]) == ("duckdb", "spark")


def test_an_engine_that_is_not_there_is_refused(world, monkeypatch):
    with pytest.raises(BadInput, match="there is duckdb, spark"):
        world.build(by="hive")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BadInput, match=r"commonweal\[spark\]"):
        world.build(by="spark")
    assert not (world.home.vault_store / "curation" / BY_DUCKDB).exists()
