"""Of the person's row in the registered tier: race, ethnicity, gender and sex follow the answers, by a short list of what may stay."""

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables
from commonweal.curation.rules.generalise.concepts import (
    FEMALE,
    GENDER,
    GENERAL_GENDER,
    GENERAL_RACE,
    GENERAL_SEX,
    MALE,
    MANY_RACES,
    NO_ANSWER,
    RACE,
    SKIP,
    code_of,
    gave_several,
    whole,
)


def _race(rows: Rows) -> Rows:
    t = rows.table
    answered = t.race_source_value.fill_null("") != ""
    general = ibis.ifelse(gave_several(rows, RACE), whole(MANY_RACES), whole(GENERAL_RACE))
    race = ibis.ifelse(t.race_concept_id.isin([0, 8527, 8516, 8515, 2100000001]), t.race_concept_id, general)
    kept = (1586142, 1586143, 1586146)
    source = ibis.cases(
        (~answered, ibis.literal(0)), (t.race_source_concept_id.isin(kept), t.race_source_concept_id), else_=general
    )
    value = code_of(rows, source, t.race_source_value, kept)
    return rows.change({"race_concept_id": race, "race_source_concept_id": source, "race_source_value": value})


def _ethnicity(rows: Rows) -> Rows:
    t = rows.table
    allowed = t.ethnicity_concept_id.isin([38003563, 38003564, NO_ANSWER, SKIP, 1586148])
    hispanic = t.ethnicity_source_concept_id == 1586147
    return rows.change(
        {
            "ethnicity_concept_id": ibis.ifelse(allowed, t.ethnicity_concept_id, 0),
            "ethnicity_source_concept_id": ibis.ifelse(hispanic, t.ethnicity_source_concept_id, 0),
            "ethnicity_source_value": ibis.ifelse(
                hispanic, t.ethnicity_source_value, rows.nothing("ethnicity_source_value")
            ),
        }
    )


def _gender(rows: Rows) -> Rows:
    t = rows.table
    answered = t.gender_source_value.fill_null("") != ""
    plain = t.gender_concept_id.isin([MALE, FEMALE]) & ~gave_several(rows, GENDER)
    general = ibis.ifelse(answered, GENERAL_GENDER, 0)
    kept = (1585839, 1585840)
    source = ibis.ifelse(plain & t.gender_source_concept_id.isin(kept), t.gender_source_concept_id, general)
    return rows.change(
        {
            "gender_concept_id": ibis.ifelse(plain, t.gender_concept_id, general),
            "gender_source_concept_id": source,
            "gender_source_value": code_of(rows, source, t.gender_source_value, kept),
        }
    )


def _sex(rows: Rows) -> Rows:
    t = rows.table
    plain = t.sex_at_birth_concept_id.isin([MALE, FEMALE])
    kept = (1585846, 1585847)
    source = ibis.cases(
        (t.sex_at_birth_source_concept_id.isin(kept), t.sex_at_birth_source_concept_id),
        (plain, ibis.literal(0)),
        else_=ibis.literal(GENERAL_SEX),
    )
    return rows.change(
        {
            "sex_at_birth_concept_id": ibis.ifelse(plain, t.sex_at_birth_concept_id, GENERAL_SEX),
            "sex_at_birth_source_concept_id": source,
            "sex_at_birth_source_value": code_of(rows, source, t.sex_at_birth_source_value, kept),
        }
    )


_RACE = Rule(
    "generalise.race",
    1,
    "Reference 3",
    "Race of a person: White, Black, Asian, another single population, more than one, or none.",
    _race,
    tables("person"),
    reason="Small populations, and combinations of them, point to a person within a state.",
    parameters=("generalisations",),
)
_ETHNICITY = Rule(
    "generalise.ethnicity",
    1,
    "Reference 3",
    "Ethnicity of a person: Hispanic, not, or why it is not known.",
    _ethnicity,
    tables("person"),
    reason="Origins told more closely are small groups.",
)
_GENDER = Rule(
    "generalise.gender",
    1,
    "Reference 3",
    "Gender of a person: a man, a woman, or neither of these alone.",
    _gender,
    tables("person"),
    reason="Other answers, and those that differ from sex at birth, are rare and can harm.",
    parameters=("generalisations",),
)
_SEX = Rule(
    "generalise.sex",
    1,
    "Reference 3",
    "Sex at birth: male, female, or neither of these.",
    _sex,
    tables("person_ext"),
    reason="Other answers are rare and can harm.",
)

RULES = (_RACE, _ETHNICITY, _GENDER, _SEX)
