"""Days that can be, and times of day that agree with them."""

from datetime import timedelta

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule
from commonweal.curation.rules.quality.ends import ends

_EARLIEST = {"observation": 1900, "survey_conduct": 1900}  # last year that is not believed; others 1980


def _earliest(rows: Rows) -> "ibis.expr.types.DateScalar":
    return ibis.date(_EARLIEST.get(rows.spec.name, 1980) + 1, 1, 1)


def _dates(rows: Rows) -> Rows:
    if rows.main_date is None:
        return rows
    day = rows.day
    return rows.remove(day.isnull() | (day < _earliest(rows)) | (day > ibis.literal(rows.facts.cutoff)))


def _other_dates(rows: Rows) -> Rows:
    cells = {}
    for column in rows.spec.columns:
        if column.privacy != "date" or column.required or column.name == rows.main_date:
            continue
        told = rows.table[column.name]
        early = told < _earliest(rows).cast(told.type())
        wrong = early | (told >= ibis.literal(rows.facts.cutoff + timedelta(days=1)).cast(told.type()))
        cells[column.name] = ibis.ifelse(wrong.fill_null(False), rows.nothing(column.name), told)
    return rows.change(cells)


def pairs(rows: Rows) -> dict[str, str]:
    """The columns of moments that have a column of days beside them -> that column."""
    dated = rows.spec.named("date")
    beside = {name: name.removesuffix("time") for name in dated if name.endswith("_datetime")}
    return {moment: day for moment, day in beside.items() if day in dated}


def _datetimes(rows: Rows) -> Rows:
    cells: dict[str, ir.Value] = {}
    for name, beside in pairs(rows).items():
        moment, day = rows.table[name], rows.table[beside]
        agrees = (moment.cast("date") == day).fill_null(False)
        if rows.spec.column(name).required:
            agrees = agrees | day.isnull()
        instead = day.cast(moment.type())
        began = cells.get(ends(rows).get(name, ""))
        if began is not None:
            later = ((began > instead) & (began.cast("date") == day)).fill_null(False)
            instead = ibis.ifelse(later, began, instead)
        cells[name] = ibis.ifelse(agrees, moment, instead)
    return rows.change(cells)


RULES = (
    Rule(
        "quality.dates",
        1,
        "Reference 2, RemoveRecordsWithWrongDate and EhrSubmissionDataCutoff",
        "Rows without a date, dated up to 1900 (observations, surveys) or 1980 (others), or after the data cutoff, go.",
        _dates,
        reason="A row that cannot be placed in time, or lies outside it, says nothing that can be relied on.",
    ),
    Rule(
        "quality.other_dates",
        1,
        "Reference 2, RemoveRecordsWithWrongDate",
        "A date that a row can do without is emptied where it lies outside the same limits.",
        _other_dates,
        reason="One wrong date is no cause to lose what else the row says.",
    ),
)
DATETIMES = (
    Rule(
        "quality.datetimes",
        2,
        "Reference 2, EnsureDateDatetimeConsistency",
        "Where a column of days has one of moments beside it, a moment that is missing or of another day becomes the"
        " midnight with which the day begins; of an end on the day of its start, no earlier than the start.",
        _datetimes,
        reason="Whoever reads the moment must find the same day as whoever reads the date.",
    ),
)
