"""Ends that come before their start."""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule


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


def _instead(rows: Rows, end: str, start: str) -> ir.Value:
    if not rows.spec.column(end).required:
        return rows.nothing(end)
    if rows.spec.name == "visit_occurrence":
        return ibis.coalesce(rows.table.p_visit_end, rows.table[start])
    return rows.table[start]


def _end_before_start(rows: Rows) -> Rows:
    cells = {}
    for end, start in ends(rows).items():
        missing = rows.table[end].isnull() & rows.spec.column(end).required
        wrong = ((rows.table[end] < rows.table[start]) | missing).fill_null(False)
        cells[end] = ibis.ifelse(wrong, _instead(rows, end, start), rows.table[end])
    return rows.change(cells)


RULES = (
    Rule(
        "quality.end_before_start",
        2,
        "Reference 2, TemporalConsistency",
        "An end before its start is emptied, or set to the start where an end is required. A stay in hospital ends with"
        " the last that was recorded of it.",
        _end_before_start,
        reason="Lengths of stays and of treatments must not be negative; what happened during a stay tells how long it was.",
    ),
)
