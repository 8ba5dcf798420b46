"""Cohorts of one release by DuckDB, by Spark and by the index. `make setup-spark` installs Spark, in .spark."""

from datetime import date
from pathlib import Path

import pytest

from commonweal.commons.index import layout
from commonweal.commons.index.build import build
from commonweal.commons.release import Release
from tests import genotypes, releases

SPARK = Path(__file__).resolve().parents[3] / ".spark"
COHORTS = (
    {"version": 1, "include": [{"any": [{"type": "condition", "concepts": [201820], "at_least": 1}]}]},
    {
        "version": 1,
        "index": {"of": {"type": "condition", "concepts": [201820]}, "which": "first"},
        "include": [
            {"any": [{"type": "drug", "concepts": [1503297], "within": {"of": "index", "days": [0, 30]}}]},
            {"any": [{"type": "person", "sex_at_birth": [8532], "age_at": {"date": "index", "min": 30, "max": 60}}]},
        ],
        "exclude": [{"any": [{"type": "condition", "concepts": [317009], "start": {"to": "2018-12-31"}}]}],
    },
    {
        "version": 1,
        "include": [{"any": [{"type": "group", "at_least": 2, "of": [
            {"type": "condition", "concepts": [316866], "pick": "first", "age": {"min": 40}},
            {"type": "condition", "concepts": [317009], "observed": {"before": 0}},
            {"type": "person", "race": [8516]},
        ]}]}],
    },
    {
        "version": 1,
        "include": [{"any": [{"type": "genome", "ancestry": ["afr"], "variant": "1-5-A-G"}]}],
        "exclude": [{"any": [{"type": "person", "has": ["array"]}]}],
    },
)  # fmt: skip


@pytest.fixture
def spark(tmp_path_factory):
    """A session, which the engine takes as it is; Java does not optimise what runs once."""
    from commonweal.spark import session

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        patch.syspath_prepend(str(SPARK))
        with session(tmp_path_factory.mktemp("spark"), 2, 1000) as running:
            running.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
            yield running


def test_cohorts_are_the_same_on_both_engines_and_by_the_index(spark, tmp_path):
    rows = releases.people(400)
    period = {"observation_period_start_date": date(2015, 1, 1), "observation_period_end_date": date(2019, 12, 31)}
    rows["observation_period"] = [{"observation_period_id": p, "person_id": p} | period for p in range(1, 400)]
    rows["ancestry"] = [{"person_id": p, "ancestry_pred": "afr", "ancestry_pred_other": "afr"} for p in range(1, 300)]
    genotypes.write(tmp_path, "wgs", "chr1", range(1, 200), ["1-5-A-G"], [[p % 3 for p in range(1, 200)]])
    genotypes.write(tmp_path, "array", "chr2", range(100, 201), ["2-5-A-G"], [[1] * 101])
    folder = releases.write(tmp_path, rows, name="2026Q4R1")
    build(Release(folder, name="", tier="", gated=False), layout.place(folder))
    by_duckdb, by_spark = (Release(folder, name="", tier="", gated=False, engine=e) for e in ("duckdb", "spark"))
    for made in COHORTS:
        wanted = by_duckdb.arrow(by_duckdb.cohort(made).compiled.members)["person_id"].to_pylist()
        found = by_spark.cohort(made)
        assert 5 < len(wanted) < 390
        assert sorted(found.persons()["person_id"].to_pylist()) == sorted(wanted)
        assert found.count().persons == by_duckdb.cohort(made).count().persons == len(wanted)
        assert [s.count for s in found.attrition()] == [s.count for s in by_duckdb.cohort(made).attrition()]
