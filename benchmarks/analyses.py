"""Prevalence by age, sex and year, and a survival curve, of people with a hundred conditions each. No peer.

Floor: one plain DuckDB query that reads the same columns of the same tables once and sums up what it read.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import orjson
from homes import folder, peak, tell

ROWS = 100  # conditions a person
CONCEPTS = 2000
EVENT = {"type": "condition", "concepts": [1, 2, 3]}
COHORT = {"version": 1, "index": {"of": {"type": "condition", "concepts": list(range(100, 140))}}}
MADE = {
    "person": """SELECT p AS person_id, 1925 + p % 80 AS year_of_birth, 1 + p % 12 AS month_of_birth, 1 + p % 28 AS day_of_birth,
        CASE WHEN p % 2 = 0 THEN 8507 ELSE 8532 END AS gender_concept_id, 8527 AS race_concept_id,
        38003564 AS ethnicity_concept_id FROM range({people}) t(p)""",
    "observation_period": """SELECT p AS observation_period_id, p AS person_id,
        DATE '2008-01-01' + (hash(p) % 1500)::INTEGER AS observation_period_start_date,
        DATE '2014-01-01' + (hash(p + 1) % 3000)::INTEGER AS observation_period_end_date FROM range({people}) t(p)""",
    "condition_occurrence": """SELECT i AS condition_occurrence_id, i // {rows} AS person_id,
        1 + (hash(i) % {concepts})::BIGINT AS condition_concept_id,
        DATE '2008-01-01' + (hash(i + 7) % 5000)::INTEGER AS condition_start_date, NULL::BIGINT AS visit_occurrence_id
        FROM range({people} * {rows}) t(i)""",
    "death": """SELECT p AS person_id, DATE '2016-01-01' + (hash(p) % 1800)::INTEGER AS death_date FROM range({people}) t(p)
        WHERE p % 25 = 0""",
    "concept": """SELECT c AS concept_id, 'concept ' || c AS concept_name, 'Condition' AS domain_id FROM range(1, {concepts} + 1) t(c)
        UNION ALL VALUES (8507, 'MALE', 'Gender'), (8532, 'FEMALE', 'Gender')""",
    "concept_ancestor": """SELECT c AS ancestor_concept_id, c AS descendant_concept_id FROM range(1, {concepts} + 1) t(c)""",
}
FLOOR = """SELECT
  (SELECT count(DISTINCT hash(person_id, condition_start_date)) FROM '{0}/condition_occurrence.parquet'
    WHERE condition_concept_id IN {1}),
  (SELECT sum(observation_period_end_date - observation_period_start_date) FROM '{0}/observation_period.parquet'),
  (SELECT sum(year_of_birth + month_of_birth + day_of_birth + gender_concept_id) FROM '{0}/person.parquet')"""


def main(sizes: list[int]) -> None:
    """Print two lines a size, each measured in a process of its own; least of five."""
    for people in sizes:
        where = _made(people)
        for what in ("prevalence", "survival"):
            child = subprocess.run(
                [sys.executable, __file__, what, str(where)],
                stdout=subprocess.PIPE,
                check=True,
                cwd=Path(__file__).parent,
            )
            found = orjson.loads(child.stdout.splitlines()[-1])
            tell(f"analyses_{what}", people, found["seconds"], peak=found["peak"], floor=found["floor"],
                 rows=people * ROWS, floor_seconds=round(found["floor"], 4), cpu_seconds=round(found["cpu"], 4),
                 floor_cpu_seconds=round(found["floor_cpu"], 4))  # fmt: skip


def _made(people: int) -> Path:
    where = folder() / f"analyses-{people}"
    where.mkdir()
    with duckdb.connect() as con:
        con.execute("SET preserve_insertion_order = false")
        for name, query in MADE.items():
            filled = query.format(people=people, rows=ROWS, concepts=CONCEPTS)
            con.execute(f"COPY ({filled}) TO '{where / name}.parquet' (FORMAT parquet)")
    return where


def measured(what: str, where: str) -> dict[str, float]:
    """The analysis and the floor in turn, so that both meet the same machine; the peak is of the first analysis alone."""
    from commonweal import commons

    release = commons.open(where)
    if what == "prevalence":
        concepts, once = EVENT["concepts"], lambda: release.prevalence(EVENT)
    else:
        concepts = [*EVENT["concepts"], *COHORT["index"]["of"]["concepts"]]
        once = lambda: release.survival(COHORT, EVENT)  # noqa: E731
    once()
    high = peak()
    with duckdb.connect() as con:
        runs = [
            (_timed(once), _timed(lambda: con.execute(FLOOR.format(where, tuple(concepts))).fetchall()))
            for _ in range(5)
        ]
    walls, processors = ([min(run[i][j] for run in runs) for i in (0, 1)] for j in (0, 1))
    return {"seconds": walls[0], "peak": high, "floor": walls[1], "cpu": processors[0], "floor_cpu": processors[1]}


def _timed(once: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall, and of the processors."""
    began = time.perf_counter(), time.process_time()
    once()
    return time.perf_counter() - began[0], time.process_time() - began[1]


if __name__ == "__main__":
    sys.stdout.write(orjson.dumps(measured(*sys.argv[1:])).decode() + "\n")
