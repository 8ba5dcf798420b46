"""Scans of a small folder of OMOP tables, through `release.phewas`."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from commonweal import commons
from commonweal.commons.release import Release
from commonweal.errors import BadInput
from commonweal.omop.phecodes import PhecodeMap

PEOPLE, CODES = 3_000, 24
HARMED, MALE_ONLY = "A_5", "A_7"


def table(**columns):
    return pa.table(columns)


@pytest.fixture(scope="module")
def phecode_map():
    names = [f"A_{n}" for n in range(CODES)]
    return PhecodeMap(
        "X",
        "made up",
        codes=table(vocabulary_id=["ICD10CM"] * CODES, code=[f"Z{n}" for n in range(CODES)], phecode=names),
        rollup=table(phecode=[*names, "A_1"], ancestor=[*names, "A_0"]),
        exclusions=table(phecode=pa.array([], pa.string()), excluded_from=pa.array([], pa.string())),
        labels=table(
            phecode=names,
            description=[f"Illness {n}" for n in range(CODES)],
            group=["one" if n % 2 else "two" for n in range(CODES)],
            sex=["male" if n == MALE_ONLY else "both" for n in names],
        ),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Everybody was seen for ten years; code 5 follows the exposure, and code 7 is recorded for women too, by mistake."""
    place, rng = tmp_path_factory.mktemp("cdm"), np.random.default_rng(1)
    ids = np.arange(1, PEOPLE + 1)
    born = rng.integers(1940, 2000, PEOPLE)
    exposed = rng.random(PEOPLE) < 0.3
    start = date(2010, 1, 1)
    rows = {"person_id": [], "condition_source_concept_id": [], "condition_start_date": []}
    for code in range(CODES):
        chance = 0.06 * np.where(exposed & (code == 5), 3, 1)
        for person in np.flatnonzero(rng.random(PEOPLE) < chance):
            for _ in range(rng.integers(1, 4)):
                rows["person_id"].append(ids[person])
                rows["condition_source_concept_id"].append(1000 + code)
                rows["condition_start_date"].append(start + timedelta(days=int(rng.integers(0, 3650))))
    given = {
        "person": table(person_id=ids, gender_concept_id=np.where(ids % 2, 8507, 8532), year_of_birth=born,
                        month_of_birth=np.full(PEOPLE, 3), day_of_birth=np.full(PEOPLE, 1)),
        "condition_occurrence": pa.table(rows).append_column(
            "condition_concept_id", pa.array([0] * len(rows["person_id"]))),
        "concept": table(concept_id=[1000 + n for n in range(CODES)], vocabulary_id=["ICD10CM"] * CODES,
                         concept_code=[f"z{n}" for n in range(CODES)], concept_name=["?"] * CODES),
        "observation_period": table(person_id=ids, observation_period_start_date=[start] * PEOPLE,
                                    observation_period_end_date=[date(2020, 1, 1)] * PEOPLE),
    }  # fmt: skip
    for name, rows in given.items():
        pq.write_table(rows, place / f"{name}.parquet")
    people = table(person_id=ids, exposed=exposed, noise=rng.standard_normal(PEOPLE), same=np.ones(PEOPLE),
                   site=np.array(["north", "south", "west"])[rng.integers(0, 3, PEOPLE)])  # fmt: skip
    pq.write_table(people, place / "given.parquet")
    return place


@pytest.fixture(scope="module")
def people(folder):
    found = pq.read_table(folder / "given.parquet")
    (folder / "given.parquet").unlink()
    return found


@pytest.fixture(scope="module")
def release(folder, people):
    return commons.open(folder)


@pytest.fixture(scope="module")
def found(release, people, phecode_map):
    return release.phewas("exposed", ["age", "sex", "site"], people=people, phecode_map=phecode_map)


def row(result, phecode):
    (one,) = [r for r in result.table.to_pylist() if r["phecode"] == phecode]
    return one


def test_a_planted_association_is_found_and_no_other(found):
    first, second = found.table.to_pylist()[:2]
    assert first["phecode"] == HARMED
    assert first["p_value"] < 1e-8 < 0.001 < second["p_value"]
    assert first["odds_ratio_low"] > 1.5
    assert first["odds_ratio_low"] < 3.3 < first["odds_ratio_high"] + 1
    assert (first["method"], first["converged"], first["flags"]) == ("wald", True, "")
    assert (
        found.told["covariates"] == ["age", "sex", "site: north", "site: west"]
        or "site: south" in found.told["covariates"]
    )


