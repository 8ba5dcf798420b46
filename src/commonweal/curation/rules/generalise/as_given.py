"""The person's row where answers stay as they were given (controlled tier): several are told as such, and codes alone stay."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables
from commonweal.curation.rules.generalise.concepts import (
    GENDER,
    GENERAL_GENDER,
    MANY_RACES,
    RACE,
    STATE_CODE,
    gave_several,
    whole,
)


def _together(rows: Rows, topic: str, question: int, general: int) -> Rows:
    """Of the person's row: several answers become one concept that says so; a single answer stays."""
    t = rows.table
    code = ibis.literal(rows.facts.codes.get(general), type="string")
    many = gave_several(rows, question)
    cells = {}
    for kind, instead in {
        "concept_id": whole(general),
        "source_concept_id": whole(general),
        "source_value": code,
    }.items():
        name = f"{topic}_{kind}"
        cells[name] = ibis.ifelse(many, instead, t[name])
    return rows.change(cells)


def _several_races(rows: Rows) -> Rows:
    return _together(rows, "race", RACE, MANY_RACES)


def _several_genders(rows: Rows) -> Rows:
    return _together(rows, "gender", GENDER, GENERAL_GENDER)


def _codes_only(rows: Rows) -> Rows:
    """Codes beside demographic concepts: only where the source concept is known; a state of the field's own form."""
    t, cells = rows.table, {}
    for column in rows.spec.columns:
        if column.privacy != "demographic" or column.type != "string":
            continue
        concept = column.name.replace("_source_value", "_source_concept_id")
        if rows.has(concept):
            known = t[concept].fill_null(0) != 0
        else:
            general = sorted(rows.facts.codes.values())
            known = (t[column.name].re_search(STATE_CODE) | t[column.name].isin(general)).fill_null(False)
        cells[column.name] = ibis.ifelse(known, t[column.name], rows.nothing(column.name))
    return rows.change(cells)


SEVERAL_RACES = Rule(
    "generalise.several_races",
    1,
    "Reference 2, controlled tier: person row",
    "Where somebody gave several races, the person's row says that there are several; a single one is told as it is, and"
    " the answers themselves stay.",
    _several_races,
    tables("person"),
    reason="The row has place for one race, and none of several is the first.",
    parameters=("generalisations",),
)
SEVERAL_GENDERS = Rule(
    "generalise.several_genders",
    1,
    "Reference 2, controlled tier: person row",
    "Where somebody gave several genders, the person's row says so; a single one is told as it is, and the answers stay.",
    _several_genders,
    tables("person"),
    reason="The row has place for one gender, and none of several is the first.",
    parameters=("generalisations",),
)
CODES_ONLY = Rule(
    "generalise.codes_only",
    1,
    "Reference 2, StringFields (controlled tier: person row)",
    "What stands beside race, ethnicity, gender, sex and state stays only where it is the code of a known concept.",
    _codes_only,
    tables("person", "person_ext"),
    reason="Anything else is what staff or another program wrote.",
)

RULES = (SEVERAL_RACES, SEVERAL_GENDERS, CODES_ONLY)
