"""Condition eras, drug eras and observation periods of many people: `SIZES="100000 300000 1000000" BENCH=eras make bench`.

Each person has 25 conditions and 25 drug exposures over ten years, of 200 concepts each; a drug has one or two ingredients.
The floor is DuckDB reading the same columns and writing them as they are. One line a size, made in a process of its own, with its own peak before the floor:
`rows` are those of condition_era, drug_era and observation_period; `events_a_second` tells whether time is linear.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
from homes import folder, peak

EACH, CONCEPTS, DAYS = 25, 200, 3650
MEMORY_MB = 700
_EVENTS = """
COPY (
  SELECT person_id, 1 + (hash(person_id, n, '{kind}') % {concepts})::BIGINT AS {concept}, {start}, {start} + (hash(n, person_id) % 20)::INTEGER AS {end}{beside}
  FROM (SELECT p AS person_id, n, DATE '2010-01-01' + (hash(p, n, '{kind}', 'day') % {days})::INTEGER AS {start}
        FROM range(1, {people} + 1) t(p), range({each}) u(n)) ORDER BY person_id
) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 122880)
"""
_VOCABULARY = f"""
CREATE TABLE concept AS SELECT i AS concept_id, 'Drug' AS domain_id, 'Ingredient' AS concept_class_id, 'S' AS standard_concept FROM range(1001, 1101) t(i);
CREATE TABLE concept_ancestor AS SELECT 1001 + i % 100 AS ancestor_concept_id, i AS descendant_concept_id FROM range(1, {CONCEPTS} + 1) t(i)
UNION ALL SELECT 1001 + i % 97, i FROM range(1, {CONCEPTS} + 1) t(i) WHERE i % 4 = 0
"""
KINDS = {
    "condition": ("condition_concept_id", "condition_start_date", "condition_end_date", ""),
    "drug": ("drug_concept_id", "drug_exposure_start_date", "drug_exposure_end_date", ", NULL::BIGINT AS days_supply"),
}


def main(sizes: list[int]) -> None:
    """Print one line a size."""
    for people in sizes:
        place = folder() / f"eras-{people}"
        place.mkdir()
        _generate(people, place)
        child = subprocess.Popen([sys.executable, __file__, str(place)], stdout=subprocess.PIPE)
        said, _ = child.communicate()
        if child.returncode:
            raise SystemExit(f"bench: eras ended with {child.returncode}")
        line = {"bench": "eras", "size": people, **json.loads(said)}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        shutil.rmtree(place)


def _generate(people: int, place: Path) -> None:
    with duckdb.connect() as con:
        con.execute("SET enable_progress_bar = false")
        for kind, (concept, start, end, beside) in KINDS.items():
            con.execute(
                _EVENTS.format(
                    kind=kind, concept=concept, start=start, end=end, beside=beside, people=people, path=place / f"{kind}.parquet",
                    concepts=CONCEPTS, days=DAYS, each=EACH,
                )
            )  # fmt: skip


def derive(place: Path) -> dict[str, object]:
    """Make all three tables of the events in `place` as Parquet; seconds, the floor's seconds, and rows."""
    import pyarrow.parquet as pq

    from commonweal.omop import eras
    from commonweal.omop import tables as cdm

    con = _engine(place)
    began = time.perf_counter()
    rows = {}
    events = {"condition_occurrence": "conditions", "drug_exposure": "drugs"}
    made = {
        "condition_era": eras.condition_eras(con, "conditions"),
        "drug_era": eras.drug_eras(con, "drugs"),
        "observation_period": eras.observation_periods(con, events, 32817),
    }
    for name, slices in made.items():
        schema = cdm.tables()[name].schema
        with pq.ParquetWriter(place / f"{name}.parquet", schema, compression="zstd") as writer:
            for part in slices:
                writer.write_table(part.to_arrow_table().cast(schema))
        rows[name] = pq.read_metadata(place / f"{name}.parquet").num_rows
    seconds, most = time.perf_counter() - began, peak()
    began = time.perf_counter()
    for view in ("conditions", "drugs"):
        con.execute(f"COPY (FROM {view}) TO '{place}/{view}-copy.parquet' (COMPRESSION zstd)")
    floor = time.perf_counter() - began
    count = con.execute("SELECT (SELECT count(*) FROM conditions) + (SELECT count(*) FROM drugs)").fetchall()[0][0]
    return {
        "seconds": round(seconds, 2),
        "events": count,
        "events_a_second": round(count / seconds),
        "floor_ratio": round(seconds / floor, 2),
        "rows": rows,
        "peak_mb": most,
    }


def _engine(place: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(
        f"SET enable_progress_bar = false; SET memory_limit = '{MEMORY_MB}MB'; SET enable_external_file_cache = false; SET temp_directory = '{place}/spill'"
    )
    con.execute(_VOCABULARY)
    for view, kind in (("conditions", "condition"), ("drugs", "drug")):
        con.execute(f"CREATE VIEW {view} AS FROM read_parquet('{place}/{kind}.parquet')")
    return con


if __name__ == "__main__":
    sys.stdout.write(json.dumps(derive(Path(sys.argv[1]))))
