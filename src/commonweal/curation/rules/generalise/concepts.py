"""Concepts of what is made coarser: questions, general answers, and what is asked of a person's answers to a question."""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows

SKIP, NO_ANSWER = 903096, 903079
RACE, SEX, GENDER = 1586140, 1585845, 1585838  # question concepts
GENERAL_RACE, MANY_RACES, GENERAL_GENDER, GENERAL_SEX = 2000000001, 2000000008, 2000000002, 2000000009
MALE, FEMALE = 8507, 8532
STATE_CODE = r"^PIIState_[A-Z]{2}$"


def whole(number: int) -> ir.Value:
    return ibis.literal(number, "int64")


def gave_several(rows: Rows, question: int) -> ir.Value:
    """Whether the person gave several answers to a question, or ones at odds with others of theirs."""
    several: ir.Value = ibis.literal(False)
    for g in rows.facts.privacy.generalisations:
        if question in g.questions:
            several = several | rows.table.p_several.contains(g.id).fill_null(False)
            for conflict in g.conflicts:
                several = several | rows.table.p_conflicts.contains(whole(conflict.answer)).fill_null(False)
    return several


def code_of(rows: Rows, concept: ir.Value, own: ir.Value, kept: tuple[int, ...]) -> ir.Value:
    """The code beside a generalised concept: the row's own where the concept may stay, else that of the general one."""
    general = [(concept == number, code) for number, code in sorted(rows.facts.codes.items())]
    branches = [(concept.isin(kept), own), *general]
    return ibis.cases(*branches)
