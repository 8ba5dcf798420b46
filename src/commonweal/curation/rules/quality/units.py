"""Laboratory results in one unit for each measurement."""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule, tables


def _converted(rows: Rows, name: str) -> ir.Value:
    t = rows.table
    return ibis.ifelse(t.p_per.notnull(), t.p_per / t[name], t[name] * t.p_times + t.p_plus)


def _units(rows: Rows) -> Rows:
    t = rows.table
    hit = t.unit_concept_id != t.p_unit  # null where nothing is to be done
    turned = t.p_per.notnull()  # what was the lower end of the normal range is the upper one of reciprocals
    low = ibis.ifelse(turned, _converted(rows, "range_high"), _converted(rows, "range_low"))
    high = ibis.ifelse(turned, _converted(rows, "range_low"), _converted(rows, "range_high"))
    cells = {"value_as_number": _converted(rows, "value_as_number"), "range_low": low, "range_high": high}
    cells["unit_concept_id"] = t.p_unit
    return rows.change({name: ibis.ifelse(hit, value, t[name]) for name, value in cells.items()})


RULES = (
    Rule(
        "quality.units",
        1,
        "Reference 2 and 5, UnitNormalization",
        "Results and their normal ranges are converted to one unit for each measurement, by a table of the program"
        " (unit_mapping). What the table does not name stays in its unit.",
        _units,
        tables("measurement"),
        reason="Numbers can only be compared in one unit.",
        parameters=("reference unit_mapping",),
    ),
)
