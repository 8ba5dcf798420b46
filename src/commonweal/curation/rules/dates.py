"""Dates: in the registered tier shifted back by the person's own 1 to 364 days, in the controlled tier as they are.

In both, tails are trimmed to one day for all: the data cutoff, less the longest shift where dates are shifted.
Shifts are whole days, so times of day stay as they were written. Without trimming, the last day of a series tells the
shift: someone whose last visit is `cutoff - 10` cannot have been shifted by more than 10.
"""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule


def _back(rows: Rows, name: str) -> ir.Value:
    """The column as the tier has it: shifted, or as it is where the tier does not shift."""
    shift = rows.table.p_shift.as_interval("D")
    return rows.table[name] - shift if rows.facts.privacy.shifted else rows.table[name]


def _trim(rows: Rows) -> Rows:
    """Rows that begin after the common last day go; what only ends after it loses its end, or ends on that day."""
    main = rows.main_date
    if main is None:
        return rows
    last = _last_day(rows)
    rows = rows.remove(rows.day > last)
    cells = {}
    for name in rows.spec.named("date"):
        if name in (main, main + "time"):
            continue
        beyond = (rows.table[name].cast("date") > last).fill_null(False)
        end = last.cast(rows.table[name].type())
        instead = end if rows.spec.column(name).required else rows.nothing(name)
        cells[name] = ibis.ifelse(beyond, instead, rows.table[name])
    return rows.change(cells)


def _last_day(rows: Rows) -> ir.Value:
    """The day that becomes the tier's last one when dates are shifted: each person's own."""
    last = ibis.literal(rows.facts.last_day)
    return last + rows.table.p_shift.as_interval("D") if rows.facts.privacy.shifted else last


def _shift(rows: Rows) -> Rows:
    return rows.change({name: _back(rows, name) for name in rows.spec.named("date")})


def _birth(rows: Rows) -> Rows:
    cells = {name: rows.nothing(name) for name in rows.spec.named("birth")}
    if "year_of_birth" in cells:
        born: ir.Value = rows.table.p_birth_date
        if rows.facts.privacy.shifted:
            born = born - rows.table.p_shift.as_interval("D")
        cells["year_of_birth"] = born.year()
    return rows.change(cells)


BIRTH = Rule(
    "dates.birth",
    1,
    "Reference 3 and its decisions",
    "Of birth only the year is left, that of the shifted birth date.",
    _birth,
    reason="A date of birth, with a state and a sex, names most people; the year of the shifted date keeps ages right.",
)
BIRTH_YEAR = Rule(
    "dates.birth_year",
    1,
    "Reference 2, NullPersonBirthdate (controlled tier)",
    "Of birth only the year is left, the real one; month, day and time are emptied.",
    _birth,
    reason="A date of birth, with a ZIP area and a sex, names most people.",
)
TRIM = Rule(
    "dates.trim",
    2,
    "House: dates",
    "What lies after the last day that every person of the tier can reach goes: an event altogether, an end that a row can"
    " do without is emptied, an end that it needs becomes that day.",
    _trim,
    reason="The last day of a shifted series tells how far it was shifted; where dates are real, nothing is known"
    " after the cutoff.",
    parameters=("date_shift_days_max",),
)
SHIFT = Rule(
    "dates.shift",
    1,
    "Reference 3, date shift",
    "Every date is moved back by the person's own random number of days, 1 to 364, the same in every table and release.",
    _shift,
    reason="The day of an event that others saw, such as a stay in hospital, points to a person; time between events"
    " does not need it.",
    parameters=("date_shift_days_min", "date_shift_days_max"),
    once=True,
)

RULES = (BIRTH, TRIM, SHIFT)
CONTROLLED = (BIRTH_YEAR, TRIM)
