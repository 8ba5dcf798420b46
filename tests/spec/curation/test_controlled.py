"""What the controlled tier does in another way than the registered one (reference, sections 2, 3 and 7; decision 0036)."""

from datetime import date, datetime

import pytest

from commonweal.curation.findings import native
from commonweal.curation.tiers import CONTROLLED, REGISTERED
from tests.spec.curation.conftest import CUTOFF

ZIP, STATE, RACE, INSURANCE = 1585250, 1585249, 1586140, 43528428


def _answer(question, **more):
    return {"observation_source_concept_id": question, **more}


# Dates and birth


def test_of_birth_the_real_year_is_left(ruled):
    row = {"year_of_birth": 1960, "month_of_birth": 1, "day_of_birth": 5, "birth_datetime": datetime(1960, 1, 5)}
    out = ruled("dates.birth_year", "person", [row], tier="controlled", p_birth_date=date(1960, 1, 5), p_shift=5)
    assert out.rows[0]["year_of_birth"] == 1960
    assert [out.rows[0][n] for n in ("month_of_birth", "day_of_birth", "birth_datetime")] == [None] * 3


def test_dates_are_real_and_end_at_the_cutoff(ruled):
    later = date(2026, 7, 1)
    rows = [
        {"visit_occurrence_id": 1, "visit_start_date": CUTOFF, "visit_end_date": later},
        {"visit_occurrence_id": 2, "visit_start_date": later, "visit_end_date": later},
        {"visit_occurrence_id": 3, "visit_start_date": date(2020, 3, 1), "visit_end_date": date(2020, 3, 2)},
    ]
    out = ruled("dates.trim", "visit_occurrence", rows, tier="controlled", p_shift=100)
    assert out.column("visit_occurrence_id") == [1, 3]
    assert out.column("visit_start_date") == [CUTOFF, date(2020, 3, 1)]
    assert out.column("visit_end_date") == [CUTOFF, date(2020, 3, 2)]


def test_no_rule_of_the_controlled_tier_shifts_or_looks_at_the_age():
    kept = {rule.id for rule in CONTROLLED.rules}
    assert {rule.id for rule in REGISTERED.rules} - kept == {
        "dates.shift", "dates.birth", "lifecycle.very_old", "suppress.questions", "suppress.cause_of_death",
        "generalise.race", "generalise.ethnicity", "generalise.gender", "generalise.sex", "generalise.state",
        "wearables.clock_change", "wearables.devices",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "concept", "stays"),
    [
        (date(1960, 5, 20), 0, False),
        (date(1960, 12, 31), 0, False),
        (date(1961, 12, 31), 0, False),  # a cut at the first birthday would tell it
        (date(1962, 1, 1), 0, True),
        (date(1960, 5, 20), 4013886, True),  # race, ethnicity and gender of a site
        (date(1960, 5, 20), 4135376, True),
        (date(1960, 5, 20), 4271761, True),
    ],
)
def test_rows_of_the_first_two_calendar_years_go(ruled, day, concept, stays):
    rows = [{"observation_date": day, "observation_concept_id": concept}]
    out = ruled("suppress.near_birth", "observation", rows, tier="controlled", p_birth_date=date(1960, 5, 20))
    assert bool(out.rows) is stays


def test_rows_of_infancy_go_from_every_table_with_dates(ruled):
    rows = [{"condition_start_date": date(1961, 2, 3)}, {"condition_start_date": date(1970, 2, 3)}]
    out = ruled("suppress.near_birth", "condition_occurrence", rows, tier="controlled")
    assert out.column("condition_start_date") == [date(1970, 2, 3)]
    assert ruled("suppress.near_birth", "person", [{"year_of_birth": 1960}], tier="controlled").removed == 0


# Where somebody lives


@pytest.mark.parametrize(
    ("typed", "told", "concept"),
    [
        ("53202", "532**", None),
        (" 53202-1234 ", "532**", None),
        ("532021234", "532**", None),
        ("532**", "532**", None),  # done before
        ("5320", None, 2000000010),
        ("Milwaukee", None, 2000000010),
        (None, None, None),
    ],
)
def test_of_a_zip_code_three_digits_stay(ruled, typed, told, concept):
    rows = [_answer(ZIP, value_as_string=typed, value_source_value=typed)]
    out = ruled("places.three_digits", "observation", rows, tier="controlled").rows[0]
    assert (out["value_as_string"], out["value_as_concept_id"], out["value_source_value"]) == (told, concept, None)


