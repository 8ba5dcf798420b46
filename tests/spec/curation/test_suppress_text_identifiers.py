"""Rows that go altogether; text that is emptied; ids that are replaced."""

import pytest

from commonweal.curation.extract.run import TABLES
from commonweal.curation.rules import suppress
from commonweal.curation.tiers import REGISTERED, TIERS, uncovered
from commonweal.omop.tables import Column, Table, tables
from tests.spec.curation.conftest import everywhere


@pytest.mark.parametrize(
    ("code", "goes"),
    [
        ("AIAN_AIANSpecific", True),
        ("NHPINoneOfTheseDescribeMe_NHPIFreeText", True),
        ("TheBasics_CountryBornTextBox", True),
        ("EmploymentWorkAddress_ZipCode", True),
        ("SocialSecurity_SocialSecurityNumber", True),
        ("SecondaryContactInfo_FirstContactsInfo", True),
        ("ActiveDuty_AvtiveDutyServeStatus", True),
        ("LivingSituation_CurrentLiving", True),
        ("GenderIdentity_SexualityCloserDescription", True),
        ("OrganTransplant_OrganTransplantDescription", True),
        ("Race_WhatRaceEthnicity", False),
        ("LivingSituation_HowManyPeople", False),
        ("Smoking_100CigsLifetime", False),
    ],
)
def test_questions_that_no_release_holds(code, goes):
    assert suppress.is_suppressed(code) is goes


def test_their_answers_go(ruled):
    ruled.facts = {"questions": ("ActiveDuty_AvtiveDutyServeStatus",)}
    rows = [
        {"observation_id": 1, "observation_source_value": "ActiveDuty_AvtiveDutyServeStatus"},
        {"observation_id": 2, "observation_source_value": "ActiveDuty_AvtiveDutyServeStatus", "_source": "site-a"},
        {"observation_id": 3, "observation_source_value": "Race_WhatRaceEthnicity"},
        {"observation_id": 4, "observation_source_value": None},
    ]
    assert ruled("suppress.questions", "observation", rows).column("observation_id") == [2, 3, 4]


def test_answers_to_unknown_questions_go(ruled):
    rows = [{"observation_source_concept_id": 0}, {"observation_source_concept_id": 1585857}]
    assert ruled("suppress.unknown_questions", "observation", rows).removed == 1


def test_older_answers_go(ruled):
    assert ruled("suppress.older_answers", "observation", [{"p_older": True}, {"p_older": None}]).removed == 1


def test_a_listed_concept_in_any_column_takes_the_row(ruled):
    ruled.facts = {"suppressed": everywhere(440931)}
    rows = [
        {"condition_concept_id": 440931, "condition_source_concept_id": 0},
        {"condition_concept_id": 0, "condition_source_concept_id": 440931},
        {"condition_concept_id": 201826, "condition_source_concept_id": None},
    ]
    assert ruled("suppress.concepts", "condition_occurrence", rows).column("condition_concept_id") == [201826]


def test_causes_of_death_are_emptied(ruled):
    out = ruled("suppress.cause_of_death", "death", [{"cause_concept_id": 1, "cause_source_concept_id": 2}])
    assert out.rows[0]["cause_concept_id"] is None and out.cells == 2


def test_typed_answers_go(ruled):
    rows = [
        {"observation_id": 1, "value_as_string": "my own words"},
        {"observation_id": 2, "value_as_number": 3.0},
        {"observation_id": 3, "value_as_concept_id": 0},
        {"observation_id": 4, "value_as_string": "from a site", "_source": "site-a"},
    ]
    assert ruled("text.answers", "observation", rows).column("observation_id") == [2, 3, 4]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", ["free_text", "indirect"])
def test_whole_classes_of_columns_are_emptied(ruled, table, kind):
    names = tables()[table].named(kind)
    row = {n: ("words" if tables()[table].column(n).type == "string" else 7) for n in names}
    out = ruled({"free_text": "text.free", "indirect": "identifiers.indirect"}[kind], table, [row])
    assert [out.rows[0][n] for n in names] == [None] * len(names) and out.cells == len(names)


def test_a_source_value_without_a_known_concept_is_emptied(ruled):
    rows = [
        {"condition_source_value": "44054006", "condition_source_concept_id": 201826},
        {"condition_source_value": "call Ana López", "condition_source_concept_id": 0},
        {"condition_source_value": "E11", "condition_source_concept_id": None, "condition_status_source_value": "x"},
    ]
    out = ruled("text.source_values", "condition_occurrence", rows)
    assert out.column("condition_source_value") == ["44054006", None, None]
    assert out.column("condition_status_source_value") == [None] * 3


def test_a_person_has_the_research_id_everywhere(ruled):
    for table in TABLES:
        assert ruled("identifiers.persons", table, [{"person_id": 42}]).column("person_id") == [1234567]


def test_references_to_what_is_not_released_are_emptied(ruled):
    row = {"visit_occurrence_id": 5, "visit_detail_id": 6, "measurement_event_id": 7}
    out = ruled("identifiers.links", "measurement", [row]).rows[0]
    assert (out["visit_occurrence_id"], out["visit_detail_id"], out["measurement_event_id"]) == (5, 6, None)


def test_a_part_goes_with_its_visit(ruled):
    rows = [
        {"visit_detail_id": 1, "visit_occurrence_id": 5},
        {"visit_detail_id": 2, "visit_occurrence_id": 6, "p_visit": None},
    ]
    out = ruled("identifiers.parts", "visit_detail", rows)
    assert out.column("visit_detail_id") == [1] and out.removed == 1


def test_sites_are_masked_and_unknown_ones_emptied(ruled):
    ruled.facts = {"sites": {"PPI": "PPI/PM", "site-a": "EHR site 001"}}
    rows = [{"src_id": s} for s in ("PPI", "site-a", "site-b")]
    assert ruled("identifiers.sources", "person_ext", rows).column("src_id") == ["PPI/PM", "EHR site 001", None]


@pytest.mark.parametrize("tier", TIERS.values(), ids=TIERS)
@pytest.mark.parametrize("table", TABLES)
def test_every_column_of_every_table_is_seen_to(tier, table):
    assert uncovered(tier, tables()[table]) == []


@pytest.mark.parametrize("tier", TIERS.values(), ids=TIERS)
def test_every_rule_says_why_and_which_numbers_it_reads(tier):
    for rule in tier.rules:
        assert rule.source and rule.explanation and (rule.reason or rule.id.split(".")[0] == "quality"), rule.id
    assert len({rule.id for rule in tier.rules}) == len(tier.rules)


@pytest.mark.parametrize("privacy", ["", "secret", "demographic"])
def test_a_new_column_without_a_rule_stops_the_build(privacy):
    person = tables()["person"]
    more = Table("person", (*person.columns, Column("favourite_colour", "string", False, privacy)))
    assert uncovered(REGISTERED, more) == ["person.favourite_colour"]
