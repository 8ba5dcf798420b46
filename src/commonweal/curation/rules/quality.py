"""The minimum of data quality: what cannot be true, or is there twice, goes first."""

import ibis

from commonweal.curation.rules.base import Rows, Rule

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
        day = rows.table[column.name].cast("date")
        wrong = (day < _earliest(rows)) | (day > ibis.literal(rows.facts.cutoff))
        cells[column.name] = ibis.ifelse(wrong.fill_null(False), rows.nothing(column.name), rows.table[column.name])
    return rows.change(cells)


def _before_birth(rows: Rows) -> Rows:
    if rows.main_date is None:
        return rows
    return rows.remove(rows.day < rows.table.p_birth_date)


def ends(rows: Rows) -> dict[str, str]:
    """The columns that say when something ended -> the column of its start."""
    found = {}
    for column in rows.spec.columns:
        for kind in ("date", "datetime"):
            if column.name.endswith(f"_end_{kind}") and column.name != rows.main_date:
                stem = column.name.removesuffix(f"_end_{kind}")
                starts = (f"{stem}_start_{kind}", f"{stem}_{kind}")
                start = next((name for name in starts if rows.has(name)), None)
                if start is not None and rows.main_date != column.name.replace("datetime", "date"):
                    found[column.name] = start
    return found


def _end_before_start(rows: Rows) -> Rows:
    cells = {}
    for end, start in ends(rows).items():
        instead = rows.table[start] if rows.spec.column(end).required else rows.nothing(end)
        missing = rows.table[end].isnull() & rows.spec.column(end).required
        cells[end] = ibis.ifelse(
            ((rows.table[end] < rows.table[start]) | missing).fill_null(False), instead, rows.table[end]
        )
    return rows.change(cells)


def _duplicate_ids(rows: Rows) -> Rows:
    key = rows.spec.columns[0].name
    if rows.spec.name not in rows.facts.duplicated:
        return rows
    place = ibis.row_number().over(ibis.window(group_by=rows.table[key], order_by=rows.table[key]))
    return rows.remove(place > 0)


RULES = (
    Rule(
        "quality.duplicate_ids", 1, "Reference 2, DeduplicateIdColumn", "One row for each id is kept.", _duplicate_ids
    ),
    Rule(
        "quality.dates",
        1,
        "Reference 2, RemoveRecordsWithWrongDate and EhrSubmissionDataCutoff",
        "Rows without a date, dated up to 1900 (observations, surveys) or 1980 (others), or after the data cutoff, go.",
        _dates,
    ),
    Rule(
        "quality.other_dates",
        1,
        "Reference 2, RemoveRecordsWithWrongDate",
        "A date that a row can do without is emptied where it lies outside the same limits.",
        _other_dates,
    ),
    Rule(
        "quality.before_birth",
        1,
        "Reference 2, NegativeAges",
        "Rows dated before the person's birth go.",
        _before_birth,
    ),
    Rule(
        "quality.end_before_start",
        1,
        "Reference 2, TemporalConsistency",
        "An end before its start is emptied, or set to the start where an end is required.",
        _end_before_start,
    ),
)
