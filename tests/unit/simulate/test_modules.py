"""What simulated people say in the later surveys hangs together with who they are and what their records hold."""

import json
from datetime import date

import numpy as np
import pyarrow.compute as pc
import pytest

from commonweal import protocol
from commonweal.r4.questionnaire import answers_of
from commonweal.simulate.draws import Draws
from commonweal.simulate.make import make
from commonweal.simulate.population import people
from commonweal.simulate.survey.said import Ticked
from commonweal.simulate.survey.told import told

PROGRAM = protocol.load(protocol.DEFAULT)
PEOPLE = 4000


@pytest.fixture(scope="module")
def folk():
    states = frozenset(site.state for site in PROGRAM.sites.values())
    return people(Draws(5), 0, PEOPLE, until=date(2026, 10, 31), site_states=states)


@pytest.fixture(scope="module")
def said(folk):
    return {code: told(Draws(5), folk, survey.document) for code, survey in PROGRAM.surveys.items()}


def says(answer, code):
    """bool: who ticks the code (in any spelling)."""
    assert isinstance(answer, Ticked)
    return answer.which[:, [known.lower() for known in answer.codes].index(code.lower())]


def test_only_what_a_survey_asks_is_worked_out(said):
    assert "Race_WhatRaceEthnicity" in said["TheBasics"] and "Race_WhatRaceEthnicity" not in said["CheckIn"]
    assert not any("Cancer" in link for link in said["sdoh"])


def test_what_is_told_is_asked_and_offered(said):
    """A slip of the pen in a code would be answered by chance, unseen."""
    for code, answers in said.items():
        items = PROGRAM.surveys[code].questionnaire.items
        assert answers.keys() & items.keys()
        assert code in ("TheBasics", "OverallHealth", "Lifestyle", "lfs") or answers.keys() <= items.keys()
        for link in answers.keys() & items.keys():
            if isinstance(answers[link], Ticked):
                offered = {option.code.lower() for option in items[link].options}
                assert {known.lower() for known in answers[link].codes} <= offered, link


def test_hardship_shows_in_care_food_and_home(folk, said):
    poor, rich = folk.income < 2, folk.income > 6
    for module, link, code in (
        ("sdoh", "food_money_short", "food_money_short_often"),
        ("sdoh", "home_payment_late", "home_payment_late_yes"),
        ("HealthcareAccess", "CantAffordCare_DentalCare", "DentalCare_Yes"),
        ("HealthcareAccess", "DelayedMedicalCare_CantAffordCoPay", "CantAffordCoPay_Yes"),
    ):
        those = says(said[module][link], code)
        assert those[poor].mean() > 1.8 * those[rich].mean(), link


def test_care_follows_sex_and_insurance(folk, said):
    access = said["HealthcareAccess"]
    assert says(access["HealthAdvice_SpokenToOBGYN"], "SpokenToOBGYN_Yes")[folk.sex == 1].mean() < 0.05
    plans = access["HealthInsurance_InsuranceTypeUpdate"]
    assert (says(plans, "InsuranceTypeUpdate_None") == ~folk.insured).all()
    assert says(plans, "InsuranceTypeUpdate_Medicare")[folk.age >= 66].mean() > 0.85


def test_life_functioning_says_what_the_basics_said(said):
    for link in ("Disability_Deaf", "Disability_ErrandsAlone"):
        assert (said["lfs"][link].which == said["TheBasics"][link].which).all()


def test_illness_of_ones_own_is_that_of_the_record():
    """Nearly all who say that they have asthma have it in their record too: only what the record missed is lost."""
    made = make(PROGRAM, 5, 0, 1500, until=date(2026, 10, 31))
    place = list(PROGRAM.surveys).index("personalfamilyhistory")
    table = made.surveys[place]
    asthma = made.records.filter(pc.equal(made.records["code"], "195967001"))
    in_record, with_record = (set(events["participant"].to_pylist()) for events in (asthma, made.records))
    tells = set()
    for person, text in zip(table["participant"].to_pylist(), table["document"].to_pylist(), strict=True):
        who = answers_of(json.loads(text)).get("RespiratoryCondition_Asthma_Yes", ())
        if any(answer["valueCoding"]["code"] == "SelfRespiratoryCondition_Asthma" for answer in who):
            tells.add(person)
    both = tells & with_record
    assert len(both) > 8 and len(both & in_record) > 0.9 * len(both)


def test_families(folk, said):
    history = said["personalfamilyhistory"]
    breast, prostate = (history[f"CancerCondition_{name}Cancer_Yes"] for name in ("Breast", "Prostate"))
    assert not any("Mother" in code for code in prostate.codes) and not says(prostate, "SelfCancerCondition_ProstateCancer")[
        folk.sex == 0
    ].any()  # fmt: skip
    mother, oneself = (
        says(breast, "MotherCancerCondition_BreastCancer"),
        says(breast, "SelfCancerCondition_BreastCancer"),
    )
    assert 0.02 < mother.mean() < 0.12 and oneself[folk.age > 60].mean() > oneself[folk.age < 40].mean()
    pressure = history["CirculatoryCondition_HighBloodPressure_Yes"]
    own = pressure.which[:, 0]
    assert (
        says(pressure, "MotherCirculatoryCondition_HighBloodPressure")[own].mean()
        > 1.2 * says(pressure, "MotherCirculatoryCondition_HighBloodPressure")[~own].mean()
    )


def test_who_knows_nothing_of_the_family_tells_of_nobody(said):
    history = said["personalfamilyhistory"]
    nothing = says(history["FamilyHistory_FamilyMedicalHistoryAware"], "FamilyMedicalHistoryAware_None")
    assert 0.03 < nothing.mean() < 0.12
    for answer in history.values():
        if isinstance(answer, Ticked) and any(code.lower().startswith("grandparent") for code in answer.codes):
            assert not answer.which[nothing][:, 1:].any()


def test_a_group_is_ticked_by_those_who_have_something_in_it(said):
    history = said["personalfamilyhistory"]
    gate, lungs = history["health_history_kinds"], history["DiagnosedHealthCondition_RespiratoryCondition"]
    nothing = says(gate, "PMI_None")
    assert (says(gate, "health_history_kinds_respiratory") == ~says(lungs, "PMI_None"))[~nothing].all()
    assert (nothing == ~gate.which[:, :-1].any(axis=1)).all()
    assert 0.01 < says(gate, "PMI_None").mean() < 0.3


def test_age_at_diagnosis_is_no_higher_than_the_age(folk, said):
    answer = said["personalfamilyhistory"]["Respiratory_HowOldWereYouAsthma"]
    band = answer.which.argmax(axis=1)
    begins = np.array([0, 12, 18, 65, 75])
    assert (begins[band] <= folk.age).all()
