"""Answers, and the columns of a person, made coarser (reference, section 3)."""

import pytest

PNA, SKIP = 903079, 903096


def answer(question, value, **more):
    return {"observation_source_concept_id": question, "value_as_concept_id": value, **more}


@pytest.mark.parametrize(
    ("question", "value", "becomes"),
    [
        (1586140, 1586141, 2000000001),  # American Indian or Alaska Native
        (1586140, 1586144, 2000000001),
        (1586140, 1586145, 2000000001),
        (1586140, 1586142, 1586142),  # Asian, Black and White stay
        (1586140, 1586143, 1586143),
        (1586140, 1586146, 1586146),
        (1586140, 1586147, 1586147),  # Hispanic is told as ethnicity
        (1585899, 1585900, 1585900),  # straight stays
        (1585899, 1585901, 2000000003),
        (1585899, PNA, 2000000003),
        (1585899, SKIP, 2000000003),
        (1585845, 1585846, 1585846),
        (1585845, 1585848, 2000000009),
        (1585845, PNA, 2000000009),
        (1585838, 1585839, 1585839),
        (1585838, 1585842, 2000000002),
        (1585940, 1585941, 2000000007),
        (1585940, 1585944, 2000000007),
        (1585940, 1585945, 1585945),
        (1585940, 1585946, 1585946),
        (1585940, 1585948, 2000000006),
        (1585952, 1585954, 2000000004),
        (1585952, 1585960, 2000000005),
        (1585375, PNA, PNA),  # income is not generalised
    ],
)
def test_a_single_answer(ruled, question, value, becomes):
    assert ruled("generalise.answers", "observation", [answer(question, value)]).column("value_as_concept_id") == [
        becomes
    ]


@pytest.mark.parametrize(
    ("question", "several", "values", "become"),
    [
        (1586140, "race", (1586146, 1586143, 1586147), [2000000008, 2000000008, 1586147]),
        (1585838, "gender", (1585839, 1585842), [2000000002, 2000000002]),
        (1585899, "sexual_orientation", (1585900, 1585901), [2000000003, 2000000003]),
    ],
)
def test_several_answers_at_once(ruled, question, several, values, become):
    rows = [answer(question, v, p_several=[several]) for v in values]
    assert ruled("generalise.answers", "observation", rows).column("value_as_concept_id") == become


def test_a_gender_at_odds_with_sex_at_birth(ruled):
    row = answer(1585838, 1585839, p_conflicts=[1585839])
    assert ruled("generalise.answers", "observation", [row]).column("value_as_concept_id") == [2000000002]


def test_answers_that_became_the_same_stay_once(ruled):
    rows = [answer(1586140, 2000000008, p_repeated=r) for r in (None, False, True)]
    assert ruled("generalise.repeats", "observation", rows).removed == 1


@pytest.mark.parametrize(
    ("question", "number", "left", "concept"),
    [
        (1585889, 10, 10, None),
        (1585889, 11, None, 2000000013),
        (1585889, 19, None, 2000000013),
        (1585889, 20, None, 2000000010),
        (1585889, -1, None, 2000000010),
        (1585890, 5, 5, None),
        (1585890, 6, None, 2000000012),
        (1585795, 100, None, 2000000010),
        (1585795, 99, 99, None),
        (1585820, 255, 255, None),
        (1585820, 256, None, 2000000010),
    ],
)
def test_numbers_of_people_and_things(ruled, question, number, left, concept):
    row = {"observation_source_concept_id": question, "value_as_number": number}
    out = ruled("generalise.numbers", "observation", [row]).rows[0]
    assert (out["value_as_number"], out["value_as_concept_id"]) == (left, concept)


CODES = {
    2000000001: "WhatRaceEthnicity_GeneralizedPopulation",
    2000000002: "GenderIdentity_Generalized",
    2000000008: "WhatRaceEthnicity_GeneralizedMultPopulations",
    2000000009: "SexAtBirth_Generalized",
    2000000011: "AoUDRC_GeneralizedState",
}


@pytest.mark.parametrize(
    ("concept", "source", "several", "becomes"),
    [
        (8527, 1586146, [], (8527, 1586146, "own")),
        (8516, 1586143, [], (8516, 1586143, "own")),
        (8657, 1586141, [], (2000000001, 2000000001, CODES[2000000001])),
        (38003615, 1586144, [], (2000000001, 2000000001, CODES[2000000001])),
        (2000000008, 0, ["race"], (2000000008, 2000000008, CODES[2000000008])),
    ],
)
def test_race_of_a_person(ruled, concept, source, several, becomes):
    ruled.facts = {"codes": CODES}
    row = {
        "race_concept_id": concept,
        "race_source_concept_id": source,
        "race_source_value": "own",
        "p_several": several,
    }
    out = ruled("generalise.race", "person", [row]).rows[0]
    assert (out["race_concept_id"], out["race_source_concept_id"], out["race_source_value"]) == becomes


def test_gender_of_a_person(ruled):
    ruled.facts = {"codes": CODES}
    man = {"gender_concept_id": 8507, "gender_source_concept_id": 1585839, "gender_source_value": "GenderIdentity_Man"}
    other = {
        "gender_concept_id": 0,
        "gender_source_concept_id": 1585842,
        "gender_source_value": "GenderIdentity_Transgender",
    }
    silent = {"gender_concept_id": 8532, "gender_source_concept_id": 0, "gender_source_value": None}
    at_odds = man | {"p_conflicts": [1585839]}
    out = ruled("generalise.gender", "person", [man, other, silent, at_odds])
    assert out.column("gender_concept_id") == [8507, 2000000002, 8532, 2000000002]
    assert out.column("gender_source_value") == ["GenderIdentity_Man", CODES[2000000002], None, CODES[2000000002]]
    assert 1585842 not in out.column("gender_source_concept_id")


def test_sex_at_birth(ruled):
    ruled.facts = {"codes": CODES}
    rows = [
        {"sex_at_birth_concept_id": c, "sex_at_birth_source_concept_id": s, "sex_at_birth_source_value": v}
        for c, s, v in (
            (8532, 1585847, "SexAtBirth_Female"),
            (0, 1585848, "SexAtBirth_Intersex"),
            (8507, 0, "male"),
            (0, 0, "intersex"),
        )
    ]
    out = ruled("generalise.sex", "person_ext", rows)
    assert out.column("sex_at_birth_concept_id") == [8532, 2000000009, 8507, 2000000009]
    assert out.column("sex_at_birth_source_value") == ["SexAtBirth_Female", CODES[2000000009], None, CODES[2000000009]]


def test_state(ruled):
    ruled.facts = {"codes": CODES}
    rows = [
        {"state_of_residence_concept_id": 5, "state_of_residence_source_value": code, "p_small_state": small}
        for code, small in (("PIIState_CA", False), ("PIIState_WY", True), ("PIIState_Cal", False), (None, True))
    ]
    out = ruled("generalise.state", "person_ext", rows)
    assert out.column("state_of_residence_concept_id") == [5, 2000000011, 2000000011, 0]
    assert out.column("state_of_residence_source_value") == ["PIIState_CA", CODES[2000000011], CODES[2000000011], None]
