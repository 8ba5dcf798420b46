"""Imported tables of thresholds, read into the standards: facts by concept and by field, as their publishers write them."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from commonweal.vault.records.quality.checks import FEMALE, MALE, Bound

if TYPE_CHECKING:
    from commonweal.vault.records.quality.standards import Standards

Rows = Sequence[Mapping[str, str]]
_SEX = {"male": MALE, "female": FEMALE}
_LIMITS = {  # column of the Data Quality Dashboard -> our check
    "plausibleAfterBirthThreshold": "before_birth",
    "plausibleBeforeDeathThreshold": "after_death",
    "plausibleStartBeforeEndThreshold": "end_before_start",
    "standardConceptRecordCompletenessThreshold": "no_concept",
}


def by_concept(rows: Rows, found: "Standards") -> None:
    """plausibleValueLow and High with their unit, plausibleUnitConceptIds, plausibleGender."""
    for row in rows:
        concept = _whole(row.get("conceptId"))
        if concept is None:
            continue
        unit = _whole(row.get("unitConceptId")) or 0
        low, high = _number(row.get("plausibleValueLow")), _number(row.get("plausibleValueHigh"))
        if low is not None or high is not None:
            found.values[concept, unit] = (low, high)
        each = [_whole(one) for one in (row.get("plausibleUnitConceptIds") or "").split(",")]
        found.units[concept] |= {one for one in each if one}
        if sex := _SEX.get((row.get("plausibleGender") or "").lower()):
            found.sexes[concept] = sex


def by_field(rows: Rows, found: "Standards") -> None:
    """Lowest and highest values of numeric columns, and the limits of the checks of a table's main columns."""
    for row in rows:
        table, column = (row.get("cdmTableName") or "").lower(), (row.get("cdmFieldName") or "").lower()
        if not column.endswith(("date", "datetime")):  # days have checks of their own
            low, high = _number(row.get("plausibleValueLow")), _number(row.get("plausibleValueHigh"))
            if low is not None or high is not None:
                limit = _number(row.get("plausibleValueLowThreshold") or row.get("plausibleValueHighThreshold"))
                found.bounds[table][column] = Bound(low, high, 1.0 if limit is None else limit)
        for name, check in _LIMITS.items():
            limit = _number(row.get(name))
            if limit is not None and _main(table, column):
                found.limits[table, check] = limit


def units(rows: Rows, found: "Standards") -> None:
    """Which units of which measurement can be turned into the one that releases use."""
    for row in rows:
        measured, unit = _whole(row.get("measurement_concept_id")), _whole(row.get("unit_concept_id"))
        if measured and unit:
            found.convertible[measured].add(unit)


def _main(table: str, column: str) -> bool:
    """Whether limits of a column are those of its table: its main concept, its first and its last day."""
    from commonweal.vault.records.quality.tables import specs

    spec = specs().get(table)
    return spec is not None and column in {spec.roles.get(role) for role in ("concept", "start", "end")}


def _number(text: str | None) -> float | None:
    try:
        return float((text or "").strip().strip("'"))
    except ValueError:  # empty, or an expression of SQL
        return None


def _whole(text: str | None) -> int | None:
    number = _number(text)
    return int(number) if number is not None else None


KINDS: dict[str, Callable[[Rows, "Standards"], None]] = {
    "dqd_concept_thresholds": by_concept,
    "dqd_field_thresholds": by_field,
    "unit_mapping": units,
}
