"""Counting a cohort: diabetes, with metformin afterwards, without heart failure. Peer: the same SQL by hand over Parquet.

Floor: DuckDB reading the same columns once.
"""

import statistics
import time
from collections.abc import Callable

import duckdb
from homes import RELEASE, peak, released, tell

DIABETES, METFORMIN, FAILURE = 201826, 40163924, 316139
DEFINITION = {
    "version": 1,
    "include": [
        {"any": [{"type": "condition", "concepts": [DIABETES]}]},
        {"any": [{"type": "drug", "concepts": [METFORMIN]}]},
    ],
    "exclude": [{"any": [{"type": "condition", "concepts": [FAILURE]}]}],
}
BY_HAND = f"""
SELECT count(DISTINCT person_id) FROM '{{0}}/condition_occurrence/*.parquet'
WHERE condition_concept_id = {DIABETES}
  AND person_id IN (SELECT person_id FROM '{{0}}/drug_exposure/*.parquet' WHERE drug_concept_id = {METFORMIN})
  AND person_id NOT IN (SELECT person_id FROM '{{0}}/condition_occurrence/*.parquet' WHERE condition_concept_id = {FAILURE})
"""
SCAN = """
SELECT (SELECT count(DISTINCT hash(person_id, condition_concept_id)) FROM '{0}/condition_occurrence/*.parquet'),
       (SELECT count(DISTINCT hash(person_id, drug_concept_id)) FROM '{0}/drug_exposure/*.parquet')
"""


def main(sizes: list[int]) -> None:
    """Print one line a size; medians of seven warm runs."""
    from commonweal import commons

    for people in sizes:
        home, _, _, _ = released(people)
        folder = home / "commons" / "releases" / RELEASE / "registered"
        release = commons.open(folder)
        with duckdb.connect() as con:
            tables = folder / "tables"
            peer = _median(lambda: con.execute(BY_HAND.format(tables)).fetchall())  # noqa: B023
            floor = _median(lambda: con.execute(SCAN.format(tables)).fetchall())  # noqa: B023
        seconds = _median(lambda: release.cohort(DEFINITION).count())  # noqa: B023 (a cohort remembers its count)
        tell("cohort_count", people, seconds, peak=peak(), floor=floor, peer="duckdb by hand", peer_seconds=peer)


def _median(once: Callable[[], object]) -> float:
    times = []
    for _ in range(8):
        began = time.perf_counter()
        once()
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])
