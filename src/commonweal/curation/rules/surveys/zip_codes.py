"""ZIP codes that can be one: five digits, or nine, that begin as ZIP codes of the country do."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables

INVALID, REMOVED = 2000000010, "Response removed due to invalid value"


def _stripped(rows: Rows) -> Rows:
    t = rows.table
    asked = t.observation_source_concept_id.isin(sorted(rows.facts.privacy.answers.zip_codes)).fill_null(False)
    return rows.change({"value_as_string": ibis.ifelse(asked, t.value_as_string.strip(), t.value_as_string)})


def _invalid(rows: Rows) -> Rows:
    t = rows.table
    wrong = t.p_invalid_zip.fill_null(False)
    return rows.change(
        {
            "value_as_number": ibis.ifelse(wrong, rows.nothing("value_as_number"), t.value_as_number),
            "value_as_string": ibis.ifelse(wrong, ibis.literal(REMOVED), t.value_as_string),
            "value_as_concept_id": ibis.ifelse(wrong, ibis.literal(INVALID, "int64"), t.value_as_concept_id),
            "value_source_value": ibis.ifelse(wrong, rows.nothing("value_source_value"), t.value_source_value),
        }
    )


RULES = (
    Rule(
        "surveys.zip_blanks",
        1,
        "Reference 2, UpdateInvalidZipCodes",
        "Blanks before and after a ZIP code go.",
        _stripped,
        tables("observation"),
        reason="A ZIP code with a blank is met by no rule that looks for ZIP codes.",
        parameters=("answers.zip_codes",),
    ),
    Rule(
        "surveys.invalid_zip",
        1,
        "Reference 2, UpdateInvalidZipCodes",
        "A ZIP code that is not five digits, or five and four, or whose first three digits are not in use, gives way to the"
        " concept of an answer removed as invalid.",
        _invalid,
        tables("observation"),
        reason="What is no ZIP code may be anything that someone typed.",
        parameters=("answers.zip_codes", "reference: zip3"),
    ),
)
