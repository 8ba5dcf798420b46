"""A report beside the site's report before: what got better or worse, what is there no more. Pure.

Submissions differ in size, so rows are compared as they are and faults as percent of the rows asked.
"""

from typing import Any

NOTABLE = 1.0  # percentage points
HALF = 0.5  # a table of less than this part of its rows before is told


def compared(now: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """`now`, `before`: as `examine_tables` answers. Answers tables [{table, rows, before}], gone, shrunk, checks and
    coverage [{…, percent, before}] that moved by a percentage point or more, the largest move first."""
    ours, theirs = _by_name(now), _by_name(before)
    tables: list[dict[str, Any]] = [
        {"table": name, "rows": _rows(ours.get(name)), "before": _rows(theirs.get(name))}
        for name in dict.fromkeys([*theirs, *ours])
    ]
    return {
        "tables": tables,
        "people": {"now": now["people"], "before": before["people"]},
        "gone": [one["table"] for one in tables if one["before"] and not one["rows"]],
        "shrunk": [one["table"] for one in tables if 0 < one["rows"] < HALF * one["before"]],
        "checks": _moved(_checks(now), _checks(before)),
        "coverage": _moved(_coverage(now), _coverage(before)),
    }


def percent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _by_name(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {table["table"]: table for table in told["tables"]}


def _rows(table: dict[str, Any] | None) -> int:
    return table["rows"] if table else 0


def _checks(told: dict[str, Any]) -> dict[tuple[str, str], float | None]:
    return {
        (table["table"], check["check"]): percent(check["rows"], check["of"])
        for table in told["tables"]
        for check in table["checks"]
    }


def _coverage(told: dict[str, Any]) -> dict[tuple[str, str], float | None]:
    return {
        (kind, one["id"]): percent(one["people"], told["people"])
        for kind in ("drug_classes", "laboratories")
        for one in told[kind]
    }


def _moved(
    now: dict[tuple[str, str], float | None], before: dict[tuple[str, str], float | None]
) -> list[dict[str, Any]]:
    found = [
        {"of": where, "name": name, "percent": new, "before": old}
        for (where, name), new in now.items()
        if new is not None and (old := before.get((where, name))) is not None and abs(new - old) >= NOTABLE
    ]
    return sorted(found, key=lambda one: -abs(one["percent"] - one["before"]))
