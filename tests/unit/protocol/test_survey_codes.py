"""The questions that ship: plain facts under the codes of the national program, everything else under our own."""

import csv
import json
from collections import Counter

import pytest

from commonweal import protocol
from commonweal.omop import vocabulary
from commonweal.protocol import DEFAULT
from commonweal.r4.questionnaire import PPI

SURVEYS = protocol.load(DEFAULT).surveys
OWN = "http://commonweal.example/CodeSystem/survey"
VERSIONS = {"TheBasics": "2", "OverallHealth": "2", "Lifestyle": "2"}  # the others are at their first
DANGER = "http://commonweal.example/StructureDefinition/danger"
IDENTIFYING = ("socialsecurity", "secondarycontactinfo", "persononeaddress", "secondcontactsaddress", "workaddress")
SCALES = (  # published instruments: their words are theirs, so no question of ours stands under their codes
    "phq9", "gad7", "gad_7", "cidi", "mhqukb", "pcl_", "ace_", "asrs", "bfi2", "nds_", "ips_", "scns_", "sdoh_", "hvs_", "ahc_",
    "bmmrs", "overallhealth_general", "overallhealth_average", "overallhealth_everyday", "overallhealth_social",
    "overallhealth_emotional", "overallhealth_medicalform", "alcohol_averagedaily", "alcohol_6ormore", "past3month",
)  # fmt: skip


def asked(survey):
    return [item for item in survey.questionnaire.items.values() if item.asks]


@pytest.fixture(scope="module")
def concepts():
    with vocabulary.connect() as con:
        rows = con.execute("""SELECT vocabulary_id, lower(concept_code), concept_id, concept_class_id FROM concept
            WHERE vocabulary_id IN ('PPI', 'Commonweal')""").fetchall()  # fmt: skip
    return {
        ({"PPI": PPI, "Commonweal": OWN}[vocabulary], code): (number, kind) for vocabulary, code, number, kind in rows
    }


@pytest.fixture
def codebook(shared_data):
    """The reference's questions by code in lower case: (concept id, codes of answers in lower case)."""
    with (shared_data / "aou" / "roux" / "aou_codebook.csv").open(newline="", encoding="utf-8") as file:
        return {
            row["concept_code"].lower(): (
                int(float(row["concept_id"])),
                {part.split(",")[0].strip().lower() for part in row["choices"].split("|")} - {""},
            )
            for row in csv.DictReader(file)
            if row["concept_id"]
        }


