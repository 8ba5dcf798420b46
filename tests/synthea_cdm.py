"""Records of Synthea's CSV files as OMOP tables: what a hospital's own mapping would make of them."""

from pathlib import Path

import duckdb

PARTS = ("patients", "conditions", "medications", "observations", "procedures", "encounters")

TABLES = {
    "person": """SELECT n AS person_id, CASE gender WHEN 'F' THEN 8532 WHEN 'M' THEN 8507 ELSE 0 END AS gender_concept_id,
        year(born) AS year_of_birth, month(born) AS month_of_birth, day(born) AS day_of_birth,
        CASE race WHEN 'white' THEN 8527 WHEN 'black' THEN 8516 WHEN 'asian' THEN 8515 ELSE 0 END AS race_concept_id,
        CASE ethnicity WHEN 'hispanic' THEN 38003563 ELSE 38003564 END AS ethnicity_concept_id
      FROM (SELECT *, birthdate::DATE AS born FROM people)""",
    "death": "SELECT n AS person_id, deathdate::DATE AS death_date FROM people WHERE deathdate IS NOT NULL",
    "observation_period": """SELECT row_number() OVER (ORDER BY n) AS observation_period_id, n AS person_id,
        min(start::DATE) AS observation_period_start_date, max(coalesce(stop, start)::DATE) AS observation_period_end_date,
        32817 AS period_type_concept_id FROM encounters JOIN people ON patient = people.id GROUP BY n""",
    "visit_occurrence": """SELECT visits.n AS visit_occurrence_id, people.n AS person_id, 9202 AS visit_concept_id,
        start::DATE AS visit_start_date, stop::DATE AS visit_end_date FROM visits JOIN people ON patient = people.id""",
    "condition_occurrence": "{rows} condition_occurrence_id, people.n AS person_id, coalesce(m.standard, 0) AS condition_concept_id,"
    " p.start::DATE AS condition_start_date, p.stop::DATE AS condition_end_date, visits.n AS visit_occurrence_id,"
    " p.code AS condition_source_value {conditions}",
    "drug_exposure": "{rows} drug_exposure_id, people.n AS person_id, coalesce(m.standard, 0) AS drug_concept_id,"
    " p.start::DATE AS drug_exposure_start_date, p.stop::DATE AS drug_exposure_end_date, visits.n AS visit_occurrence_id,"
    " p.code AS drug_source_value {medications}",
    "procedure_occurrence": "{rows} procedure_occurrence_id, people.n AS person_id, coalesce(m.standard, 0) AS procedure_concept_id,"
    " p.start::DATE AS procedure_date, visits.n AS visit_occurrence_id, p.code AS procedure_source_value {procedures}",
    "measurement": "{rows} measurement_id, people.n AS person_id, coalesce(m.standard, 0) AS measurement_concept_id,"
    " p.date::DATE AS measurement_date, TRY_CAST(p.value AS DOUBLE) AS value_as_number, visits.n AS visit_occurrence_id,"
    " p.code AS measurement_source_value {observations}",
    "concept": "SELECT concept_id::BIGINT AS concept_id, * EXCLUDE (concept_id) FROM concept",
    "concept_ancestor": """WITH RECURSIVE below AS (
        SELECT concept_id::BIGINT AS above, concept_id::BIGINT AS id FROM concept
        UNION SELECT above, concept_id_2::BIGINT FROM below JOIN relations ON concept_id_1::BIGINT = id
          WHERE relationship_id = 'Subsumes')
      SELECT above AS ancestor_concept_id, id AS descendant_concept_id, 0 AS min_levels_of_separation,
        0 AS max_levels_of_separation FROM below""",
}  # fmt: skip
_SOURCES = {"conditions": "SNOMED", "medications": "RxNorm", "procedures": "SNOMED", "observations": "LOINC"}


def make(source: Path, vocabulary: Path, folder: Path) -> Path:
    """CSV files of the CDM, in `folder`, of the Synthea files in `source`; codes by the concepts in `vocabulary`."""
    with duckdb.connect() as con:
        con.execute("SET threads = 1")
        for part in PARTS:
            con.execute(f"CREATE VIEW {part} AS {text_of(source / f'{part}.csv.gz')}")
        for name, file in (("concept", "concept"), ("relations", "concept_relationship")):
            con.execute(f"CREATE TABLE {name} AS {text_of(vocabulary / f'{file}.csv.gz')}")
        con.execute("CREATE TABLE people AS SELECT row_number() OVER (ORDER BY id) AS n, * FROM patients")
        con.execute("CREATE TABLE visits AS SELECT row_number() OVER (ORDER BY id) AS n, * FROM encounters")
        con.execute(
            """CREATE TABLE mapping AS SELECT vocabulary_id, concept_code, min(concept_id_2::BIGINT) AS standard
               FROM concept JOIN relations ON concept_id_1 = concept_id AND relationship_id = 'Maps to' GROUP BY ALL"""
        )
        joined = {
            part: f"""FROM {part} p JOIN people ON p.patient = people.id LEFT JOIN visits ON p.encounter = visits.id
              LEFT JOIN mapping m ON m.vocabulary_id = '{kind}' AND m.concept_code = p.code"""
            for part, kind in _SOURCES.items()
        }
        for name, sql in TABLES.items():
            made = sql.format(rows="SELECT row_number() OVER () AS", **joined)
            con.execute(f"COPY ({made}) TO '{folder / name}.csv' (HEADER)")
    return folder


def text_of(path: Path) -> str:
    """A query of a CSV file, all columns as text."""
    return f"SELECT * FROM read_csv('{path}', all_varchar = true)"
