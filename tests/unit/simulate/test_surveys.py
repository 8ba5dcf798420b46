"""Simulated survey responses are valid answers to the program's surveys, and say what the person is."""

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from commonweal import protocol
from commonweal.r4.questionnaire import SKIP, Questionnaire, answers_of, validate
from commonweal.simulate.draws import Draws
from commonweal.simulate.make import make
from commonweal.simulate.survey.documents import write
from commonweal.simulate.survey.said import Ticked

PROGRAM = protocol.load(protocol.DEFAULT)
PEOPLE = 1500


@pytest.fixture(scope="module")
def made():
    return make(PROGRAM, 3, 0, PEOPLE, until=date(2026, 10, 31))


@pytest.mark.parametrize("place", range(len(PROGRAM.surveys)))
def test_every_response_answers_its_survey(made, place):
    survey = list(PROGRAM.surveys.values())[place]
    for text in made.surveys[place]["document"].to_pylist()[:600]:
        document = json.loads(text)
        assert validate(document, survey.questionnaire) == []
        assert document["status"] == "completed" and document["questionnaire"].endswith(f"|{survey.version}")


def test_shares_of_those_who_answer(made):
    consented = pc.count_distinct(
        made.answers.filter(pc.equal(made.answers["module"], "primary"))["participant"]
    ).as_py()
    shares = [table.num_rows / consented for table in made.surveys]
    assert shares == pytest.approx([0.95, 0.89, 0.86, 0.47, 0.34, 0.4, 0.19, 0.29, 0.23], abs=0.045)


def test_who_answers_a_later_survey_has_answered_the_first_three(made):
    people = [set(table["participant"].to_pylist()) for table in made.surveys]
    first = people[0] & people[1] & people[2]
    assert all(later <= first for later in people[3:])


def test_answers_follow_from_the_person_and_few_are_left_out(made):
    basics = made.surveys[0]
    sexes = dict(zip(range(PEOPLE), made.profiles["sex_at_birth"].to_pylist(), strict=True))
    said = [answers_of(json.loads(text)) for text in basics["document"].to_pylist()]
    given = 0
    for person, answers in zip(basics["participant"].to_pylist(), said, strict=True):
        code = answers.get("BiologicalSexAtBirth_SexAtBirth", [{}])[0].get("valueCoding", {}).get("code")
        given += code is not None and code.startswith("SexAtBirth")
        if code in ("SexAtBirth_Male", "SexAtBirth_Female") and sexes[person] != "unknown":
            assert code == f"SexAtBirth_{sexes[person].title()}"
    assert given / len(said) > 0.95
    races = [len(answers.get("Race_WhatRaceEthnicity", [])) for answers in said]
    assert max(races) >= 2


def test_language_of_the_response_is_the_persons(made):
    for text, language in zip(
        made.surveys[1]["document"].to_pylist(), made.surveys[1]["language"].to_pylist(), strict=True
    ):
        assert json.loads(text)["language"] == language


def coding(code):
    return {"system": "http://example.org/codes", "code": code, "display": code}


FORM = {
    "resourceType": "Questionnaire",
    "url": "http://example.org/Questionnaire/own",
    "name": "own",
    "version": "2",
    "status": "active",
    "item": [
        {
            "linkId": "page",
            "type": "group",
            "item": [
                {
                    "linkId": "pet",
                    "type": "choice",
                    "required": True,
                    "answerOption": [{"valueCoding": coding(c)} for c in ("cat", "dog")],
                },
                {
                    "linkId": "dogs",
                    "type": "integer",
                    "enableWhen": [{"question": "pet", "operator": "=", "answerCoding": coding("dog")}],
                    "extension": [
                        {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 1},
                        {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 9},
                    ],
                },
                {
                    "linkId": "many",
                    "type": "boolean",
                    "enableWhen": [{"question": "dogs", "operator": ">", "answerInteger": 2}],
                },
                {
                    "linkId": "name",
                    "type": "string",
                    "enableWhen": [{"question": "dogs", "operator": "exists", "answerBoolean": True}],
                },
            ],
        },
        {
            "linkId": "toys",
            "type": "choice",
            "repeats": True,
            "answerOption": [{"valueCoding": coding(c)} for c in ("ball", "rope", "none")],
        },
    ],
}


def written(said, count=400):
    index = np.arange(count)
    language, authored = pa.array(["en"] * count), pa.array(["2026-01-05T10:00:00+00:00"] * count)
    return [
        json.loads(text)
        for text in write(Draws(1), FORM, said, index, authored=authored, language=language).to_pylist()
    ]


def test_a_survey_that_nothing_is_known_of_is_answered_by_chance_and_branches():
    documents = written({})
    form = Questionnaire(FORM)
    assert all(validate(document, form) == [] for document in documents)
    answers = [answers_of(document) for document in documents]
    dogs = [a for a in answers if a["pet"][0]["valueCoding"]["code"] == "dog"]
    assert 0 < len(dogs) < len(answers)
    assert all("dogs" not in a for a in answers if a not in dogs)
    said = [a for a in dogs if a["dogs"] != [SKIP]]
    numbers = {a["dogs"][0]["valueInteger"] for a in said}
    assert min(numbers) >= 1 and max(numbers) <= 9
    assert all(("many" in a) == (a["dogs"][0]["valueInteger"] > 2) for a in said)
    assert any("many" in a for a in said)


def test_what_was_asked_and_left_open_is_a_skip_and_nothing_else_is():
    answers = [answers_of(document) for document in written({})]
    dogs = [a for a in answers if a["pet"][0]["valueCoding"]["code"] == "dog"]
    assert 0 < sum(a["dogs"] == [SKIP] for a in dogs) < 0.1 * len(dogs)
    assert all(("name" in a) == (a["dogs"] != [SKIP]) for a in dogs)
    assert {str(a["name"]) for a in dogs if "name" in a} == {str([SKIP])}  # free text is never made up
    assert all("toys" in a for a in answers)


def test_what_is_known_is_said_and_codes_that_are_not_offered_are_not():
    toys = np.zeros((400, 3), dtype=bool)
    toys[:, 0] = toys[:, 1] = True
    toys[:5] = [False, False, True]
    documents = written({"toys": Ticked(["rope", "ball", "kite"], toys)})
    told = [[a["valueCoding"]["code"] for a in answers_of(d)["toys"]] for d in documents]
    assert all(found in (["ball", "rope"], ["PMI_Skip"]) for found in told[5:])
    assert sum(found == ["PMI_Skip"] for found in told[5:]) < 20  # a few rather do not say
    assert "kite" not in str(documents)