def test_counts_are_those_of_plain_sql(found, folder, release):
    with release.cursor() as cursor:
        sql = """WITH d AS (SELECT person_id, count(DISTINCT condition_start_date) AS days FROM condition_occurrence
            JOIN person USING (person_id) WHERE condition_source_concept_id IN ({}) AND {} GROUP BY 1)
            SELECT count(*) FILTER (days >= 2), count(*) FILTER (days = 1) FROM d"""
        wanted = {"A_0": ("1000, 1001", "true", PEOPLE), MALE_ONLY: ("1007", "gender_concept_id = 8507", PEOPLE // 2)}
        for phecode, (codes, of, everybody) in wanted.items():
            cases, once = cursor.execute(sql.format(codes, of)).fetchone()
            assert (row(found, phecode)["cases"], row(found, phecode)["controls"]) == (cases, everybody - cases - once)
    assert row(found, MALE_ONLY)["sex"] == "male"


def test_chance_alone_gives_p_values_that_are_uniform(release, people, phecode_map):
    rng = np.random.default_rng(8)
    values = []
    for _ in range(10):
        chance = pa.table({"person_id": people["person_id"], "chance": rng.standard_normal(PEOPLE)})
        values += release.phewas("chance", ["sex"], people=chance, phecode_map=phecode_map).table["p_value"].to_pylist()
    assert len(values) == 10 * CODES
    assert stats.kstest(values, "uniform").pvalue > 0.01


def test_the_same_answer_from_a_table_of_codes_a_cohort_and_cox(release, people, phecode_map, found):
    with release.cursor() as cursor:
        codes = cursor.execute("""SELECT person_id, vocabulary_id, upper(concept_code) AS code, condition_start_date AS date
            FROM condition_occurrence JOIN concept ON concept_id = condition_source_concept_id""").to_arrow_table()
    options = {"people": people, "phecode_map": phecode_map}
    assert release.phewas("exposed", ["age", "sex", "site"], codes=codes, **options).table.equals(found.table)
    ill = {"version": 1, "include": [{"any": [{"type": "person", "gender": [8532]}]}]}
    women = release.phewas("exposed", ["age"], cohort=ill, **options)
    assert women.told["people"] == PEOPLE // 2
    assert MALE_ONLY not in women.table["phecode"].to_pylist()
    by_sex = release.phewas(ill, ["age"], **options)
    as_column = release.phewas("sex", ["age"], **options)
    assert by_sex.table.equals(as_column.table)
    hazard = row(release.phewas("exposed", ["sex"], model="cox", **options), HARMED)
    assert hazard["p_value"] < 1e-8
    assert hazard["hazard_ratio"] == pytest.approx(row(found, HARMED)["odds_ratio"], rel=0.15)


def test_results_are_saved_and_drawn_with_their_numbers(found, tmp_path):
    kept = pq.read_table(found.to_parquet(tmp_path / "scan.parquet"))
    assert kept.num_rows == CODES
    assert b'"phecodes":"X"' in kept.schema.metadata[b"phewas"]
    assert found.to_pandas().shape == (CODES, kept.num_columns)
    for name in ("manhattan", "volcano", "forest"):
        drawing, numbers = getattr(found, name)().save(tmp_path / f"{name}.svg")
        assert "Illness 5" in drawing.read_text()
        assert numbers.read_text().count("\n") == 1 + (20 if name == "forest" else CODES)


def test_a_published_release_keeps_small_numbers_out_of_files(folder, people, phecode_map, tmp_path):
    gated = Release(folder, name="2026Q4R1", tier="registered", gated=True)
    rare = pa.table({"person_id": people["person_id"], "rare": np.arange(PEOPLE) % 12 == 0})
    found = gated.phewas("rare", ["age"], people=rare, phecode_map=phecode_map)
    small = {r["phecode"] for r in found.table.to_pylist() if 0 < min(r["cases"], r["exposed_cases"]) <= 20}
    assert len(small) > 0
    assert {r["phecode"] for r in found.table.to_pylist() if "cases_small" in r["flags"]} == small
    everywhere = gated.phewas("noise", ["age"], people=people, phecode_map=phecode_map)
    shown = pq.read_table(everywhere.to_parquet(tmp_path / "a.parquet")).to_pylist()
    assert {r["cases"] % 20 for r in shown} == {r["controls"] % 20 for r in shown} == {0}
    assert not small & set(pq.read_table(found.to_parquet(tmp_path / "b.parquet"))["phecode"].to_pylist())
    assert small <= set(pq.read_table(found.to_parquet(tmp_path / "c.parquet", every=True))["phecode"].to_pylist())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"phecode_map": None}, "vocabulary import"),
        ({"covariates": ["bmi"]}, r"covariate bmi: there is none of that name; there are age, sex, ehr_years, exposed"),
        ({"covariates": ["same"]}, "covariate same: it is the same for everybody"),
        ({"covariates": ["noise", "noise"]}, "one of them follows from the others"),
        ({"exposure": "site"}, "several categories"),
        ({"exposure": "same"}, "everybody alike in the analysis"),
        ({"min_cases": 2_000}, "none has 2000 cases"),
        ({"model": "probit"}, "logistic and cox"),
        ({"score_above": 0.0}, "score_above"),
        ({"codes": {"person_id": [1], "phecode": ["A_1"]}}, "no column count"),
        ({"codes": {"person_id": [1], "phecode": ["A_1"], "count": [2]}, "model": "cox"}, "need to know when"),
        ({"people": {"person_id": [1, 1], "exposed": [True, False]}}, "more than once"),
        ({"people": {"person_id": [9_999_999], "exposed": [True]}}, "nobody of this release"),
        ({"people": {"who": [1]}}, "no column person_id"),
    ],
)
def test_what_cannot_be_analysed_is_said(release, people, phecode_map, options, message):
    asked = {"exposure": "exposed", "covariates": ["age"], "people": people, "phecode_map": phecode_map} | options
    with pytest.raises(BadInput, match=message):
        release.phewas(**asked)


def test_nobody_exposed_is_said(release, people, phecode_map):
    nobody = pa.table({"person_id": people["person_id"], "drug": np.zeros(PEOPLE)})
    with pytest.raises(BadInput, match="nobody in the analysis has it"):
        release.phewas("drug", people=nobody, phecode_map=phecode_map)
