"""Answers made coarser by the lists of a tier (privacy.toml: generalisations, number_limits)."""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule, tables
from commonweal.curation.rules.generalise.concepts import whole
from commonweal.protocol.privacy import Generalisation, TierPrivacy


def generalised(
    privacy: TierPrivacy, question: ir.Value, value: ir.Value, several: ir.Value, conflicts: ir.Value
) -> ir.Value:
    """The answer concept after generalisation. `several`: ids of the generalisations of which the row's person gave
    several answers; `conflicts`: their answers that are at odds with another of theirs (see population.py)."""
    made = [g for g in privacy.generalisations if not g.person_row_only]
    branches = [branch for g in made for branch in _branches(g, question, value, several, conflicts)]
    asked = question.isin(sorted({q for g in made for q in g.questions}))
    return ibis.ifelse(asked, ibis.cases(*branches, else_=value), value) if branches else value


def _branches(
    g: Generalisation, question: ir.Value, value: ir.Value, several: ir.Value, conflicts: ir.Value
) -> list[tuple[ir.Value, ir.Value]]:
    asked = question.isin(sorted(g.questions))
    found = []
    if g.several_becomes is not None:
        among = value.isin(sorted(g.several_of)) if g.several_of else ibis.literal(True)
        found.append((asked & among & several.contains(g.id), whole(g.several_becomes)))
    for conflict in g.conflicts:
        here = asked & (value == conflict.answer) & conflicts.contains(whole(conflict.answer))
        found.append((here, whole(conflict.becomes)))
    for mapped in g.mapped:
        found.append((asked & value.isin(sorted(mapped.answers)), whole(mapped.becomes)))
    return found


def _answers(rows: Rows) -> Rows:
    t = rows.table
    value = generalised(
        rows.facts.privacy, t.observation_source_concept_id, t.value_as_concept_id, t.p_several, t.p_conflicts
    )
    return rows.change({"value_as_concept_id": value})


def _repeats(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_repeated.fill_null(False))


def _numbers(rows: Rows) -> Rows:
    t = rows.table
    gone: ir.Value = ibis.literal(False)
    concept: ir.Value = t.value_as_concept_id
    typed = t.value_as_number.isnull() & t.value_as_concept_id.isnull() & t.value_as_string.notnull()
    words: ir.Value = ibis.literal(False)
    for limit in rows.facts.privacy.number_limits:
        asked = t.observation_source_concept_id.isin(sorted(limit.questions))
        written = (asked & typed).fill_null(False)
        words = words | written
        wrong = written | (asked & ((t.value_as_number < limit.least) | (t.value_as_number > limit.most))).fill_null(
            False
        )
        gone = gone | wrong
        concept = ibis.ifelse(wrong, whole(limit.invalid), concept)
        if limit.top_from is not None and limit.top is not None:
            high = (asked & ~wrong & (t.value_as_number >= limit.top_from)).fill_null(False)
            gone = gone | high
            concept = ibis.ifelse(high, whole(limit.top), concept)
    number = ibis.ifelse(gone, rows.nothing("value_as_number"), t.value_as_number)
    text = ibis.ifelse(words, rows.nothing("value_as_string"), t.value_as_string)
    made = {"value_as_number": number, "value_as_string": text, "value_as_concept_id": concept}
    any_of = t.observation_source_concept_id.isin(
        sorted({q for limit in rows.facts.privacy.number_limits for q in limit.questions})
    )
    return rows.change({name: ibis.ifelse(any_of, value, t[name]) for name, value in made.items()})


ANSWERS = Rule(
    "generalise.answers",
    2,
    "Reference 3; Reference 2, GeneralizeIndianHealthServices and GeneralizeCopeInsuranceAnswers",
    "Answers are made coarser by the tier's list: race, orientation, sex, gender, education, employment and insurance in"
    " the registered tier, care by the Indian Health Service in both.",
    _answers,
    tables("observation"),
    reason="A rare answer, or a rare pair of answers, points to one person; care by the Indian Health Service tells that"
    " somebody belongs to a tribe.",
    parameters=("generalisations",),
)
REPEATS = Rule(
    "generalise.repeats",
    1,
    "Reference 3, duplicates after generalising",
    "Of a person's answers to one question that became the same, one stays.",
    _repeats,
    tables("observation"),
    reason="The same answer twice tells that two different ones were given.",
    parameters=("generalisations",),
)
NUMBERS = Rule(
    "generalise.numbers",
    2,
    "Reference 2, numeric limits and CleanPPINumericFields",
    "Large households become groups; numbers that cannot be true, and words where a number was asked for, go.",
    _numbers,
    tables("observation"),
    reason="Very large households are known to their neighbours.",
    parameters=("number_limits",),
)

RULES = (ANSWERS, REPEATS, NUMBERS)
