"""Answers that would make a person stand out are made coarser (reference, section 3).

What becomes what is data of the program (privacy.toml: generalisations, number_limits). The columns of person and
person_ext follow the same map by a short list of what may stay.
"""

import ibis
import ibis.expr.types as ir

from commonweal.curation.rules.base import Rows, Rule, tables
from commonweal.protocol.privacy import Generalisation, TierPrivacy

SKIP, NO_ANSWER = 903096, 903079
RACE, SEX, GENDER = 1586140, 1585845, 1585838  # question concepts
GENERAL_RACE, MANY_RACES, GENERAL_GENDER, GENERAL_SEX = 2000000001, 2000000008, 2000000002, 2000000009
MALE, FEMALE = 8507, 8532
STATE_CODE = r"^PIIState_[A-Z]{2}$"


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
        found.append((asked & among & several.contains(g.id), _whole(g.several_becomes)))
    for conflict in g.conflicts:
        here = asked & (value == conflict.answer) & conflicts.contains(_whole(conflict.answer))
        found.append((here, _whole(conflict.becomes)))
    for mapped in g.mapped:
        found.append((asked & value.isin(sorted(mapped.answers)), _whole(mapped.becomes)))
    return found


def _whole(number: int) -> ir.Value:
    return ibis.literal(number, "int64")


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
        concept = ibis.ifelse(wrong, _whole(limit.invalid), concept)
        if limit.top_from is not None and limit.top is not None:
            high = (asked & ~wrong & (t.value_as_number >= limit.top_from)).fill_null(False)
            gone = gone | high
            concept = ibis.ifelse(high, _whole(limit.top), concept)
    number = ibis.ifelse(gone, rows.nothing("value_as_number"), t.value_as_number)
    text = ibis.ifelse(words, rows.nothing("value_as_string"), t.value_as_string)
    made = {"value_as_number": number, "value_as_string": text, "value_as_concept_id": concept}
    any_of = t.observation_source_concept_id.isin(
        sorted({q for limit in rows.facts.privacy.number_limits for q in limit.questions})
    )
    return rows.change({name: ibis.ifelse(any_of, value, t[name]) for name, value in made.items()})


def _gave_several(rows: Rows, question: int) -> ir.Value:
    """Whether the person gave several answers to a question, or ones at odds with others of theirs."""
    several: ir.Value = ibis.literal(False)
    for g in rows.facts.privacy.generalisations:
        if question in g.questions:
            several = several | rows.table.p_several.contains(g.id).fill_null(False)
            for conflict in g.conflicts:
                several = several | rows.table.p_conflicts.contains(_whole(conflict.answer)).fill_null(False)
    return several


def _code(rows: Rows, concept: ir.Value, own: ir.Value, kept: tuple[int, ...]) -> ir.Value:
    """The code beside a generalised concept: the row's own where the concept may stay, else that of the general one."""
    general = [(concept == number, code) for number, code in sorted(rows.facts.codes.items())]
    branches = [(concept.isin(kept), own), *general]
    return ibis.cases(*branches)


def _race(rows: Rows) -> Rows:
    t = rows.table
    answered = t.race_source_value.fill_null("") != ""
    general = ibis.ifelse(_gave_several(rows, RACE), _whole(MANY_RACES), _whole(GENERAL_RACE))
    race = ibis.ifelse(t.race_concept_id.isin([0, 8527, 8516, 8515, 2100000001]), t.race_concept_id, general)
    kept = (1586142, 1586143, 1586146)
    source = ibis.cases(
        (~answered, ibis.literal(0)), (t.race_source_concept_id.isin(kept), t.race_source_concept_id), else_=general
    )
    value = _code(rows, source, t.race_source_value, kept)
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
    plain = t.gender_concept_id.isin([MALE, FEMALE]) & ~_gave_several(rows, GENDER)
    general = ibis.ifelse(answered, GENERAL_GENDER, 0)
    kept = (1585839, 1585840)
    source = ibis.ifelse(plain & t.gender_source_concept_id.isin(kept), t.gender_source_concept_id, general)
    return rows.change(
        {
            "gender_concept_id": ibis.ifelse(plain, t.gender_concept_id, general),
            "gender_source_concept_id": source,
            "gender_source_value": _code(rows, source, t.gender_source_value, kept),
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
            "sex_at_birth_source_value": _code(rows, source, t.sex_at_birth_source_value, kept),
        }
    )


def _state(rows: Rows) -> Rows:
    t = rows.table
    code = t.state_of_residence_source_value
    coarse = t.p_small_state.fill_null(True) | ~code.re_search(STATE_CODE).fill_null(False)
    missing = code.isnull()
    becomes = rows.facts.privacy.small_state_becomes
    assert becomes is not None  # of a tier that names no small state
    concept = ibis.cases((missing, _whole(0)), (coarse, _whole(becomes)), else_=t.state_of_residence_concept_id)
    general = rows.facts.codes.get(becomes)
    value = ibis.ifelse(missing | ~coarse, code, ibis.literal(general, type="string"))
    return rows.change({"state_of_residence_concept_id": concept, "state_of_residence_source_value": value})


def _together(rows: Rows, topic: str, question: int, general: int) -> Rows:
    """Of the person's row: several answers become one concept that says so; a single answer stays."""
    t = rows.table
    code = ibis.literal(rows.facts.codes.get(general), type="string")
    many = _gave_several(rows, question)
    cells = {}
    for kind, instead in {
        "concept_id": _whole(general),
        "source_concept_id": _whole(general),
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
_STATE = Rule(
    "generalise.state",
    1,
    "Reference 2, GeneralizeStateByPopulation and ConflictingHpoStateGeneralize",
    "States with few participants, or at odds with where the person has records, are not told.",
    _state,
    tables("person_ext"),
    reason="The fewer take part in a state, the easier one of them is found; a state at odds with the site points to one.",
    parameters=("small_state", "small_state_becomes"),
)
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

RULES = (ANSWERS, REPEATS, NUMBERS, _RACE, _ETHNICITY, _GENDER, _SEX, _STATE)
CONTROLLED = (ANSWERS, REPEATS, NUMBERS, SEVERAL_RACES, SEVERAL_GENDERS, CODES_ONLY)

COLUMNS = frozenset(
    f"{topic}_{kind}"
    for topic in ("race", "ethnicity", "gender", "sex_at_birth", "state_of_residence")
    for kind in ("concept_id", "source_concept_id", "source_value")
)
"""The demographic columns that these rules see to; a column of that class which is not here has no rule."""
