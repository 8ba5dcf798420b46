"""A folder of CDM tables to count cohorts on: people with Zipf-distributed concepts that stand in a tree, sorted by person.

Everything is a hash of person, row and purpose, so the same size gives the same tables on any machine.
"""

from pathlib import Path

import duckdb

PER_PERSON = {  # rows a person; conditions are 100 for each
    "condition_occurrence": 100,
    "drug_exposure": 50,
    "measurement": 60,
    "procedure_occurrence": 25,
    "observation": 25,
    "visit_occurrence": 25,
}
CONCEPTS = {"condition": 20_000, "drug": 8_000, "measurement": 4_000, "procedure": 8_000, "observation": 4_000}
BASE = {"condition": 1_000_000, "drug": 2_000_000, "measurement": 3_000_000, "procedure": 4_000_000}
BASE |= {"observation": 5_000_000}
BRANCHES = 7  # concept r lies below concept r // 7 of its kind
VISITS = (9201, 9202, 9203, 581477)
PEOPLE_AT_ONCE = 50_000


def make(folder: Path, people: int) -> Path:
    """Writes the tables once; returns their folder."""
    done = folder / f"cdm-{people}"
    if done.is_dir():
        return done
    work = folder / f".cdm-{people}"
    con = duckdb.connect()
    con.execute(f"SET temp_directory = '{folder}/spill'; SET enable_progress_bar = false")
    con.execute("CREATE MACRO u(a, b, c) AS (hash(a, b, c) >> 11)::DOUBLE / 9007199254740992")
    con.execute("CREATE MACRO zipf(x, n) AS least(n - 1, floor(exp(x * ln(n)))::BIGINT)")
    _vocabulary(con, work)
    for number, first in enumerate(range(0, people, PEOPLE_AT_ONCE)):
        last = min(first + PEOPLE_AT_ONCE, people)
        con.execute(f"CREATE OR REPLACE TEMP TABLE p AS {_people(first, last)}")
        _save(con, work, "person", number, "SELECT * FROM p ORDER BY person_id")
        dead = "SELECT person_id, DATE '2024-06-30' AS death_date FROM p WHERE u(person_id, 0, 'dead') < 0.04"
        _save(con, work, "death", number, f"{dead} ORDER BY person_id")
        for table, mean in PER_PERSON.items():
            _save(con, work, table, number, _rows(table, mean))
    con.close()
    work.rename(done)
    return done


def _people(first: int, last: int) -> str:
    return f"""
    SELECT 1000000 + i * 7 AS person_id, year(b) AS year_of_birth, month(b) AS month_of_birth, day(b) AS day_of_birth,
           CASE WHEN u(i, 0, 's') < 0.6 THEN 8532 ELSE 8507 END AS gender_concept_id,
           [8527, 8516, 8515, 8657, 0][1 + zipf(u(i, 0, 'r'), 6)::INT % 5] AS race_concept_id,
           CASE WHEN u(i, 0, 'e') < 0.2 THEN 38003563 ELSE 38003564 END AS ethnicity_concept_id
    FROM (SELECT i, DATE '1935-01-01' + (u(i, 0, 'b') * 25567)::INT AS b FROM range({first}, {last}) r(i))"""


def _rows(table: str, mean: int) -> str:
    """Rows of the people in `p`: between none and many each, days from 2012 to 2025."""
    kind = table.split("_")[0]
    concept = (
        f"{list(VISITS)}[1 + zipf(u(person_id, k, 'c'), 5)::INT % 4]"
        if kind == "visit"
        else f"{BASE[kind]} + zipf(u(person_id, k, '{kind}'), {CONCEPTS[kind]})"
    )
    start = {"condition": "condition_start_date", "drug": "drug_exposure_start_date", "visit": "visit_start_date"}
    day = start.get(kind, f"{kind}_date")
    more = ""
    if kind in ("condition", "drug", "visit"):
        more = f", {day} + (u(person_id, k, 'l') * 20)::INT AS {day.replace('start', 'end')}"
    if kind in ("measurement", "observation"):
        more = ", round(u(person_id, k, 'v') * 200, 1) AS value_as_number, 8840 + k % 3 AS unit_concept_id"
        more += ", NULL::BIGINT AS value_as_concept_id"
    visit = (
        "NULL::BIGINT"
        if kind == "visit"
        else f"(person_id - 1000000) // 7 * 1000 + k % {PER_PERSON['visit_occurrence']}"
    )
    visit = "" if kind == "visit" else f", CASE WHEN u(person_id, k, 'w') < 0.8 THEN {visit} END AS visit_occurrence_id"
    return f"""
    SELECT person_id, (person_id - 1000000) // 7 * 1000 + k AS {table}_id, {concept} AS {kind}_concept_id,
           DATE '2012-01-01' + (u(person_id, k, 'd{kind}') * 5000)::INT AS {day} {more} {visit}
    FROM (SELECT person_id, unnest(range(least(999, (-ln(1 - u(person_id, 0, 'n{kind}')) * {mean})::INT))) AS k FROM p)
    ORDER BY person_id, {day}, {table}_id"""


def _vocabulary(con: duckdb.DuckDBPyConnection, work: Path) -> None:
    """concept and concept_ancestor: a tree for each kind, and each concept its own ancestor."""
    parts = [f"SELECT {BASE[k]} AS base, r FROM range(1, {n}) t(r)" for k, n in CONCEPTS.items()]
    con.execute(f"CREATE TEMP TABLE node AS {' UNION ALL '.join(parts)}")
    climb = f"""
    WITH RECURSIVE up(base, r, a, depth) AS (
        SELECT base, r, r, 0 FROM node UNION ALL SELECT base, r, a // {BRANCHES}, depth + 1 FROM up WHERE a >= {BRANCHES})
    SELECT base + a AS ancestor_concept_id, base + r AS descendant_concept_id, depth AS min_levels_of_separation,
           depth AS max_levels_of_separation FROM up ORDER BY ALL"""
    _save(con, work, "concept_ancestor", 0, climb)
    names = "SELECT base + r AS concept_id, 'Concept ' || (base + r) AS concept_name, 'S' AS standard_concept FROM node"
    _save(con, work, "concept", 0, names)


def _save(con: duckdb.DuckDBPyConnection, work: Path, table: str, number: int, sql: str) -> None:
    (work / table).mkdir(parents=True, exist_ok=True)
    con.execute(f"COPY ({sql}) TO '{work}/{table}/{number:03}.parquet' (FORMAT parquet, COMPRESSION zstd)")
