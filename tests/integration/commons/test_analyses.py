"""Analyses of the real GiBleed tables, equal to SQL by hand."""

from pathlib import Path

import duckdb
import pytest

from commonweal import commons

BLED, CELECOXIB, DICLOFENAC = 192671, 1118084, 1124300
EVENT = {"type": "condition", "concepts": [BLED]}
BELOW = "SELECT descendant_concept_id FROM {concept_ancestor} WHERE ancestor_concept_id = "
BORN = "make_date(year_of_birth, month_of_birth, day_of_birth)"
SPANS = """spans AS (
  SELECT person_id, min(s) AS s, max(e) AS e FROM (
    SELECT *, sum(new) OVER (PARTITION BY person_id ORDER BY s, e) AS island FROM (
      SELECT person_id, observation_period_start_date AS s, observation_period_end_date AS e,
        CASE WHEN observation_period_start_date <= 1 + max(observation_period_end_date) OVER (
          PARTITION BY person_id ORDER BY observation_period_start_date, observation_period_end_date
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) THEN 0 ELSE 1 END AS new FROM {observation_period}))
  GROUP BY person_id, island)"""
FIRST = f"""first AS (SELECT person_id, min(condition_start_date) AS f FROM {{condition_occurrence}}
  WHERE condition_concept_id IN ({BELOW}{BLED}) GROUP BY 1)"""


@pytest.fixture(scope="module")
def gibleed(shared_data) -> Path:
    folder = shared_data / "omop" / "GiBleed_5.3_parquet"
    if not folder.is_dir():
        pytest.skip("the GiBleed tables are not there")
    return folder


def sql(folder, query):
    with duckdb.connect() as con:
        return con.execute(query.format(**{p.stem: f"'{p}'" for p in folder.glob("*.parquet")})).fetchall()


def _indexed(drug, **more):
    return {"version": 1, "index": {"of": {"type": "drug", "concepts": [drug]}}} | more


def test_a_summary_table(gibleed):
    rows = ["age", "sex", {"of": EVENT, "name": "bled", "days": [-3650, -1]}]
    found = commons.open(gibleed).table_one({"c": _indexed(CELECOXIB)}, rows).table.to_pylist()
    by = {(r["characteristic"], r["level"]): r for r in found}
    index = f"""SELECT person_id, min(drug_exposure_start_date) AS day FROM {{drug_exposure}}
        WHERE drug_concept_id IN ({BELOW}{CELECOXIB}) GROUP BY 1"""
    age = f"datesub('year', {BORN}, day)"
    ((number, mean, sd, quartiles, women),) = sql(
        gibleed,
        f"""SELECT count(*), avg({age}), stddev_samp({age}), quantile_cont({age}, [0.25, 0.5, 0.75]),
            count(*) FILTER (gender_concept_id = 8532) FROM ({index}) JOIN {{person}} USING (person_id)""",
    )
    told = by["Age (years)", ""]
    assert (told["persons"], [told["q1"], told["median"], told["q3"]]) == (number, quartiles)
    assert (told["mean"], told["sd"]) == pytest.approx((mean, sd))
    assert by["Sex", "FEMALE"]["persons"] == women
    ((bled,),) = sql(
        gibleed,
        f"""SELECT count(DISTINCT c.person_id) FROM {{condition_occurrence}} c JOIN ({index}) USING (person_id)
            WHERE condition_concept_id IN ({BELOW}{BLED}) AND condition_start_date - day BETWEEN -3650 AND -1""",
    )
    assert by["bled", ""]["persons"] == bled


def test_prevalence_and_incidence(gibleed):
    release = commons.open(gibleed)
    window = {"since": "1990-01-01", "until": "1999-12-31"}
    found = release.prevalence(EVENT, ages=(0, 30, 50), **window).table.to_pylist()
    band = f"""CASE WHEN datesub('year', {BORN}, make_date(y, 1, 1)) < 30 THEN '0–29'
        WHEN datesub('year', {BORN}, make_date(y, 1, 1)) < 50 THEN '30–49' ELSE '50+' END"""
    sex = "CASE gender_concept_id WHEN 8532 THEN 'FEMALE' ELSE 'MALE' END"
    expected = sql(
        gibleed,
        f"""WITH {SPANS}, {FIRST}
            SELECT y::VARCHAR, {band} AS age, {sex} AS sex, count(DISTINCT person_id),
              count(DISTINCT person_id) FILTER (year(f) <= y)
            FROM range(1990, 2000) AS years(y) JOIN spans ON year(s) <= y AND year(e) >= y
            JOIN {{person}} USING (person_id) LEFT JOIN first USING (person_id) GROUP BY ALL ORDER BY ALL""",
    )
    told = sorted((r["time"], r["age"], r["sex"], r["persons"], r["cases"]) for r in found)
    assert told == sorted(expected)
    found = release.incidence(EVENT, ages=(0, 30, 50), washout=365, **window).table.to_pylist()
    expected = sql(
        gibleed,
        f"""WITH {SPANS}, {FIRST}, risk AS (
              SELECT person_id, f, greatest(s + 365, DATE '1990-01-01', make_date(y, 1, 1)) AS low,
                least(e, DATE '1999-12-31', make_date(y, 12, 31), coalesce(f, e)) AS high, y
              FROM spans LEFT JOIN first USING (person_id), range(1990, 2000) AS years(y))
            SELECT y::VARCHAR, {band} AS age, {sex} AS sex, count(DISTINCT person_id),
              count(DISTINCT person_id) FILTER (f BETWEEN low AND high), sum(high - low + 1)::BIGINT
            FROM risk JOIN {{person}} USING (person_id) WHERE low <= high GROUP BY ALL""",
    )
    told = sorted(
        (r["time"], r["age"], r["sex"], r["persons"], r["cases"], round(r["person_years"] * 365.25)) for r in found
    )
    assert told == sorted(expected)


def test_survival(gibleed):
    release = commons.open(gibleed)
    two = {"celecoxib": _indexed(CELECOXIB),
           "diclofenac": _indexed(DICLOFENAC, exclude=[{"any": [{"type": "drug", "concepts": [CELECOXIB]}]}])}  # fmt: skip
    found = release.survival(two, EVENT, max_days=90)
    assert found.test["p"] < 0.05
    ((persons, events),) = sql(
        gibleed,
        f"""WITH {SPANS}, {FIRST}, index AS (SELECT person_id, min(drug_exposure_start_date) AS day FROM {{drug_exposure}}
              WHERE drug_concept_id IN ({BELOW}{CELECOXIB}) GROUP BY 1)
            SELECT count(*), count(*) FILTER (f <= least(e, day + 90))
            FROM index JOIN spans USING (person_id) LEFT JOIN first USING (person_id)
            WHERE day BETWEEN s AND e AND (f IS NULL OR f > day)""",
    )
    told = found.summary.to_pylist()[0]
    assert (told["persons"], told["events"]) == (persons, events)
    last = [row["survival"] for row in found.table.to_pylist() if row["cohort"] == "celecoxib"][-1]
    assert last == pytest.approx(1 - events / persons, abs=0.01)  # nearly nobody is lost in 90 days