def test_other_text_is_no_zip_code(ruled):
    rows = [
        _answer(1585857, value_as_string="53202"),
        _answer(ZIP, value_as_string="53202", _source="site-a"),
    ]
    assert (
        ruled("places.three_digits", "observation", rows, tier="controlled").column("value_as_string") == ["53202"] * 2
    )


@pytest.mark.parametrize(
    ("told", "becomes"), [("036**", "034**"), ("204**", "200**"), ("753**", "752**"), ("532**", "532**")]
)
def test_an_area_with_few_people_is_told_as_its_neighbour(ruled, told, becomes):
    rows = [_answer(ZIP, value_as_string=told), _answer(1585857, value_as_string=told)]
    out = ruled("places.few_people", "observation", rows, tier="controlled")
    assert out.column("value_as_string") == [becomes, told]


def test_the_place_of_native_people_is_not_told(ruled):
    rows = [
        _answer(ZIP, value_as_string="860**", p_native=True),
        _answer(STATE, value_as_concept_id=1585266, p_native=True),
        _answer(ZIP, value_as_string="860**"),
        _answer(STATE, value_as_concept_id=1585266, p_native=False),
        _answer(ZIP, value_as_concept_id=903096, p_native=True),  # left open: says nothing of a place
    ]
    out = ruled("places.native_places", "observation", rows, tier="controlled")
    assert out.column("value_as_string") == ["000**", None, "860**", None, None]
    assert out.column("value_as_concept_id") == [None, 2000000011, None, 1585266, 903096]


def test_the_state_of_native_people_is_not_told(ruled):
    ruled.facts = {"codes": {2000000011: "PIIState_Generalized"}}
    row = {"state_of_residence_concept_id": 1585266, "state_of_residence_source_value": "PIIState_AZ"}
    rows = [row | {"p_native": True}, row, {"state_of_residence_concept_id": 0, "p_native": True}]
    out = ruled("places.native_state", "person_ext", rows, tier="controlled")
    assert out.column("state_of_residence_concept_id") == [2000000011, 1585266, 0]
    assert out.column("state_of_residence_source_value") == ["PIIState_Generalized", "PIIState_AZ", None]


def test_native_people_are_those_who_said_so(finding):
    people = [
        {"person_id": 1, "race_source_value": "WhatRaceEthnicity_AIAN"},
        {"person_id": 2, "race_source_value": "WhatRaceEthnicity_AIAN|WhatRaceEthnicity_White"},
        {"person_id": 3, "race_source_value": "WhatRaceEthnicity_Asian"},
        {"person_id": 4, "race_concept_id": 8657},
        {"person_id": 5},
    ]
    asked = [
        {"observation_id": 10 * who + n, "person_id": who, "observation_source_concept_id": question}
        for who in range(1, 6)
        for n, question in enumerate((ZIP, STATE, RACE))
    ]
    rows, people_found = native.FINDINGS
    assert finding(people_found, person=people, tier="controlled") == {n: {"p_native": True} for n in (1, 2, 4)}
    found = finding(rows, person=people, observation=asked, tier="controlled")
    assert found == {n: {"p_native": True} for n in (10, 11, 20, 21, 40, 41)}


# What people are, and what they answered


@pytest.mark.parametrize(
    ("topic", "rule", "general"),
    [("race", "generalise.several_races", 2000000008), ("gender", "generalise.several_genders", 2000000002)],
)
def test_the_persons_row_says_that_there_are_several(ruled, topic, rule, general):
    ruled.facts = {"codes": {general: "General"}}
    names = [f"{topic}_{kind}" for kind in ("concept_id", "source_concept_id", "source_value")]
    row = dict(zip(names, (8657, 1586141, "Own"), strict=True))
    out = ruled(rule, "person", [row | {"p_several": [topic]}, row], tier="controlled")
    assert [[r[n] for n in names] for r in out.rows] == [[general, general, "General"], [8657, 1586141, "Own"]]


def test_answers_on_race_gender_schooling_and_work_stay(ruled):
    given = [(RACE, 1586141), (1585838, 1585842), (1585899, 1585901), (1585940, 1585948), (1585952, 1585960)]
    rows = [_answer(q, value_as_concept_id=v, p_several=["race", "gender"]) for q, v in given]
    out = ruled("generalise.answers", "observation", rows, tier="controlled")
    assert out.column("value_as_concept_id") == [v for _, v in given] and out.cells == 0


