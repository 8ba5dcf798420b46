"""Looking at raw rows part by part finds what looking at all of them at once does."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest

from commonweal import protocol
from commonweal.curation import looking, parts, population
from commonweal.curation.extract.run import EVERY, RawExtract
from commonweal.curation.findings import FINDINGS
from commonweal.curation.findings.base import Known
from commonweal.curation.findings.surveys import program
from commonweal.curation.side_by_side import each
from commonweal.omop.tables import tables

CUTOFF, DAY = date(2026, 6, 30), date(2020, 1, 1)
PEOPLE = range(1, 25)
ROWS = {
    "person": [{"person_id": p, "race_source_value": "WhatRaceEthnicity_AIAN" if p % 3 else None} for p in PEOPLE],
    "visit_occurrence": [
        {"visit_occurrence_id": 10 * p + n, "person_id": p, "visit_concept_id": 9201, "visit_start_date": DAY,
         "visit_end_date": DAY - timedelta(n), "_source": f"site-{p % 2}"}
        for p in PEOPLE for n in range(2)
    ],
    "measurement": [
        {"measurement_id": 100 * p + n, "person_id": p, "measurement_concept_id": 3025315, "measurement_date": DAY + timedelta(n // 2 * 9),
         "value_as_number": 80.0 * (2.2046 if p % 2 else 1) + (90 if n > 4 and p == 6 else 0), "visit_occurrence_id": 10 * p + n, "_source": f"site-{p % 2}"}
        for p in PEOPLE for n in range(6)
    ],
    "observation": [
        {"observation_id": 100 * p + n, "person_id": p, "observation_source_concept_id": (1586140, 1585250)[n % 2], "observation_source_value": ("Race", "Zip")[n % 2],
         "value_as_concept_id": (1586142, 1586143)[(p + n) // 2 % 2], "observation_datetime": datetime(2020, 1, 1 + n // 2), "observation_event_id": 10 * p + n // 2}
        for p in PEOPLE for n in range(4)
    ],
    "survey_conduct": [
        {"survey_conduct_id": 10 * p + n, "person_id": p, "survey_source_value": "Secret" if p == 9 else "TheBasics"}
        for p in PEOPLE for n in range(3 if p % 4 else 1)
    ],
}  # fmt: skip


def looked(folder, number):
    """What was found, table by table, of people dealt into so many parts."""
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE concept (concept_id BIGINT, concept_code VARCHAR, vocabulary_id VARCHAR, invalid_reason VARCHAR)"
    )
    con.execute("CREATE TABLE concept_ancestor (ancestor_concept_id BIGINT, descendant_concept_id BIGINT)")
    ids = pa.array(PEOPLE)
    parts.deal(con, pa.table({"participant": ids, "registered": ids, "controlled": ids}), number)
    for name in EVERY:
        fields = tables()[name].schema
        rows = pa.table({f.name: pa.array([r.get(f.name) for r in ROWS.get(name, [])], f.type) for f in fields})
        rows = rows.append_column(
            "_source", pa.array([r.get("_source", "PPI") for r in ROWS.get(name, [])], pa.string())
        )
        con.register("rows", rows)
        parts.write(con, "SELECT * FROM rows", folder / name)
    con.execute(
        "CREATE TABLE someone AS SELECT unnest(range(1, 25)) AS person_id, DATE '1960-01-01' AS birth_date, 'WI' AS state"
    )
    for name in ("people", "gate"):
        con.execute(f"COPY someone TO '{folder / name}.parquet'")
    raw = RawExtract(folder, {}, number, {}, pa.table({}))
    population.open_raw(con, raw)
    program.put(con, [], [])
    program.put_lists(con, ["TheBasics"], ["537"])
    known = Known(con, CUTOFF, protocol.load(protocol.DEFAULT).privacy.registered)
    looking.once(known, raw, site_states={"site-0": "WI", "site-1": "MI"}, recurring=[])
    looking.of_tier(known, raw)
    names = [f"found_{f.table}" for f in FINDINGS] + ["several", "conflicts", "elsewhere", "no_basics"]
    return {name: con.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in names}


def test_of_several_parts_the_same_is_found_as_of_one(tmp_path):
    found = looked(tmp_path / "one", 1)
    for name in ("visit_occurrence", "measurement", "observation", "survey_conduct"):
        assert found[f"found_{name}"]
    assert len(found["elsewhere"]) == len(PEOPLE) // 2
    assert looked(tmp_path / "five", 5) == found


def test_what_is_found_whatever_the_tier_reads_nothing_that_a_tier_decides():
    known = SimpleNamespace(con=duckdb.connect(), cutoff=CUTOFF, privacy=looking._NoTier())
    with pytest.raises(AssertionError, match="by_tier"):
        next(f for f in FINDINGS if f.id == "quality.weights").find(known)


def test_parts_are_answered_in_their_order_and_the_first_failure_is_raised():
    con = duckdb.connect()
    before = con.execute("SELECT current_setting('threads')").fetchall()
    assert each(con, 5, lambda own, part: own.execute(f"SELECT {part}").fetchall()[0][0]) == [0, 1, 2, 3, 4]
    with pytest.raises(duckdb.CatalogException):
        each(con, 3, lambda own, part: own.execute("FROM nowhere" if part == 1 else "SELECT 1"))
    assert con.execute("SELECT current_setting('threads')").fetchall() == before
