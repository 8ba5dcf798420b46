"""Measurements that say nothing, or say it again."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables


def _placeholders(rows: Rows) -> Rows:
    return rows.remove(rows.table.value_as_number.isin(rows.facts.privacy.records.placeholders))


def _only_zero(rows: Rows) -> Rows:
    value = rows.table.value_as_number
    void = rows.table.p_only_zero.fill_null(False) & (value == 0).fill_null(False)
    return rows.change({"value_as_number": ibis.ifelse(void, rows.nothing("value_as_number"), value)})


def _nothing_said(rows: Rows) -> Rows:
    t = rows.table
    return rows.remove((t["_source"] != "PPI") & t.value_as_number.isnull() & (t.value_as_concept_id.fill_null(0) == 0))


def _again(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_measured_again)


_MEASURED = tables("measurement")
_SOURCE = "Reference 2, MeasurementRecordsSuppression"
RULES = (
    Rule(
        "quality.placeholders",
        1,
        _SOURCE,
        "Measurements with the value 9999999 (placeholders) go.",
        _placeholders,
        _MEASURED,
        reason="Such a number stands for a missing one.",
        parameters=("records.placeholders",),
    ),
    Rule(
        "quality.only_zero",
        1,
        _SOURCE,
        "Where a site has sent no number but 0 for a concept, the 0 is emptied.",
        _only_zero,
        _MEASURED,
        reason="A site whose every glucose is 0 has lost the numbers on the way.",
        others="whether a site has lost its numbers is seen in the rows of all its people",
    ),
    Rule(
        "quality.no_result",
        1,
        _SOURCE,
        "Measurements from records with neither a number nor a concept as result go.",
        _nothing_said,
        _MEASURED,
        reason="That something was measured says little, and is easily taken for a result.",
    ),
    Rule(
        "quality.measured_again",
        1,
        _SOURCE,
        "Of measurements of one person from one site that are the same in concept, moment, result and unit, one stays.",
        _again,
        _MEASURED,
        reason="A result that was sent twice would count twice.",
    ),
)
