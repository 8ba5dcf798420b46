"""Whole rows that are not released: questions and diagnoses by which a person could be found in the news or the street.

Concepts are listed by the program (privacy.toml: suppressed_concepts, suppressed_codes), by id, by descent and by pattern
of their code. The questions below are a floor that no program can take away.
"""

import re

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables

QUESTION_PATTERN = re.compile(
    "|".join(
        (
            r"freetext|textbox",
            r"^(aian|asian|black|hispanic|mena|nhpi|white)_(aian|asian|black|hispanic|mena|nhpi|white)specific$",
            r"^gender_closergenderdescription$|^genderidentity_sexualitycloserdescription$",
            r"^activeduty_|^livingsituation_currentliving$|^socialsecurity_|workaddress",
            r"^secondarycontact|^personone|^secondcontact|^streetaddress_|^piiname_|^piibirth|^piicontact|^piiaddress",
            r"history_whichconditions$|additionaldiagnosis|outsidetravel6monthswhere|organtransplantdescription|sectionparticipation",
        )
    )
)
"""Codes of survey questions (lower case) whose answers go: sub-categories, living situation, active duty, contacts, text."""


def is_suppressed(question: str) -> bool:
    """Whether answers to the survey question of this code are never released, whatever the program's lists say."""
    return QUESTION_PATTERN.search(question.lower()) is not None


def _questions(rows: Rows) -> Rows:
    t = rows.table
    return rows.remove((t["_source"] == "PPI") & t.observation_source_value.isin(sorted(rows.facts.questions)))


def _unknown_questions(rows: Rows) -> Rows:
    t = rows.table
    return rows.remove((t["_source"] == "PPI") & (t.observation_source_concept_id == 0))


def _older_answers(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_older.fill_null(False))


def _concepts(rows: Rows) -> Rows:
    names = [c.name for c in rows.spec.columns if c.name.endswith("_concept_id") and c.privacy == "clinical"]
    listed = sorted(rows.facts.suppressed)
    if not names or not listed:
        return rows
    hit = ibis.literal(False)
    for name in names:
        hit = hit | rows.table[name].isin(listed).fill_null(False)
    return rows.remove(hit)


def _cause_of_death(rows: Rows) -> Rows:
    return rows.change({name: rows.nothing(name) for name in ("cause_concept_id", "cause_source_concept_id")})


RULES = (
    Rule(
        "suppress.older_answers",
        1,
        "Reference 2, DropPpiDuplicateResponses",
        "Of a question that was answered again the latest answer counts.",
        _older_answers,
        tables("observation"),
    ),
    Rule(
        "suppress.unknown_questions",
        1,
        "House: what no rule can know is not released",
        "Answers to questions that the vocabulary does not know go.",
        _unknown_questions,
        tables("observation"),
    ),
    Rule(
        "suppress.questions",
        1,
        "Reference 2 and 7",
        "Sub-categories of race, living situation, active duty, contacts and text questions go.",
        _questions,
        tables("observation"),
    ),
    Rule(
        "suppress.concepts",
        1,
        "Reference 3 and 8",
        "Rows with a concept of the suppression lists, in any clinical concept column, go.",
        _concepts,
    ),
    Rule(
        "suppress.cause_of_death",
        1,
        "Reference 3",
        "Causes of death are emptied.",
        _cause_of_death,
        tables("death"),
    ),
)
