"""Numbers in answers: told as numbers, whole where only whole ones make sense, and nothing else beside them.

What is too small or too large is seen to by generalise.numbers, with the groups that large numbers are put into.
"""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule, among, tables
from commonweal.curation.rules.generalise import SKIP

_DIGITS = r"^\s*\d{1,9}(\.\d{1,6})?\s*$"


def _as_text(rows: Rows) -> Rows:
    t = rows.table
    privacy = rows.facts.privacy
    codes = sorted(code.lower() for code in privacy.answers.numbers_as_text)
    limited = sorted({question for limit in privacy.number_limits for question in limit.questions})
    asked = t.observation_source_value.lower().isin(codes) | t.observation_source_concept_id.isin(limited)
    typed = (t["_source"] == "PPI") & t.value_as_number.isnull() & t.value_as_string.notnull()
    here = among(typed, asked & t.value_as_string.re_search(_DIGITS))
    number = ibis.ifelse(here, t.value_as_string.strip().try_cast("float64"), t.value_as_number)
    return rows.change({"value_as_number": number, "value_as_string": _without(rows, here, "value_as_string")})


def _minus_one(rows: Rows) -> Rows:
    t = rows.table
    asked = t.observation_source_concept_id.isin(sorted(rows.facts.privacy.answers.minus_one_is_skip))
    here = ((t["_source"] == "PPI") & asked & (t.value_as_number == -1)).fill_null(False)
    return rows.change(
        {
            "value_as_number": _without(rows, here, "value_as_number"),
            "value_as_string": _without(rows, here, "value_as_string"),
            "value_as_concept_id": ibis.ifelse(here, ibis.literal(SKIP, "int64"), t.value_as_concept_id),
            "value_source_value": ibis.ifelse(here, ibis.literal("PMI_Skip"), t.value_source_value),
        }
    )


def _whole(rows: Rows) -> Rows:
    t = rows.table
    asked = t.observation_source_concept_id.isin(sorted(rows.facts.privacy.answers.whole))
    here = ((t["_source"] == "PPI") & asked).fill_null(False)
    # away from zero, whatever the engine's own rounding does with halves
    whole = ibis.ifelse(t.value_as_number < 0, (t.value_as_number - 0.5).ceil(), (t.value_as_number + 0.5).floor())
    return rows.change({"value_as_number": ibis.ifelse(here, whole.cast("float64"), t.value_as_number)})


def _nothing_beside(rows: Rows) -> Rows:
    here = (rows.table["_source"] == "PPI") & rows.table.value_as_number.notnull()
    names = ("value_as_concept_id", "value_as_string", "value_source_value")
    return rows.change({name: _without(rows, here, name) for name in names})


def _without(rows: Rows, here: ir.BooleanValue, name: str) -> ir.Value:
    return ibis.ifelse(here, rows.nothing(name), rows.table[name])


RULES = (
    Rule(
        "surveys.numbers_as_text",
        1,
        "Reference 2, UpdateFieldsNumbersAsStrings",
        "At questions that ask for a number, digits that came as text become the number.",
        _as_text,
        tables("observation"),
        reason="Some forms took numbers in a field for text.",
        parameters=("answers.numbers_as_text", "number_limits"),
    ),
    Rule(
        "surveys.minus_one",
        1,
        "Reference 2, UpdatePpiNegativePainLevel",
        "At a question that is answered from 0 on, -1 becomes the answer that says the question was left open.",
        _minus_one,
        tables("observation"),
        reason="A slider that nobody touched sent -1, which would pull every mean down.",
        parameters=("answers.minus_one_is_skip",),
    ),
    Rule(
        "surveys.whole_numbers",
        1,
        "Reference 2, RoundPpiValuesToNearestInteger",
        "Numbers of people, years, days and cigarettes are rounded to whole ones; a half goes away from zero.",
        _whole,
        tables("observation"),
        reason="The questions ask for whole numbers, and the limits that follow are whole.",
        parameters=("answers.whole",),
    ),
    Rule(
        "surveys.number_alone",
        1,
        "Reference 2, NullConceptIDForNumericPPI",
        "An answer that is a number has no concept, no code and no text beside it.",
        _nothing_beside,
        tables("observation"),
        reason="Two values in one answer cannot both be it, and the number is what was asked for.",
    ),
)