@pytest.fixture
def history(shared_data):
    """Of the reference's family history: `answers` {concept id: (relative, question ids)}, `codes` {code: ids}."""
    answers, codes = {}, {}
    with (shared_data / "aou" / "roux" / "aou_health_history.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            number = int(float(row["concept_id_specific"]))
            answers.setdefault(number, (row["relative"], set()))[1].add(int(float(row["concept_id_question"])))
            for part in ("rx_meds", "on_txt", "age_diagnosis"):
                if row[f"concept_code_{part}"]:
                    of = codes.setdefault(row[f"concept_code_{part}"].lower(), set())
                    of.add(int(float(row[f"concept_id_{part}"])))
    return answers, codes


def test_which_surveys_there_are():
    assert list(SURVEYS) == [
        "TheBasics",
        "OverallHealth",
        "Lifestyle",
        "HealthcareAccess",
        "personalfamilyhistory",
        "sdoh",
        "lfs",
        "EnvironmentalExposures",
        "CheckIn",
    ]
    assert {code: survey.version for code, survey in SURVEYS.items()} == dict.fromkeys(SURVEYS, "1") | VERSIONS
    assert all(survey.document["url"].endswith("/" + code) for code, survey in SURVEYS.items())


def test_every_code_has_a_concept_of_its_kind(concepts):
    for survey in SURVEYS.values():
        module = survey.document["code"][0]
        assert concepts[module["system"], module["code"].lower()][1] == "Module"
        for item in asked(survey):
            assert item.code and concepts[item.code[0], item.code[1].lower()][1] == "Question", item.link_id
            for option in item.options:
                assert concepts[option.system, option.code.lower()][1] == "Answer", option.code


def test_no_two_questions_share_a_code():
    """But the six of disability, which Life Functioning asks once more."""
    for survey in SURVEYS.values():
        codes = Counter(item.code for item in asked(survey))
        assert max(codes.values()) == 1
        assert all(item.code[1] == item.link_id for item in asked(survey))
    codes = Counter(item.code[1].lower() for survey in SURVEYS.values() for item in asked(survey))
    assert sorted(code for code, count in codes.items() if count > 1) == sorted(
        item.code[1].lower() for item in asked(SURVEYS["lfs"])
    )


def test_an_answer_belongs_to_one_question():
    places = {}
    for survey in SURVEYS.values():
        for item in asked(survey):
            for option in item.options:
                if not option.code.startswith("PMI_"):
                    places.setdefault((option.system, option.code.lower()), set()).add(item.link_id)
    shared = {code for (_, code), questions in places.items() if len(questions) > 1}
    assert shared == {"sexualitycloserdescription_twospirit"}


def test_plain_facts_stand_under_the_references_codes(codebook, concepts):
    checked = 0
    for survey in SURVEYS.values():
        for item in asked(survey):
            if item.code[0] != PPI or item.code[1].lower() not in codebook:
                continue
            number, answers = codebook[item.code[1].lower()]
            assert concepts[PPI, item.code[1].lower()][0] == number, item.link_id
            checked += 1
            for option in item.options if answers else ():
                code = option.code.lower()
                known = code in answers or any(answer.startswith(code.removesuffix("_yes")) for answer in answers)
                assert known or code.startswith("pmi_"), (item.link_id, code)
    assert checked > 150


def test_questions_under_the_references_codes_are_its_questions(codebook):
    """A code of its system that its codebook does not know is written down here, so that none is made up."""
    assert {
        item.code[1]
        for code, survey in SURVEYS.items()
        for item in asked(survey)
        if code != "personalfamilyhistory" and item.code[0] == PPI and item.code[1].lower() not in codebook
    } == {
        "RaceEthnicityNoneOfThese_RaceEthnicityFreeTextBox",
        "WhatTribeAffiliation_FreeText",
        "ActiveDuty_AvtiveDutyServeStatus",
        "HealthInsurance_HealthInsuranceType",
    }


def test_who_in_the_family_stands_under_the_references_concepts(history, concepts):
    """Every option of a question "who" is the reference's concept of that question and of that relative."""
    answers, _ = history
    words = {"self": "Me", "mother": "Mother", "father": "Father", "sibling": "Brother or sister", "son": "Son",
             "daughter": "Daughter", "grandparent": "Grandparent"}  # fmt: skip
    checked = 0
    for item in asked(SURVEYS["personalfamilyhistory"]):
        if item.options[0].display() != "Me":
            continue
        question = concepts[PPI, item.code[1].lower()][0]
        for option in item.options:
            relative, questions = answers[concepts[PPI, option.code.lower()][0]]
            assert question in questions and words[relative] == option.display(), option.code
            checked += 1
    assert checked > 450


def test_age_care_and_medicine_stand_under_the_references_codes(codebook, history, concepts):
    _, codes = history
    plain = [
        item.code[1].lower()
        for item in asked(SURVEYS["personalfamilyhistory"])
        if item.code[0] == PPI and item.options[0].display() != "Me" and item.code[1].lower() not in codebook
    ]
    assert len(plain) > 100
    assert [code for code in plain if concepts[PPI, code][0] not in codes[code]] == []


def test_scales_are_not_reworded_under_their_codes_and_nobody_is_asked_who_they_are():
    for survey in SURVEYS.values():
        for item in asked(survey):
            code = item.code[1].lower()
            assert not any(word in code for word in IDENTIFYING), code
            assert item.code[0] == OWN or not code.startswith(SCALES), code


def test_no_survey_that_ships_asks_about_danger():
    """Such a question needs a response plan that an ethics board has approved: the program that has one adds it."""
    assert not any(DANGER in json.dumps(survey.document) for survey in SURVEYS.values())


def test_nothing_must_be_answered_and_what_excludes_the_rest_says_so():
    for survey in SURVEYS.values():
        for item in asked(survey):
            assert not item.required, item.link_id
            if item.repeats:
                lone = {o.code for o in item.options if o.code in ("PMI_None", "PMI_DontKnow", "PMI_PreferNotToAnswer")}
                assert lone <= item.exclusive, item.link_id


def test_a_person_without_any_illness_in_the_family_sees_one_page():
    form = SURVEYS["personalfamilyhistory"].questionnaire
    none = {"health_history_kinds": [{"valueCoding": {"system": PPI, "code": "PMI_None"}}]}
    state = form.state(none)
    assert [page.linkId for page in form.pages() if state.enabled(page.linkId)] == ["PFHH_Family"]
    assert sum(item.asks and state.enabled(item.link_id) for item in form.items.values()) == 2
