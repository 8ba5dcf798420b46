"""Health records in OMOP form: a site's folder of CSV tables, taken in through `records import`.

Sizes are persons; each has 24 conditions, 25 drugs, 16 measurements, 14 procedures and 3 visits, as many as the GiBleed set
of OHDSI has (its 2,694 persons are ×1). Everybody is a participant who shares records, and is recognised by name, birth date
and record number; names are as common as in the town of `misspelt`. Floor: DuckDB alone copies the same CSV files to Parquet (zstd), with as many threads and as much memory,
with no check, no gate and no sorting, in the same run.
"""

import resource
import shutil
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa

AT = datetime(2026, 1, 1, tzinfo=UTC)
SITE = "site-a"
EACH = {
    "visit_occurrence": 3,
    "condition_occurrence": 24,
    "drug_exposure": 25,
    "procedure_occurrence": 14,
    "measurement": 16,
}


def main(sizes: list[int]) -> None:
    """Print the line of each size, each in a home of its own; what is drawn and what is measured are two processes."""
    from homes import apart, command, folder, tell

    for size in sizes:
        home = folder() / f"records-omop-{size}"
        command(home, "init")
        apart(__file__, home, "draw", size)
        line = apart(__file__, home, "measure", size)
        tell("records_omop", size, line.pop("seconds"), **line)
        shutil.rmtree(home)


def draw(people: int) -> dict[str, Any]:
    """The submission in the home, and everybody in it enrolled."""
    from django.conf import settings

    source = settings.COMMONWEAL_HOME.root / "submission"
    names = _names(people)
    _draw(source, names)
    _enrol(names)
    size = sum(path.stat().st_size for path in source.iterdir()) >> 20
    _said(f"{people:,} persons, {size:,} MB of CSV")
    return {"size": size}


def measure(people: int) -> dict[str, Any]:
    """Import what was drawn, twice; returns seconds, those of the floor, and the peak of this process in MB."""
    from django.conf import settings
    from homes import peak

    home = settings.COMMONWEAL_HOME
    source = home.root / "submission"
    busy = _cpu()
    answer, seconds = _import(home, source)
    busy, most = _cpu() - busy, peak()
    least = _cpu()
    floor = _floor(source, home.root / "floor")
    least = _cpu() - least
    rows = answer["accepted"]
    _said(
        f"{rows:,} rows in {seconds:.1f} s ({busy:.1f} s of processor): {rows / seconds:,.0f} rows/s, {rows / busy:,.0f} a second of"
        f" processor, peak {most} MB; floor {floor:.1f} s ({least:.1f} s of processor)"
    )
    again, twice = _import(home, source)
    if again["accepted"] or rows != people * (1 + sum(EACH.values())):
        raise SystemExit(f"bench: {rows} rows taken, {again['accepted']} the second time")
    _said(f"again in {twice:.1f} s")
    return {"seconds": seconds, "floor": floor, "peak": most}


def _import(home: Any, source: Path) -> tuple[dict[str, Any], float]:
    from commonweal.cli.console import Console
    from commonweal.vault.records.actions import import_files

    began = time.perf_counter()
    answer = import_files([source], site=SITE, home=home, console=Console(json=True))
    return answer, time.perf_counter() - began


def _floor(source: Path, target: Path) -> float:
    """Seconds to copy the tables of health records to Parquet with DuckDB alone."""
    target.mkdir()
    began = time.perf_counter()
    with duckdb.connect() as con:
        con.execute("SET memory_limit = '300MB'; SET threads = 2")
        for table in ("person", *EACH):
            con.execute(
                f"COPY (FROM read_csv('{source / table}.csv')) TO '{target / table}.parquet' (FORMAT parquet, COMPRESSION zstd)"
            )
    seconds = time.perf_counter() - began
    shutil.rmtree(target)
    return seconds


