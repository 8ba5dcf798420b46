"""The examination of a submission: every check of a table in one scan, against one query a check, on the same tables.

Sizes are people; each has 40 measurements, 20 conditions, 20 drugs and 10 visits: `quality_tables` as a site sends tables
of OMOP (Parquet), `quality_events` as FHIR becomes them, so that a table is a view that maps as it is read. Peer: one query for
each check, each field, the duplicates, the people and the years, in the same process after the fused scan (its tables
are then in the file cache, which favours it). Floor: reading every column of every table once. Peak memory is that of a
process which examines and does nothing else, under DuckDB's limit of the vault (`sources.MEMORY`).
"""

import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import orjson

RECEIVED = date(2026, 11, 26)
DAY = "DATE '1990-01-01' + ((i * 7919) % 13000)::INTEGER"
EVENTS = {
    "visit_occurrence": (
        10,
        f"""9200 + i % 4 AS visit_concept_id, {DAY} AS visit_start_date, {DAY} + (i % 3)::INTEGER AS visit_end_date,
        32817 AS visit_type_concept_id, 'AMB' AS visit_source_value""",
    ),
    "condition_occurrence": (
        20,
        f"""CASE WHEN i % 11 = 0 THEN 0 ELSE 320128 + i % 700 END AS condition_concept_id,
        {DAY} AS condition_start_date, {DAY} - (i % 97 = 0)::INTEGER AS condition_end_date, 32817 AS condition_type_concept_id,
        i % 900 AS visit_occurrence_id, 'I' || i % 700 AS condition_source_value, 0 AS condition_source_concept_id""",
    ),
    "drug_exposure": (
        20,
        f"""19000000 + i % 2000 AS drug_concept_id, {DAY} AS drug_exposure_start_date, {DAY} + 30 AS drug_exposure_end_date,
        32817 AS drug_type_concept_id, i % 3 AS refills, 30.0 AS quantity, i % 400 AS days_supply, 0 AS route_concept_id,
        'R' || i % 2000 AS drug_source_value""",
    ),
    "measurement": (
        40,
        f"""CASE i % 5 WHEN 0 THEN 3004249 WHEN 1 THEN 3012888 WHEN 2 THEN 3027018 ELSE 3000000 + i % 300 END AS measurement_concept_id,
        {DAY} AS measurement_date, 32817 AS measurement_type_concept_id, (i % 1500)::DOUBLE AS value_as_number,
        NULL::INTEGER AS value_as_concept_id, CASE WHEN i % 13 = 0 THEN 0 ELSE 8876 END AS unit_concept_id,
        1.0 AS range_low, 9.0 AS range_high, '8480-6' AS measurement_source_value, 'mm[Hg]' AS unit_source_value""",
    ),
}


def main(sizes: list[int]) -> None:
    """Print two lines a size."""
    from homes import folder, tell

    for people in sizes:
        place = folder() / f"quality-{people}"
        place.mkdir()
        rows = _written(place, people)
        for kind in ("tables", "events"):
            child = subprocess.run(
                [sys.executable, __file__, str(place), kind],
                stdout=subprocess.PIPE,
                check=True,
                cwd=Path(__file__).parent,
            )
            found = orjson.loads(child.stdout.splitlines()[-1])
            seconds, floor = found["seconds"], found["floor"]
            peer, queries = _apart(place, kind)
            sys.stderr.write(
                f"quality: {rows:,} rows as {kind}, {rows / seconds:,.0f} rows/s; {queries} queries apart: {peer:.1f} s\n"
            )
            told = {"floor": floor, "peer": "one query a check", "peer_seconds": peer, "peak": found["peak"]}
            tell(f"quality_{kind}", people, seconds, **told)


def _written(place: Path, people: int) -> int:
    """The tables of so many people as Parquet; answers how many rows."""
    rows = people
    with duckdb.connect() as con:
        con.execute(f"""COPY (SELECT i AS person_id, 8507 + 25 * (i % 2) AS gender_concept_id, 1930 + i % 70 AS year_of_birth,
            1 AS month_of_birth, 1 AS day_of_birth, 8527 AS race_concept_id, 0 AS ethnicity_concept_id
            FROM range({people}) r(i)) TO '{place}/person.parquet'""")
        for table, (each, columns) in EVENTS.items():
            rows += each * people
            con.execute(f"""COPY (SELECT i AS {table}_id, (i * 48271) % {people} AS person_id, {columns}
                FROM range({each * people}) r(i)) TO '{place}/{table}.parquet'""")
        con.execute(f"COPY ({_as_events(people)}) TO '{place}/events.parquet'")
    return rows


