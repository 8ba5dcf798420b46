"""Dates of the registered tier: shifted back by the person's own 1 to 364 days, with tails trimmed to one day for all.

Shifts are whole days, so times of day stay as they were written. Without trimming, the last day of a series tells the
shift: someone whose last visit is `cutoff - 10` cannot have been shifted by more than 10.
"""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule


def _back(rows: Rows, name: str) -> ir.Value:
    """The column, shifted. By way of a timestamp: of a date less an interval Ibis says date, and DuckDB timestamp."""
    moved = rows.table[name].cast("timestamp") - rows.table.p_shift.as_interval("D")
    return moved.cast(rows.table[name].type())


def _trim(rows: Rows) -> Rows:
    """Rows that begin after the common last day go; what only ends after it loses its end, or ends on that day."""
    main = rows.main_date
    if main is None:
        return rows
    last = ibis.literal(rows.facts.last_day)
    rows = rows.remove(_back(rows, main).cast("date") > last)
    cells = {}
    for name in rows.spec.named("date"):
        if name in (main, main + "time"):
            continue
        beyond = (_back(rows, name).cast("date") > last).fill_null(False)
        end = (last.cast("timestamp") + rows.table.p_shift.as_interval("D")).cast(rows.table[name].type())
        instead = end if rows.spec.column(name).required else rows.nothing(name)
        cells[name] = ibis.ifelse(beyond, instead, rows.table[name])
    return rows.change(cells)


def _shift(rows: Rows) -> Rows:
    return rows.change({name: _back(rows, name) for name in rows.spec.named("date")})


def _birth(rows: Rows) -> Rows:
    cells = {name: rows.nothing(name) for name in rows.spec.named("birth")}
    if "year_of_birth" in cells:
        cells["year_of_birth"] = (rows.table.p_birth_date - rows.table.p_shift.as_interval("D")).year()
    return rows.change(cells)


RULES = (
    Rule(
        "dates.birth",
        1,
        "Reference 3 and its decisions",
        "Of birth only the year is left, that of the shifted birth date.",
        _birth,
    ),
    Rule(
        "dates.trim",
        1,
        "House: dates",
        "What lies after the day that everyone's shifted series can reach goes, so that no tail tells a shift.",
        _trim,
    ),
    Rule(
        "dates.shift",
        1,
        "Reference 3, date shift",
        "Every date is moved back by the person's own random number of days, 1 to 364.",
        _shift,
        once=True,
    ),
)
