"""Any folder of OMOP tables: real CDM 5.3 data, files in folders, CSV, any letter case; counts equal plain SQL."""

import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from commonweal import commons
from commonweal.errors import BadInput

GASTRO, CELECOXIB, ACETAMINOPHEN = 192671, 1118084, 1125315


@pytest.fixture(scope="module")
def gibleed(shared_data) -> Path:
    folder = shared_data / "omop" / "GiBleed_5.3_parquet"
    if not folder.is_dir():
        pytest.skip("the GiBleed tables are not there")
    return folder


def sql(folder, query):
    with duckdb.connect() as con:
        return con.execute(query.format(**{p.stem: f"'{p}'" for p in folder.glob("*.parquet")})).fetchall()[0][0]


def include(*criteria):
    return {"version": 1, "include": [{"any": [c]} for c in criteria]}


def test_counts_of_gibleed_equal_sql(gibleed):
    release = commons.open(gibleed)
    below = "SELECT descendant_concept_id FROM {concept_ancestor} WHERE ancestor_concept_id = "
    bled = release.cohort(include({"type": "condition", "concepts": [GASTRO]})).count()
    assert (bled.persons, bled.exact) == (
        sql(
            gibleed,
            f"SELECT count(DISTINCT person_id) FROM {{condition_occurrence}} WHERE condition_concept_id IN ({below}{GASTRO})",
        ),
        True,
    )
    twice = release.cohort(include({"type": "drug", "concepts": [ACETAMINOPHEN], "at_least": 2})).count().persons
    assert twice > 0
    assert twice == sql(
        gibleed,
        "SELECT count(*) FROM (SELECT person_id FROM {drug_exposure} WHERE drug_concept_id IN"
        f" ({below}{ACETAMINOPHEN}) GROUP BY 1 HAVING count(DISTINCT drug_exposure_start_date) >= 2)",
    )
    after = release.cohort(
        include(
            {
                "type": "condition",
                "concepts": [GASTRO],
                "age": {"min": 40},
                "within": {"of": {"type": "drug", "concepts": [CELECOXIB], "pick": "first"}, "days": [1, 365]},
            }
        )
    )
    assert after.count().persons == sql(
        gibleed,
        f"""WITH first AS (SELECT person_id, min(drug_exposure_start_date) AS day FROM {{drug_exposure}}
              WHERE drug_concept_id IN ({below}{CELECOXIB}) GROUP BY 1)
            SELECT count(DISTINCT c.person_id) FROM {{condition_occurrence}} c JOIN first USING (person_id)
            JOIN {{person}} p USING (person_id) WHERE condition_concept_id IN ({below}{GASTRO})
            AND condition_start_date - day BETWEEN 1 AND 365 AND datesub('year', make_date(p.year_of_birth,
              p.month_of_birth, p.day_of_birth), condition_start_date) >= 40""",
    )


def test_csv_in_capitals_and_parquet_in_folders_say_the_same(gibleed, tmp_path):
    (tmp_path / "PERSON.CSV").write_text("PERSON_ID,GENDER_CONCEPT_ID,YEAR_OF_BIRTH,MONTH_OF_BIRTH,DAY_OF_BIRTH\n")
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT COLUMNS(c -> true) FROM '{gibleed / 'person.parquet'}') TO '{tmp_path / 'PERSON.CSV'}'"
        )
        for part in (0, 1):
            (tmp_path / "Condition_Occurrence").mkdir(exist_ok=True)
            con.execute(
                f"COPY (FROM '{gibleed / 'condition_occurrence.parquet'}' WHERE person_id % 2 = {part})"
                f" TO '{tmp_path / 'Condition_Occurrence' / f'part-{part}.parquet'}'"
            )
        con.execute(f"COPY (FROM '{gibleed / 'concept_ancestor.parquet'}') TO '{tmp_path / 'concept_ancestor.csv.gz'}'")
    text = (tmp_path / "PERSON.CSV").read_text()
    head, rest = text.split("\n", 1)
    (tmp_path / "PERSON.CSV").write_text(f"{head.upper()}\n{rest}")
    definition = include(
        {"type": "condition", "concepts": [GASTRO], "age": {"min": 40}}, {"type": "person", "gender": [8532]}
    )
    assert (
        commons.open(tmp_path).cohort(definition).count().persons
        == commons.open(gibleed).cohort(definition).count().persons
    )


@pytest.mark.parametrize("text", ["²", "9" * 40, "-", "%"])
def test_whatever_is_typed_is_looked_for(gibleed, text):
    assert all(
        text in c["concept_name"] or text in c["concept_code"] for c in commons.open(gibleed).vocabulary.search(text)
    )


def test_a_folder_without_people_is_refused(tmp_path):
    (tmp_path / "concept.csv").write_text("concept_id\n1\n")
    with pytest.raises(BadInput, match="no person table"):
        commons.open(tmp_path)
    with pytest.raises(BadInput, match="no such folder"):
        commons.open(tmp_path / "nowhere")


def test_a_file_that_is_not_whole_is_named_by_its_table(gibleed, tmp_path):
    (tmp_path / "person.parquet").write_bytes((gibleed / "person.parquet").read_bytes()[:5000])
    with pytest.raises(BadInput, match="table person cannot be read"):
        commons.open(tmp_path)


def test_a_table_that_is_not_there_is_said(tmp_path):
    with open(tmp_path / "person.csv", "w", newline="") as file:
        csv.writer(file).writerows([["person_id", "year_of_birth", "gender_concept_id"], [1, 1980, 8507]])
    release = commons.open(tmp_path)
    assert release.cohort({"version": 1}).count().persons == 1
    with pytest.raises(BadInput, match="condition_occurrence"):
        release.cohort(include({"type": "condition", "concepts": [1]})).count()


def test_many_threads_ask_one_release(gibleed):
    release = commons.open(gibleed)
    questions = [include({"type": "drug", "concepts": [ACETAMINOPHEN], "at_least": n}) for n in (1, 2, 3)] * 4
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda q: release.cohort(q).count().persons, questions))
    assert answers == [release.cohort(q).count().persons for q in questions]
    assert len(set(answers)) == 3
