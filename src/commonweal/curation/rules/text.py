"""Nothing that someone typed is released; a source value only where it is a code of a vocabulary."""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule, among, tables


def _kept(rows: Rows) -> ir.BooleanValue:
    """Whether the row's text is one of the few that the tier lets stand (privacy.toml: kept_text)."""
    kept: ir.Value = ibis.literal(False)
    for listed in rows.facts.privacy.kept_text:
        asked = rows.table.observation_source_concept_id == listed.question
        kept = kept | among(asked, rows.table.value_as_string.re_search(f"^(?:{listed.pattern})$"))
    return kept


def _free_text(rows: Rows) -> Rows:
    cells = {name: rows.nothing(name) for name in rows.spec.named("free_text")}
    if rows.spec.name == "observation" and rows.facts.privacy.kept_text:
        ours = _kept(rows) & (rows.table["_source"] == "PPI")
        cells["value_as_string"] = ibis.ifelse(ours, rows.table.value_as_string, cells["value_as_string"])
    return rows.change(cells)


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
    return rows.remove(among((t["_source"] == "PPI") & typed, ~_kept(rows)))


RULES = (
    Rule(
        "text.answers",
        2,
        "Reference 2, FreeTextSurveyResponse",
        "Survey answers that are neither a choice nor a number go, but for the few that the tier lets stand whole, such as"
        " three digits of a ZIP code.",
        _text_answers,
        tables("observation"),
        reason="What people write themselves may name someone.",
        parameters=("kept_text",),
    ),
    Rule(
        "text.free",
        2,
        "Reference 2, StringFields",
        "Every column that may hold free text is emptied, but for answers that the tier lets stand whole.",
        _free_text,
        reason="What people or staff write may name someone.",
        parameters=("kept_text",),
    ),
    Rule(
        "text.source_values",
        1,
        "Reference 2, StringFields and FillSourceValueTextFields",
        "A source value stays only where it is the code of a known source concept.",
        _source_values,
        reason="What a site wrote where a code should stand may be anything.",
    ),
)
