"""Rows whose meaning nobody knows."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables

MEANING = {
    "condition_occurrence": ("condition_concept_id", "condition_source_concept_id"),
    "drug_exposure": ("drug_concept_id", "drug_source_concept_id"),
    "procedure_occurrence": ("procedure_concept_id", "procedure_source_concept_id"),
    "device_exposure": ("device_concept_id", "device_source_concept_id"),
    "measurement": ("measurement_concept_id", "measurement_source_concept_id"),
    "observation": ("observation_concept_id", "observation_source_concept_id"),
    "visit_occurrence": ("visit_concept_id", "visit_source_concept_id"),
}


def _unknown(rows: Rows) -> Rows:
    return rows.remove(ibis.and_(*(rows.table[name].fill_null(0) == 0 for name in MEANING[rows.spec.name])))


RULES = (
    Rule(
        "quality.no_concept",
        1,
        "Reference 2, DropZeroConceptIDs",
        "Rows of which neither the standard concept nor that of the source is known go.",
        _unknown,
        tables(*MEANING),
        reason="Of such a row only a date is left, which tells of a person but not of health.",
    ),
)
