"""Whole rows that are not released: questions and diagnoses by which a person could be found in the news or the street.

Concepts are listed by the program (privacy.toml: suppressed_concepts, suppressed_codes), by id, by descent and by pattern
of their code. The questions below are a floor that no program can take away.
"""

import re

import ibis

from commonweal.curation.rules.base import Rows, Rule, tables

_IN_BOTH = (
    r"freetext|textbox",
    r"^aian_aianspecific$|^aianspecific_",
    r"^socialsecurity_|workaddress",
    r"^secondarycontact|^personone|^secondcontact|^streetaddress_(?!piizip$|piistate$)|^piiname_|^piibirth|^piicontact|^piiaddress",
    r"history_whichconditions$|additionaldiagnosis|outsidetravel6monthswhere|organtransplantdescription|sectionparticipation",
    r"sitepairing|_city|arizonaspecific|michigan|_country|extraconsent_.*(care|registered)",
    r"signature|todaysdate|^consentpii_(emailaddress|verifiedprimaryphonenumber)|^notes$",
)
_REGISTERED_ALONE = (
    r"^(asian|black|hispanic|mena|nhpi|white)_(aian|asian|black|hispanic|mena|nhpi|white)specific$",
    r"^gender_closergenderdescription$|^genderidentity_sexualitycloserdescription$",
    r"^activeduty_|^livingsituation_currentliving$|^streetaddress_",
)
CONTROLLED_PATTERN = re.compile("|".join(_IN_BOTH))
"""Codes of survey questions (lower case) whose answers no tier has: contacts, places below three digits, tribes, text."""

QUESTION_PATTERN = re.compile("|".join(_IN_BOTH + _REGISTERED_ALONE))
"""Those whose answers the registered tier does not have: also sub-categories, living situation, active duty, ZIP codes."""

_FROM_BIRTH = (4013886, 4135376, 4271761)  # race, ethnicity and gender as sites tell them, dated by the birth


def is_suppressed(question: str) -> bool:
    """Whether answers to the question of this code never reach the registered tier, whatever the program's lists say."""
    return QUESTION_PATTERN.search(question.lower()) is not None


def _questions(rows: Rows) -> Rows:
    t = rows.table
    return rows.remove((t["_source"] == "PPI") & t.observation_source_value.isin(sorted(rows.facts.questions)))


def _contact_questions(rows: Rows) -> Rows:
    """As above, of the codes that the controlled tier does not have either."""
    gone = sorted(code for code in rows.facts.questions if CONTROLLED_PATTERN.search(code.lower()))
    return rows.remove((rows.table["_source"] == "PPI") & rows.table.observation_source_value.isin(gone))


def _near_birth(rows: Rows) -> Rows:
    if rows.main_date is None:
        return rows
    near = rows.day.year() - rows.table.p_birth_date.year() <= 1
    if rows.spec.name == "observation":
        near = near & ~rows.table.observation_concept_id.isin(_FROM_BIRTH).fill_null(False)
    return rows.remove(near)


def _unknown_questions(rows: Rows) -> Rows:
    t = rows.table
    return rows.remove((t["_source"] == "PPI") & (t.observation_source_concept_id == 0))


def _older_answers(rows: Rows) -> Rows:
    return rows.remove(rows.table.p_older.fill_null(False))


def _concepts(rows: Rows) -> Rows:
    """Only columns in which such a concept stands are asked: a list costs time in each."""
    names = [c.name for c in rows.spec.columns if c.name.endswith("_concept_id") and c.privacy == "clinical"]
    listed = {name: rows.facts.suppressed.get(f"{rows.spec.name}.{name}", ()) for name in names}
    hits = [rows.table[name].isin(concepts) for name, concepts in listed.items() if concepts]
    return rows.remove(ibis.or_(*(hit.fill_null(False) for hit in hits))) if hits else rows


def _cause_of_death(rows: Rows) -> Rows:
    return rows.change({name: rows.nothing(name) for name in ("cause_concept_id", "cause_source_concept_id")})


OLDER_ANSWERS = Rule(
    "suppress.older_answers",
    1,
    "Reference 2, DropPpiDuplicateResponses",
    "Of a question that was answered again the latest answer counts.",
    _older_answers,
    tables("observation"),
    reason="A person who answers again means the new answer.",
)
UNKNOWN_QUESTIONS = Rule(
    "suppress.unknown_questions",
    1,
    "House: what no rule can know is not released",
    "Answers to questions that the vocabulary does not know go.",
    _unknown_questions,
    tables("observation"),
    reason="Whether such an answer names someone cannot be told.",
)
QUESTIONS = Rule(
    "suppress.questions",
    2,
    "Reference 2 and 7; SectionParticipation, Cancer, RTObservationPrivacy",
    "Answers on sub-categories of race, living situation, active duty, addresses, contacts and places go, and text.",
    _questions,
    tables("observation"),
    reason="They name a person, or a group so small that it does.",
)
CONTACT_QUESTIONS = Rule(
    "suppress.contact_questions",
    1,
    "Reference 2, ExplicitIdentifier, GeoLocation, SectionParticipation, Cancer (controlled tier)",
    "Answers on addresses, contacts, tribes, cities, countries and sites go, and text; sub-categories stay.",
    _contact_questions,
    tables("observation"),
    reason="They name a person, or a place below the three digits of a ZIP code.",
)
CONCEPTS = Rule(
    "suppress.concepts",
    2,
    "Reference 3 and 8; RTAdditionalPrivacy, CTAdditionalPrivacy, BirthInformation, VehicularAccident,"
    " MotorVehicleAccident, COPE suppression of both tiers, RecentConceptSuppression",
    "Rows with a concept of the tier's suppression lists, in any clinical concept column, go: by id, by descent and by"
    " pattern of their code; where the tier says so, also codes that came into use shortly before the cutoff.",
    _concepts,
    reason="Accidents, assaults, births and deaths are in the news and in public records, where a name stands beside them.",
    parameters=("suppressed_concepts", "suppressed_codes", "recent_concept_days"),
)
CAUSE_OF_DEATH = Rule(
    "suppress.cause_of_death",
    1,
    "Reference 3",
    "Causes of death are emptied.",
    _cause_of_death,
    tables("death"),
    reason="Registers of deaths are public in many places.",
)
NEAR_BIRTH = Rule(
    "suppress.near_birth",
    1,
    "Reference 2, YearOfBirthRecords (controlled tier); decision record 0036",
    "Rows dated in the calendar year of birth, or in the one after, go; but for race, ethnicity and gender as sites tell them.",
    _near_birth,
    reason="Where dates are real, the first of a newborn's rows tells the day of birth. Whole calendar years go, for a cut"
    " at the first birthday would tell it too.",
)

RULES = (OLDER_ANSWERS, UNKNOWN_QUESTIONS, QUESTIONS, CONCEPTS, CAUSE_OF_DEATH)
CONTROLLED = (OLDER_ANSWERS, UNKNOWN_QUESTIONS, CONTACT_QUESTIONS, CONCEPTS, NEAR_BIRTH)