def _as_events(people: int) -> str:
    """As many rows as the tables have, as events: vital signs, conditions and visits."""
    from commonweal.r4.events import EVENT_SCHEMA

    said = {
        "participant": f"(i * 48271) % {people}", "site": "'site-a'", "resource_id": "'r' || i", "part": "0",
        "resource_type": "CASE i % 9 WHEN 0 THEN 'Encounter' WHEN 1 THEN 'Condition' WHEN 2 THEN 'Condition' ELSE 'Observation' END",
        "category": "CASE i % 9 WHEN 0 THEN 'AMB' ELSE 'vital-signs' END", "status": "'final'",
        "code_system": "CASE WHEN i % 9 IN (1, 2) THEN 'http://snomed.info/sct' ELSE 'http://loinc.org' END",
        "code": "CASE WHEN i % 9 IN (1, 2) THEN '38341003' WHEN i % 2 = 0 THEN '8480-6' ELSE '8867-4' END",
        "start": f"({DAY})::TIMESTAMP", "value_number": "(i % 1500)::DOUBLE", "unit": "'mm[Hg]'",
        "submission": "1", "position": "i",
    }  # fmt: skip
    columns = [f'({said.get(f.name, "NULL")})::{_sql(f.type)} AS "{f.name}"' for f in EVENT_SCHEMA]
    return f"SELECT {', '.join(columns)} FROM range({90 * people}) r(i)"


def _sql(kind: Any) -> str:
    names = {
        "int64": "BIGINT",
        "int32": "INTEGER",
        "int16": "SMALLINT",
        "double": "DOUBLE",
        "timestamp[us]": "TIMESTAMP",
    }
    return names.get(str(kind), "VARCHAR")


def _opened(place: Path, kind: str) -> tuple[duckdb.DuckDBPyConnection, dict[str, str], Any]:
    """A connection with views of the tables, and what they are held to."""
    from commonweal import protocol
    from commonweal.omop import mapping, vocabulary
    from commonweal.vault.records.quality.standards import standards

    con = vocabulary.connect()
    con.execute(f"SET memory_limit = '512MB'; SET temp_directory = '{place}'; SET preserve_insertion_order = false")
    for path in place.glob("*.parquet"):
        con.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM read_parquet('{path}')")
    views = {name: name for name in ("person", *EVENTS)}
    if kind == "events":
        mapped = mapping.map_events(con, "events", prefix="mapped_")
        views = {"person": "person"} | {name: mapped[name] for name in EVENTS}
    return con, views, standards(con, protocol.load(protocol.DEFAULT).quality)


def measure(place: Path, kind: str) -> None:
    """Examine, read everything once, and print how long each took."""
    from homes import peak

    from commonweal.vault.records.quality.examination import examine_tables

    con, views, rules = _opened(place, kind)
    began = time.perf_counter()
    examine_tables(con, views, rules, RECEIVED)
    seconds = time.perf_counter() - began
    most = peak()
    began = time.perf_counter()
    for view in views.values():
        con.execute(f"SELECT bit_xor(hash(t)) FROM {view} AS t").fetchall()
    floor = time.perf_counter() - began
    sys.stdout.buffer.write(orjson.dumps({"seconds": seconds, "floor": floor, "peak": most}) + b"\n")


def _apart(place: Path, kind: str) -> tuple[float, int]:
    """Seconds that one query after the other takes, and how many they are."""
    from commonweal.vault.records.quality import context

    con, views, rules = _opened(place, kind)
    context.lay_out(con, views, rules)
    queries = [sql for name, view in views.items() for sql in _queries(con, name, view, rules)]
    began = time.perf_counter()
    for sql in queries:
        con.execute(sql).fetchall()
    return time.perf_counter() - began, len(queries)


def _queries(con: duckdb.DuckDBPyConnection, name: str, view: str, rules: Any) -> list[str]:
    """One query for each figure of a table, joined with what it needs alone."""
    from commonweal.vault.records.quality.checks import asked
    from commonweal.vault.records.quality.scan import _gap
    from commonweal.vault.records.quality.tables import given

    table = given(con, name, view)
    concept, unit = (f"t.{table.roles[role]}" if role in table.roles else "NULL" for role in ("concept", "unit"))
    joins = {
        "p.": "LEFT JOIN q_person p ON p.person_id = t.person_id",
        "s.": f"LEFT JOIN q_sex s ON s.concept_id = {concept}",
        "v.": f"LEFT JOIN q_value v ON v.concept_id = {concept} AND v.unit_concept_id = coalesce({unit}, 0)",
    }
    found = [
        f"SELECT count(*) FROM {view} t {' '.join(join for mark, join in joins.items() if mark in check.sql)} WHERE {check.sql}"
        for check in asked(table, RECEIVED, rules.limits_of(name), rules.bounds.get(name, {}))
        if check.id != "other_sex"  # nothing is known of it here
    ]
    found += [f"SELECT count(*) FROM {view} t WHERE {_gap(table, column)}" for column in table.fields]
    content = ", ".join(f"t.{c}" for c in table.columns if c == "person_id" or c != table.roles["key"])
    found.append(f"SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM {view} t GROUP BY {content}) WHERE n > 1")
    found.append(f"SELECT count(DISTINCT person_id) FROM {view}")
    if "start" in table.roles:
        found.append(f"SELECT year({table.roles['start']}), count(*) FROM {view} GROUP BY ALL")
    if unit != "NULL":
        found.append(f"SELECT {concept}, {unit}, count(value_as_number) FROM {view} t GROUP BY ALL")
    if name in rules.names:
        found += [
            f"SELECT count(*), count(DISTINCT person_id) FROM {view} t JOIN q_class c ON c.concept_id = {concept}"
            f" WHERE c.classes & {1 << bit} <> 0"
            for bit, one in enumerate(rules.names[name])
            if one not in rules.absent
        ]
    return found


if __name__ == "__main__":
    measure(Path(sys.argv[1]), sys.argv[2])
