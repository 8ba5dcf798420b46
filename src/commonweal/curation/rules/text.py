"""Nothing that someone typed is released; a source value only where it is a code of a vocabulary."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables


def _free_text(rows: Rows) -> Rows:
    return rows.change({name: rows.nothing(name) for name in rows.spec.named("free_text")})


def _source_values(rows: Rows) -> Rows:
    cells = {}
    for name in rows.spec.named("source_value"):
        concept = name.replace("_source_value", "_source_concept_id")
        if rows.has(concept):
            known = rows.table[concept].fill_null(0) != 0
            cells[name] = ibis.ifelse(known, rows.table[name], rows.nothing(name))
        else:
            cells[name] = rows.nothing(name)
    return rows.change(cells)


def _text_answers(rows: Rows) -> Rows:
    t = rows.table
    typed = t.value_as_concept_id.isnull() & t.value_as_number.isnull()
    return rows.remove((t["_source"] == "PPI") & typed)


RULES = (
    Rule(
        "text.answers",
        1,
        "Reference 2, FreeTextSurveyResponse",
        "Survey answers that are neither a choice nor a number go.",
        _text_answers,
        tables("observation"),
    ),
    Rule("text.free", 1, "Reference 2, StringFields", "Every column that may hold free text is emptied.", _free_text),
    Rule(
        "text.source_values",
        1,
        "Reference 2, StringFields and FillSourceValueTextFields",
        "A source value stays only where it is the code of a known source concept.",
        _source_values,
    ),
)