_DAY = "(DATE '2000-01-01' + (hash(n, 'day') % 9000)::INT)"
_VISIT = "(n % {people})::UBIGINT * 3 + hash(n, 'visit') % 3 + 1"
_TABLES = {
    "person": "n AS person_id, 8532 AS gender_concept_id, 1930 + n % 71 AS year_of_birth, 1 + n % 12 AS month_of_birth,"
    " 1 + n % 28 AS day_of_birth, 0 AS race_concept_id, 0 AS ethnicity_concept_id",
    "pii_mrn": "n AS person_id, 'clinic' AS health_system, 'R' || n AS MRN",
    "visit_occurrence": f"n AS visit_occurrence_id, (n - 1) // 3 + 1 AS person_id, 9202 AS visit_concept_id, {_DAY} AS visit_start_date,"
    f" {_DAY}::TIMESTAMP AS visit_start_datetime, {_DAY} AS visit_end_date, 32817 AS visit_type_concept_id, 'AMB' AS visit_source_value",
    "condition_occurrence": f"n AS condition_occurrence_id, n % {{people}} + 1 AS person_id, 201826 AS condition_concept_id,"
    f" {_DAY} AS condition_start_date, {_DAY}::TIMESTAMP AS condition_start_datetime, {_DAY} + 7 AS condition_end_date,"
    f" 32817 AS condition_type_concept_id, {_VISIT} AS visit_occurrence_id, '44054006' AS condition_source_value, 201826 AS condition_source_concept_id",
    "drug_exposure": f"n AS drug_exposure_id, n % {{people}} + 1 AS person_id, 1503297 AS drug_concept_id, {_DAY} AS drug_exposure_start_date,"
    f" {_DAY} + 30 AS drug_exposure_end_date, 32838 AS drug_type_concept_id, 30 AS days_supply, n % 60 + 0.5 AS quantity,"
    f" 'take one, twice a day' AS sig, {_VISIT} AS visit_occurrence_id, '860975' AS drug_source_value, 0 AS drug_source_concept_id",
    "procedure_occurrence": f"n AS procedure_occurrence_id, n % {{people}} + 1 AS person_id, 4078793 AS procedure_concept_id, {_DAY} AS procedure_date,"
    f" {_DAY}::TIMESTAMP AS procedure_datetime, 32817 AS procedure_type_concept_id, {_VISIT} AS visit_occurrence_id, '430193006' AS procedure_source_value",
    "measurement": f"n AS measurement_id, n % {{people}} + 1 AS person_id, 3004249 AS measurement_concept_id, {_DAY} AS measurement_date,"
    f" {_DAY}::TIMESTAMP AS measurement_datetime, 32817 AS measurement_type_concept_id, 90 + n % 70 AS value_as_number, 8876 AS unit_concept_id,"
    f" {_VISIT} AS visit_occurrence_id, '8480-6' AS measurement_source_value, 'mm[Hg]' AS unit_source_value",
}  # fmt: skip


def _draw(target: Path, names: list[tuple[str, str]]) -> None:
    target.mkdir()
    people = len(names)
    with duckdb.connect() as con:
        con.execute("SET memory_limit = '300MB'")
        for table, columns in _TABLES.items():
            last = people * EACH.get(table, 1)
            con.execute(
                f"COPY (SELECT {columns.format(people=people)} FROM range(1, {last + 1}) t(n)) TO '{target / table}.csv' (HEADER)"
            )
        given, family = zip(*names, strict=True)
        con.register("named", pa.table({"n": range(1, people + 1), "given": given, "family": family}))
        con.execute(f"""COPY (SELECT n AS person_id, given AS first_name, NULL AS middle_name, family AS last_name FROM named)
            TO '{target / "pii_name"}.csv' (HEADER)""")


def _names(people: int) -> list[tuple[str, str]]:
    from misspelt import Town

    return list(Town(1).names(people))


def _enrol(names: list[tuple[str, str]]) -> None:
    """Everybody of the submission, as a participant of the site."""
    from enrolled import Person, enrol

    people = [Person(given, family, _born(n), f"R{n}") for n, (given, family) in enumerate(names, start=1)]
    enrol(people, SITE, AT)


def _born(n: int) -> date:
    """As in the table person; every 5,964th person is born on the same day."""
    return date(1930 + n % 71, 1 + n % 12, 1 + n % 28)


def _cpu() -> float:
    """Seconds of processor that this process has used; on a busy machine they say more than the clock."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _said(words: str) -> None:
    sys.stderr.write(f"records_omop: {words}\n")


if __name__ == "__main__":
    import django

    django.setup()
    told = {"draw": draw, "measure": measure}[sys.argv[1]](int(sys.argv[2]))
    sys.stdout.write(orjson.dumps(told).decode())
