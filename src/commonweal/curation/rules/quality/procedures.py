"""Codes that only say how a procedure was done."""

from commonweal.curation.rules.base import Rows, Rule, tables


def _modifiers(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_modifier_alone)


RULES = (
    Rule(
        "quality.procedure_modifiers",
        1,
        "Reference 2, RemoveInvalidProcedureSourceRecords",
        "Procedures whose source is a modifier of CPT-4, with no standard concept beside it, go.",
        _modifiers,
        tables("procedure_occurrence"),
        reason="A modifier such as `left side` tells nothing of what was done.",
    ),
)
