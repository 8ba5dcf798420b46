"""Where people live, in the controlled tier: the first three digits of a ZIP code, and of some not even those.

Three digits are what HIPAA's rule of safe harbour lets stand for a place, if 20,000 people live there (45 CFR
164.514(b)(2)(i)(B)); smaller areas are told as a neighbour's. Of American Indian and Alaska Native people neither area nor
state is told, for in many areas few live and a tribe is known by its place.
"""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule, tables

ZIP, STATE = 1585250, 1585249  # question concepts
INVALID, NO_STATE = 2000000010, 2000000011
NOWHERE = "000**"
_WHOLE = r"^\s*[0-9]{5}(-?[0-9]{4})?\s*$"
_COARSE = r"^[0-9]{3}\*\*$"


def _asked(rows: Rows, question: int) -> ir.BooleanValue:
    return (rows.table["_source"] == "PPI") & (rows.table.observation_source_concept_id == question).fill_null(False)


def _three_digits(rows: Rows) -> Rows:
    """12345 becomes 123**; what is no ZIP code becomes an invalid answer without text."""
    t, typed = rows.table, rows.table.value_as_string
    coarse = _asked(rows, ZIP) & typed.re_search(_COARSE).fill_null(False)
    whole = _asked(rows, ZIP) & typed.re_search(_WHOLE).fill_null(False)
    wrong = _asked(rows, ZIP) & typed.notnull() & ~coarse & ~whole
    text = ibis.cases(
        (whole, typed.strip().substr(0, 3).concat("**")), (wrong, rows.nothing("value_as_string")), else_=typed
    )
    number = ibis.ifelse(_asked(rows, ZIP), rows.nothing("value_as_number"), t.value_as_number)
    concept = ibis.ifelse(wrong, ibis.literal(INVALID, "int64"), t.value_as_concept_id)
    source = ibis.ifelse(_asked(rows, ZIP), rows.nothing("value_source_value"), t.value_source_value)
    return rows.change(
        {
            "value_as_string": text,
            "value_as_number": number,
            "value_as_concept_id": concept,
            "value_source_value": source,
        }
    )


def _few_people(rows: Rows) -> Rows:
    typed = rows.table.value_as_string
    begins = typed.substr(0, 3)
    areas = [
        (_asked(rows, ZIP) & begins.isin(area.begins), ibis.literal(f"{area.becomes}**"))
        for area in rows.facts.privacy.zip_areas
    ]
    return rows.change({"value_as_string": ibis.cases(*areas, else_=typed)}) if areas else rows


def _native(rows: Rows) -> ir.BooleanValue:
    return rows.table.p_native.fill_null(False)


def _native_places(rows: Rows) -> Rows:
    t = rows.table
    no_zip = _native(rows) & _asked(rows, ZIP) & t.value_as_string.notnull()
    no_state = _native(rows) & _asked(rows, STATE)
    return rows.change(
        {
            "value_as_string": ibis.ifelse(no_zip, ibis.literal(NOWHERE), t.value_as_string),
            "value_as_concept_id": ibis.ifelse(no_state, ibis.literal(NO_STATE, "int64"), t.value_as_concept_id),
        }
    )


def _native_state(rows: Rows) -> Rows:
    t = rows.table
    told = _native(rows) & t.state_of_residence_source_value.notnull()
    code = ibis.literal(rows.facts.codes.get(NO_STATE), type="string")
    return rows.change(
        {
            "state_of_residence_concept_id": ibis.ifelse(
                told, ibis.literal(NO_STATE, "int64"), t.state_of_residence_concept_id
            ),
            "state_of_residence_source_value": ibis.ifelse(told, code, t.state_of_residence_source_value),
        }
    )


CONTROLLED = (
    Rule(
        "places.three_digits",
        1,
        "Reference 2, GeneralizeZipCodes and UpdateInvalidZipCodes",
        "Of a ZIP code the first three digits stay, with ** for the others; what is no ZIP code becomes an invalid answer.",
        _three_digits,
        tables("observation"),
        reason="Five digits and a year of birth leave few people; three let research look at where people live.",
    ),
    Rule(
        "places.few_people",
        1,
        "Reference 2, AggregateZipCodes; HIPAA, 45 CFR 164.514(b)(2)(i)(B)",
        "Areas of three digits in which 20,000 people or fewer live are told as the area beside them in their state.",
        _few_people,
        tables("observation"),
        reason="In a thinly settled area three digits are as telling as five.",
        parameters=("zip_areas",),
    ),
    Rule(
        "places.native_places",
        1,
        "Reference 2, DeidentifyAIANZip3Values",
        "Answers of American Indian and Alaska Native people on where they live: ZIP code 000**, state not told.",
        _native_places,
        tables("observation"),
        reason="A tribe is known by its place, and tribes have asked not to be told apart.",
    ),
    Rule(
        "places.native_state",
        1,
        "Reference 2, DeidentifyAIANZip3Values",
        "The state of American Indian and Alaska Native people is not told.",
        _native_state,
        tables("person_ext"),
        reason="A tribe is known by its place, and tribes have asked not to be told apart.",
    ),
)
