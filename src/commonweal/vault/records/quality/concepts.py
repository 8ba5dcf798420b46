"""What can be told from the concepts of a scan alone: are they standard, do they belong there, what is missing altogether."""

from collections import Counter
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault.records.quality.scan import PEOPLE, ROWS, Scanned
from commonweal.vault.records.quality.standards import DRUGS, MEASUREMENTS, Standards

MOST_MEASUREMENTS = 60  # that the report tells the units of, the commonest first
EXPECTED, CONVERTIBLE, NONE, UNEXPECTED, UNJUDGED = "expected", "convertible", "none", "unexpected", "unjudged"


def look_up(con: duckdb.DuckDBPyConnection, each: list[Scanned]) -> None:
    """Make the table q_concept: what the vocabulary, which may be large and is read once, says of the concepts found."""
    columns = [scanned.found[name] for scanned in each for name in ("concept", "unit")]
    used = pc.unique(pa.chunked_array([chunk.cast(pa.int64()) for one in columns for chunk in one.chunks], pa.int64()))
    con.register("q_used", pa.table({"concept_id": used}))
    con.execute(
        """CREATE OR REPLACE TEMP TABLE q_concept AS SELECT concept_id, concept_name, concept_code, domain_id,
        standard_concept FROM concept SEMI JOIN q_used USING (concept_id)"""
    )
    con.unregister("q_used")


def conformance(con: duckdb.DuckDBPyConnection, scanned: Scanned) -> dict[str, int]:
    """Rows whose main concept is unknown to the vocabulary, not standard, or of another domain than the table's."""
    rows = Counter[int]()
    for group in scanned.part(ROWS):
        rows[group["concept"] or 0] += group["n"]
    con.register("q_used", pa.table({"id": pa.array(rows, pa.int64()), "n": pa.array(rows.values(), pa.int64())}))
    unknown, other, elsewhere = con.execute(
        """SELECT sum(n) FILTER (c.concept_id IS NULL), sum(n) FILTER (c.standard_concept IS DISTINCT FROM 'S'
            AND c.concept_id IS NOT NULL), sum(n) FILTER (c.standard_concept = 'S' AND c.domain_id <> ?)
        FROM q_used LEFT JOIN q_concept AS c ON c.concept_id = id WHERE id <> 0""",
        [scanned.table.spec.domain],
    ).fetchall()[0]
    con.unregister("q_used")
    found = {"unknown_concept": unknown, "not_standard": other, "other_domain": elsewhere}
    return {name: int(count or 0) for name, count in found.items()}


def coverage(scanned: Scanned, standards: Standards) -> list[dict[str, Any]]:
    """For each drug class, or laboratory value, of the standards: rows, and people who have at least one."""
    names = standards.names.get(scanned.table.spec.name, [])
    rows, people = Counter[int](), Counter[int]()
    for group in scanned.part(ROWS):
        rows[standards.classes.get(group["concept"] or 0, 0)] += group["n"]
    for group in scanned.part(PEOPLE):
        people[group["classes"] or 0] += group["groups"]
    return [
        {"id": name, "rows": _of(rows, bit), "people": _of(people, bit)}
        for bit, name in enumerate(names)
        if name not in standards.absent
    ]


def _of(bits: Counter[int], place: int) -> int:
    return sum(n for mask, n in bits.items() if mask >> place & 1)


def nothing(table: str, standards: Standards) -> list[dict[str, Any]]:
    """`coverage` where a submission has no such table at all."""
    there = [name for name in standards.names.get(table, []) if name not in standards.absent]
    return [{"id": name, "rows": 0, "people": 0} for name in there]


def units(con: duckdb.DuckDBPyConnection, scanned: Scanned, standards: Standards) -> list[dict[str, Any]]:
    """For the commonest measurements: how many numbers came in which unit, and whether one can work with it."""
    place = {name: 1 << i for i, name in enumerate(scanned.table.fields)}[scanned.table.roles["value"]]
    low, high = (_bit(scanned, name) for name in ("below_plausible", "above_plausible"))
    each: dict[int, Counter[int]] = {}
    beyond: dict[int, list[int]] = {}
    for group in scanned.part(ROWS):
        if group["gaps"] & place or not group["concept"]:
            continue
        each.setdefault(group["concept"], Counter())[group["unit"] or 0] += group["n"]
        far = beyond.setdefault(group["concept"], [0, 0])
        far[0] += group["n"] if group["faults"] & low else 0
        far[1] += group["n"] if group["faults"] & high else 0
    commonest = sorted(each, key=lambda concept: (-each[concept].total(), concept))[:MOST_MEASUREMENTS]
    words = _words(con, [*commonest, *{unit for concept in commonest for unit in each[concept]}])
    return [_measured(concept, each[concept], beyond[concept], words, standards) for concept in commonest]


def _bit(scanned: Scanned, check: str) -> int:
    return next((1 << i for i, one in enumerate(scanned.checks) if one.id == check), 0)


def _measured(
    concept: int, counts: Counter[int], beyond: list[int], words: dict[int, tuple[str, str]], standards: Standards
) -> dict[str, Any]:
    listed = [
        {
            "unit_concept_id": unit,
            "unit": words.get(unit, ("", ""))[1] if unit else "",
            "rows": n,
            "state": state(concept, unit, standards),
        }
        for unit, n in counts.most_common()
    ]
    judged = any(measured == concept for measured, _unit in standards.values)
    return {
        "concept_id": concept,
        "name": words.get(concept, ("", ""))[0],
        "rows": counts.total(),
        "units": listed,
        "below": beyond[0] if judged else None,
        "above": beyond[1] if judged else None,
    }


def state(concept: int, unit: int, standards: Standards) -> str:
    """Whether a number in this unit can be used: as it is, after conversion, not, or nobody says."""
    if not unit:
        return NONE
    if unit in standards.units.get(concept, ()):
        return EXPECTED
    if unit in standards.convertible.get(concept, ()):
        return CONVERTIBLE
    judged = standards.units.get(concept) or standards.convertible.get(concept)
    return UNEXPECTED if judged else UNJUDGED


def _words(con: duckdb.DuckDBPyConnection, concepts: list[int]) -> dict[int, tuple[str, str]]:
    """Name and code of each concept that the vocabulary has."""
    rows = con.execute(
        "SELECT concept_id, concept_name, concept_code FROM q_concept WHERE list_contains(?::BIGINT[], concept_id::BIGINT)",
        [concepts],
    ).fetchall()
    return {concept: (name, code) for concept, name, code in rows}


__all__ = ["DRUGS", "MEASUREMENTS", "conformance", "coverage", "nothing", "state", "units"]
