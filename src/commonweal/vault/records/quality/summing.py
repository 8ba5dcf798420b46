"""From the groups of a scan to what the report says of a table: figures by check, field, concept and year."""

from collections import Counter
from typing import Any

from commonweal.omop.tables import tables as cdm
from commonweal.vault.records.quality.scan import CONTENT, PEOPLE, ROWS, YEARS, Scanned

PASSED, FAILED = "passed", "failed"
NO_CONCEPT = "no_concept"
NO_CONCEPT_LIMIT = 10.0  # percent, where quality.toml says nothing


def summed(scanned: Scanned, limits: dict[str, float]) -> dict[str, Any]:
    """{table, rows, people, duplicates, checks, fields, concepts, years}; counts are of rows but for people."""
    faults, gaps = Counter[int](), Counter[int]()
    both = Counter[tuple[int, int]]()
    for group in scanned.part(ROWS):
        both[group["faults"], group["gaps"]] += group["n"]
    for (fault, gap), n in both.items():
        faults[fault] += n
        gaps[gap] += n
    rows = sum(gaps.values())
    return {
        "table": scanned.table.spec.name,
        "rows": rows,
        "people": sum(group["groups"] for group in scanned.part(PEOPLE)),
        "duplicates": sum((group["times"] - 1) * group["groups"] for group in scanned.part(CONTENT)),
        "at_fault": rows - faults[0],
        "checks": _checks(scanned, faults, gaps, rows) + _no_concept(scanned, gaps, limits),
        "fields": _fields(scanned, gaps, rows),
        "concepts": _concepts(scanned, gaps, rows),
        "years": _years(scanned),
    }


def _set(bits: Counter[int], place: int) -> int:
    """How many rows have this bit."""
    return sum(n for mask, n in bits.items() if mask >> place & 1)


def _checks(scanned: Scanned, faults: Counter[int], gaps: Counter[int], rows: int) -> list[dict[str, Any]]:
    fields = scanned.table.fields
    found = []
    for place, check in enumerate(scanned.checks):
        of = rows - _set(gaps, fields.index(check.of)) if check.of in fields else rows
        found.append(_told(check.id, check.kind, _set(faults, place), of, check.limit))
    return found


def _told(name: str, kind: str, at_fault: int, of: int, limit: float) -> dict[str, Any]:
    outcome = FAILED if at_fault and 100 * at_fault > limit * of else PASSED
    return {"check": name, "kind": kind, "rows": at_fault, "of": of, "limit": limit, "outcome": outcome}


def _no_concept(scanned: Scanned, gaps: Counter[int], limits: dict[str, float]) -> list[dict[str, Any]]:
    """The main concept of a table is asked of all rows, whatever the source says of them."""
    concept, fields = scanned.table.roles.get("concept"), scanned.table.fields
    if concept not in fields or scanned.table.spec.name == "death":
        return []
    limit = limits.get(NO_CONCEPT, NO_CONCEPT_LIMIT)
    return [_told(NO_CONCEPT, "conformance", _set(gaps, fields.index(concept)), sum(gaps.values()), limit)]


def _fields(scanned: Scanned, gaps: Counter[int], rows: int) -> list[dict[str, Any]]:
    """How many rows have nothing in a field; where the data model requires something, that is said."""
    known = cdm().get(scanned.table.spec.name)
    required = {column.name for column in known.columns if column.required} if known else set()
    return [
        {"field": name, "empty": _set(gaps, place), "of": rows, "required": name in required}
        for place, name in enumerate(scanned.table.fields)
    ]


def _concepts(scanned: Scanned, gaps: Counter[int], rows: int) -> list[dict[str, Any]]:
    """For each concept field: rows where the source says something (or there is a concept), and those with a concept."""
    fields, found = scanned.table.fields, []
    for concept, source in scanned.table.concepts.items():
        if concept not in fields:
            continue
        mapped = rows - _set(gaps, fields.index(concept))
        given = rows
        if source in fields and concept != scanned.table.roles.get("concept"):
            both = 1 << fields.index(concept) | 1 << fields.index(source)
            given = rows - sum(n for mask, n in gaps.items() if mask & both == both)
        found.append({"field": concept, "mapped": mapped, "given": given})
    return found


def _years(scanned: Scanned) -> list[list[int]]:
    """[year, rows], in order; rows without a day are not among them."""
    return sorted([group["year"], group["n"]] for group in scanned.part(YEARS) if group["year"] != -1)