@pytest.mark.parametrize("tier", ["registered", "controlled"])
@pytest.mark.parametrize(
    ("question", "value", "becomes"),
    [
        (INSURANCE, 43529111, 43528423),  # Indian Health Service -> another plan
        (1384450, 1384516, 1384595),
        (2100100076, 2100100083, 2100100085),
        (INSURANCE, 43529926, 43529926),  # Veterans Affairs stays
    ],
)
def test_care_by_the_indian_health_service_is_told_in_no_tier(ruled, tier, question, value, becomes):
    rows = [_answer(question, value_as_concept_id=value)]
    out = ruled("generalise.answers", "observation", rows, tier=tier)
    assert out.column("value_as_concept_id") == [becomes]


@pytest.mark.parametrize(
    ("question", "value", "registered"),
    [
        (1332737, 1332904, 1333127),
        (1332737, 1333140, 1333127),
        (1332843, 1333341, 2000000004),
        (1332843, 1333321, 2000000004),
        *((1332843, value, 2000000005) for value in (1333224, 1333132, 1332926, 1332757, 1332716, 1333197)),
    ],
)
def test_insurance_and_work_in_the_cope_surveys(ruled, question, value, registered):
    rows = [_answer(question, value_as_concept_id=value)]
    for tier, becomes in {"registered": registered, "controlled": value}.items():
        assert ruled("generalise.answers", "observation", rows, tier=tier).column("value_as_concept_id") == [becomes]


@pytest.mark.parametrize("tier", ["registered", "controlled"])
def test_large_households_are_a_group_in_both_tiers(ruled, tier):
    rows = [_answer(question, value_as_number=12.0) for question in (1585889, 1333015, 1585890, 1333023)]
    out = ruled("generalise.numbers", "observation", rows, tier=tier)
    assert out.column("value_as_concept_id") == [2000000013, 2000000013, 2000000012, 2000000012]


def test_a_code_beside_a_person_stays_only_with_its_concept(ruled):
    rows = [
        {"gender_source_value": "GenderIdentity_Woman", "gender_source_concept_id": 1585840},
        {"gender_source_value": "call Ana", "gender_source_concept_id": 0},
    ]
    out = ruled("generalise.codes_only", "person", rows, tier="controlled")
    assert out.column("gender_source_value") == ["GenderIdentity_Woman", None]
    states = [{"state_of_residence_source_value": v} for v in ("PIIState_WI", "Wisconsin, near Ana", None)]
    out = ruled("generalise.codes_only", "person_ext", states, tier="controlled")
    assert out.column("state_of_residence_source_value") == ["PIIState_WI", None, None]


def test_which_questions_the_controlled_tier_has_beyond_the_registered(ruled):
    stay = ["Asian_AsianSpecific", "LivingSituation_CurrentLiving", "ActiveDuty_AvtiveDutyServeStatus",
            "Gender_CloserGenderDescription", "StreetAddress_PIIZIP", "StreetAddress_PIIState"]  # fmt: skip
    go = ["AIAN_AIANSpecific", "SocialSecurity_SocialSecurityNumber", "StreetAddress_PIICity", "PIIName_First",
          "MichiganSitePairing_LiveInFollowingAreas", "ExtraConsent_Signature", "EmploymentWorkAddress_Country",
          "TheBasics_CountryBornTextBox", "SecondaryContactInfo_FirstContactsInfo"]  # fmt: skip
    ruled.facts = {"questions": tuple(stay + go)}
    rows = [{"observation_source_value": code} for code in stay + go]
    kept = ruled("suppress.contact_questions", "observation", rows, tier="controlled")
    assert kept.column("observation_source_value") == stay
    assert ruled("suppress.questions", "observation", rows).rows == []


# Text


def test_three_digits_and_a_day_are_the_only_text_that_stands(ruled):
    rows = [
        _answer(ZIP, value_as_string="532**"),
        _answer(ZIP, value_as_string="53202"),
        _answer(715711, value_as_string="2020-03-29"),
        _answer(715711, value_as_string="when Ana came, 2020-03-29"),
        _answer(1585857, value_as_string="532**"),
        _answer(ZIP, value_as_string="532**\nAna"),
    ]
    out = ruled("text.answers", "observation", rows, tier="controlled")
    assert out.column("value_as_string") == ["532**", "2020-03-29"]
    out = ruled("text.free", "observation", rows, tier="controlled")
    assert out.column("value_as_string") == ["532**", None, "2020-03-29", None, None, None]
    assert ruled("text.answers", "observation", rows).rows == []
    assert ruled("text.free", "observation", rows).column("value_as_string") == [None] * 6


def test_text_of_a_site_never_stands(ruled):
    rows = [_answer(ZIP, value_as_string="532**", _source="site-a")]
    assert ruled("text.free", "observation", rows, tier="controlled").column("value_as_string") == [None]
