"""Raw tables of simulated people for the benchmark `curation`: some 210 rows a person, drawn from hashes, written as the extract does.

Shares of the tables are about those of a large research program: two thirds health records, a quarter survey answers, the rest
wearables. Concepts are those of the shipped vocabulary, the commoner the smaller their place in it.
"""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from commonweal.curation import crosswalk, duck, parts, referring
from commonweal.curation.extract import Moment
from commonweal.curation.extract.people import load_people
from commonweal.curation.extract.run import PROVENANCE, TIE, write_numbered
from commonweal.curation.extract.terms import load_terms
from commonweal.home import Home
from commonweal.omop import tables as cdm

CUTOFF = date(2026, 5, 31)
EHR, SURVEY = 32817, 32862
_TYPES = {"integer": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP"}


def _clinical(
    word: str, days: str, key: str, *, ends: bool = True, each: float, more: dict[str, str] | None = None
) -> Any:
    start = f"{days}_start" if ends else days
    ending = {f"{days}_end_date": "day + (draw(k, 'long') ** 6 * 30)::INTEGER"} if ends else {}
    return each, {
        f"{word}_concept_id": f"pick('{word}', k)", f"{start}_date": "day", f"{start}_datetime": "day + to_seconds((draw(k, 's') * 86400)::BIGINT)",
        f"{word}_type_concept_id": f"{EHR}", "visit_occurrence_id": "CASE WHEN draw(k, 'v') < 0.9 THEN p * 100 + k % 12 END",
        f"{word}_source_concept_id": f"pick('{word}', k)", f"{word}_source_value": f"code('{word}', k)", "_source": "'site-' || p % 40",
    } | ending | (more or {})  # fmt: skip


TABLES: dict[str, Any] = {
    "person": (1, {
        "gender_concept_id": "8507 + 25 * (p % 2)", "year_of_birth": "year(born)", "month_of_birth": "month(born)", "day_of_birth": "day(born)",
        "birth_datetime": "born::TIMESTAMP", "race_concept_id": "[8527, 8516, 8515, 0][1 + p % 4]", "ethnicity_concept_id": "38003564",
        "race_source_value": "['WhatRaceEthnicity_White', 'WhatRaceEthnicity_Black', 'WhatRaceEthnicity_Asian', NULL][1 + p % 4]",
        "race_source_concept_id": "[1586146, 1586143, 1586142, 0][1 + p % 4]", "gender_source_concept_id": "1585839 + p % 2",
        "gender_source_value": "['GenderIdentity_Man', 'GenderIdentity_Woman'][1 + p % 2]", "ethnicity_source_concept_id": "0", "_source": "'PPI'"}),
    "person_ext": (1, {
        "src_id": "'PPI'", "state_of_residence_concept_id": "0", "state_of_residence_source_value": "'PIIState_' || ['WI', 'MI', 'IL', 'CA', 'NY', 'TX'][1 + p % 6]",
        "sex_at_birth_concept_id": "8507 + 25 * (p % 2)", "sex_at_birth_source_concept_id": "1585846 + p % 2",
        "sex_at_birth_source_value": "['SexAtBirth_Male', 'SexAtBirth_Female'][1 + p % 2]", "_source": "'PPI'"}),
    "visit_occurrence": (12, {
        "visit_occurrence_id": "p * 100 + i", "visit_concept_id": "[9201, 9202, 9203][1 + k % 3]", "visit_start_date": "day", "visit_start_datetime": "day::TIMESTAMP",
        "visit_end_date": "day + (draw(k, 'long') ** 6 * 30)::INTEGER", "visit_end_datetime": "day::TIMESTAMP", "visit_type_concept_id": f"{EHR}", "_source": "'site-' || p % 40"}),
    "visit_detail": (1, {
        "visit_detail_id": "k", "visit_detail_concept_id": "9202", "visit_detail_start_date": "day", "visit_detail_end_date": "day",
        "visit_detail_type_concept_id": f"{EHR}", "visit_occurrence_id": "p * 100 + k % 12", "_source": "'site-' || p % 40"}),
    "survey_conduct": (3, {
        "survey_conduct_id": "k", "survey_concept_id": "1586134", "survey_end_date": "day", "survey_end_datetime": "day::TIMESTAMP",
        "survey_source_value": "['TheBasics', 'OverallHealth', 'Lifestyle'][1 + i]", "survey_source_concept_id": "1586134", "_source": "'PPI'", "_language": "'en'",
        **{f"{word}_concept_id": "0" for word in ("assisted", "respondent_type", "timing", "collection_method", "validated_survey")}}),
    "condition_occurrence": _clinical("condition", "condition", "condition_occurrence_id", each=25),
    "drug_exposure": _clinical("drug", "drug_exposure", "drug_exposure_id", each=22, more={"drug_exposure_end_date": "day + 30", "days_supply": "30", "quantity": "30.0", "refills": "k % 4"}),
    "procedure_occurrence": _clinical("procedure", "procedure", "procedure_occurrence_id", ends=False, each=14),
    "device_exposure": _clinical("device", "device_exposure", "device_exposure_id", each=1),
    "measurement": _clinical("measurement", "measurement", "measurement_id", ends=False, each=72, more={
        "value_as_number": "round(draw(k, 'value') * 200, 1)", "unit_concept_id": "[8840, 8753, 8876, 9529][1 + k % 4]",
        "unit_source_value": "['mg/dL', 'mmol/L', 'mm[Hg]', 'kg'][1 + k % 4]", "range_low": "CASE WHEN draw(k, 'r') < 0.4 THEN 70 END", "range_high": "CASE WHEN draw(k, 'r') < 0.4 THEN 110 END"}),
    "observation": (51, {
        "observation_id": "-k - 1", "observation_concept_id": "pick('question', k)", "observation_date": "day", "observation_datetime": "day::TIMESTAMP",
        "observation_type_concept_id": f"CASE WHEN i < 41 THEN {SURVEY} ELSE {EHR} END", "value_as_concept_id": "CASE WHEN i < 41 THEN pick('answer', k) END",
        "value_as_number": "CASE WHEN i >= 41 THEN k % 10 END", "observation_source_concept_id": "pick('question', k)", "observation_source_value": "code('question', k)",
        "value_source_value": "CASE WHEN i < 41 THEN code('answer', k) END", "observation_event_id": "CASE WHEN i < 41 THEN p * 1000 + i % 3 END",
        "_source": "CASE WHEN i < 41 THEN 'PPI' ELSE 'site-' || p % 40 END", "_version": "0"}),
    "specimen": (1, {"specimen_concept_id": "pick('specimen', k)", "specimen_date": "day", "specimen_type_concept_id": f"{EHR}", "_source": "'site-' || p % 40"}),
    "death": (0.02, {"death_date": f"DATE '{CUTOFF}' - (p % 900)::INTEGER", "death_type_concept_id": f"{EHR}", "_source": "'site-' || p % 40"}),
    "activity_summary": (6, {"date": "day", "steps": "k % 20000", "calories_bmr": "1500.0", "sedentary_minutes": "k % 900", "src_id": "'wearables:fitbit'", "_source": "'wearables:fitbit'"}),
    "heart_rate_summary": (0.01, {"date": "day", "zone_name": "'Cardio'", "src_id": "'wearables:fitbit'", "_source": "'wearables:fitbit'"}),
    "heart_rate_minute_level": (0.01, {"datetime": "day::TIMESTAMP", "heart_rate_value": "60", "src_id": "'wearables:fitbit'", "_source": "'wearables:fitbit'"}),
    "steps_intraday": (0.01, {"datetime": "day::TIMESTAMP", "steps": "6", "src_id": "'wearables:fitbit'", "_source": "'wearables:fitbit'"}),
    "sleep_daily_summary": (3, {"sleep_date": "day", "is_main_sleep": "'true'", "minute_asleep": "400 + k % 60", "src_id": "'wearables:fitbit'", "_source": "'wearables:fitbit'"}),
    "sleep_level": (0.01, {"sleep_date": "day", "level": "'deep'", "start_datetime": "day::TIMESTAMP", "src_id": "'wearables:fitbit'", "_source": "'wearables:fitbit'"}),
    "device": (0.01, {"device_id": "'d' || k", "device_date": "day", "device_version": "'Charge 4'", "src_id": "'wearables:fitbit'", "_source": "'wearables:fitbit'"}),
}  # fmt: skip
"""Table -> rows a person, and SQL of its columns; `p` is the person, `i` the number of the row among theirs, `k` both, `day` a day."""

_TERMS = {
    "condition": "domain_id = 'Condition'", "drug": "domain_id = 'Drug'", "procedure": "domain_id = 'Procedure'", "measurement": "domain_id = 'Measurement'",
    "device": "domain_id = 'Device'", "specimen": "domain_id = 'Specimen'", "question": "vocabulary_id = 'PPI' AND concept_class_id = 'Question'",
    "answer": "vocabulary_id = 'PPI' AND concept_class_id = 'Answer'",
}  # fmt: skip


def draw(home: Home, moment: Moment, folder: Path, seed: int = 1) -> dict[str, Any]:
    """Write a raw extract of everybody in the vault of this process; answers rows by table, parts, figures."""
    con = duck.connect(folder.parent / "work")
    load_terms(con, home)
    figures = {"people": load_people(con, moment), "wearable_sources": ["fitbit"]}
    con.execute(
        "UPDATE people SET birth_date = DATE '1930-01-01' + (hash(person_id) % 28000)::INTEGER, consented_on = DATE '2019-01-01'"
    )
    given = crosswalk.ensure(
        home, con.execute("SELECT person_id FROM people").to_arrow_table()["person_id"].combine_chunks()
    )
    number = parts.how_many(len(given))
    parts.deal(con, given, number)
    parts.prepare(con, number)
    con.execute("SET preserve_insertion_order = false")
    _macros(con)
    queries = {table: _joined(con, _query(table, each, columns)) for table, (each, columns) in TABLES.items()}
    for table, query in referring.placed(con, queries).items():
        if table in cdm.WEARABLES:
            parts.write(con, query, folder / table)
        else:
            write_numbered(con, cdm.tables()[table], query, folder / table)
    for table in ("people", "gate"):
        con.execute(f"COPY (FROM {table}) TO '{folder}/{table}.parquet' (FORMAT parquet)")
    con.close()
    rows = {
        t: sum(duckdb.sql(f"SELECT count(*) FROM '{f}'").fetchall()[0][0] for f in parts.files(folder / t))
        for t in TABLES
    }
    return {"rows": rows, "parts": number, "figures": figures}


def _macros(con: duckdb.DuckDBPyConnection) -> None:
    """draw(n, what): from 0 to 1; and of each kind of `_TERMS` a table of its concepts, the commoner the smaller their place."""
    con.execute("CREATE MACRO draw(n, what) AS (hash(n, what) % 1000000)::DOUBLE / 1000000")
    for kind, condition in _TERMS.items():
        found = f"SELECT concept_id, concept_code FROM concept WHERE {condition} ORDER BY 1 LIMIT 2000"
        con.execute(f"CREATE TEMP TABLE {kind}_terms AS SELECT row_number() OVER () - 1 AS place, * FROM ({found})")


def _joined(con: duckdb.DuckDBPyConnection, sql: str) -> str:
    """`pick('KIND', k)`, a concept, and `code('KIND', k)`, its code, as columns of joined tables."""
    for kind in _TERMS:
        if f"('{kind}', k)" in sql:
            many = con.execute(f"SELECT count(*) FROM {kind}_terms").fetchall()[0][0]
            sql = sql.replace(f"pick('{kind}', k)", f"coalesce({kind}_terms.concept_id, 0)").replace(
                f"code('{kind}', k)", f"{kind}_terms.concept_code"
            )
            sql += f" LEFT JOIN {kind}_terms ON {kind}_terms.place = (draw(k, 'c') ** 3 * {many})::BIGINT % greatest({many}, 1)"
    return sql


def _query(table: str, each: float, columns: dict[str, str]) -> str:
    spec = cdm.tables()[table]
    told = []
    for column in spec.columns:
        value = columns.get(column.name, "k" if column.privacy == "row_id" and column is spec.columns[0] else "NULL")
        told.append(f"({'p' if column.name == 'person_id' else value})::{_TYPES[column.type]} AS {column.name}")
    told += [f"({columns.get(name, 'NULL')})::{kind} AS {name}" for name, kind in PROVENANCE.items()]
    if spec.columns[0].privacy == "row_id":
        told.append(f"(hash({columns.get(spec.columns[0].name, 'k')}) >> 1)::BIGINT AS {TIE}")
    elif "_source" in columns and columns["_source"].startswith("'wear"):
        told.append("1::BIGINT AS submission")
    if each < 1:
        rows = (
            f"SELECT person_id AS p, 0 AS i, birth_date AS born FROM people WHERE draw(person_id, '{table}') < {each}"
        )
    else:
        rows = f"SELECT person_id AS p, unnest(range({each})) AS i, birth_date AS born FROM people"
    drawn = f"SELECT *, p * 1000 + i AS k, DATE '2008-01-01' + (draw(p * 1000 + i, 'day') ** 0.5 * 6790)::INTEGER AS day FROM ({rows})"
    return f"SELECT {', '.join(told)} FROM ({drawn})"
