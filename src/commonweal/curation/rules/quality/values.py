"""Results in words: the same word is the same concept."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables


def _same_words(rows: Rows) -> Rows:
    value = rows.table.value_as_concept_id
    return rows.change({"value_as_concept_id": ibis.coalesce(rows.table.p_same_value, value)})


RULES = (
    Rule(
        "quality.same_values",
        1,
        "Reference 2, StoreNewDuplicateMeasurementConceptIds and DedupMeasurementValueAsConceptId",
        "Of the concepts of the vocabulary that call a result by the same name, such as several `Positive`, one is used.",
        _same_words,
        tables("measurement"),
        reason="Otherwise a count of positive results misses those that another laboratory's concept calls positive.",
    ),
)
