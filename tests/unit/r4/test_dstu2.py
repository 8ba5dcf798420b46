"""The older shape of forms and responses, read as R4: checked by an independent library, with the field's own files."""

import json

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire as Independent
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse as IndependentResponse

from commonweal.r4 import dstu2
from commonweal.r4.questionnaire import Questionnaire, answers_of, validate

OWN = {  # responses of the field and the forms that they answer
    "the_basics_resp": "the_basics",
    "the_basics_resp_multiple_race": "the_basics",
    "the_basics_profile_update_resp": "the_basics",
    "family_history_resp": "family_history",
    "life_functioning_resp": "life_functioning",
    "social_determinants_of_health_resp": "social_determinants_of_health",
}


@pytest.fixture(scope="module")
def field(shared_data):
    return shared_data / "aou" / "rdr" / "tests" / "test-data"


def load(field, name):
    return json.loads((field / f"questionnaire_{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("given", OWN)
def test_the_fields_own_files_answer_each_other(field, given):
    converted = dstu2.questionnaire(load(field, OWN[given]))
    Independent.model_validate(converted)
    form = Questionnaire(converted)
    old = load(field, given)
    response = dstu2.response(old, form)
    IndependentResponse.model_validate(response | {"subject": {"reference": "Patient/1"}})
    assert validate(response, form) == []
    asked = [one for one in old["group"]["question"] if one.get("answer")]
    assert set(answers_of(response)) == {one["linkId"] for one in asked}
    assert response["questionnaire"] == f"{form.url}|{form.version}"


def test_words_codes_and_translations_stay(field):
    old = load(field, "the_basics")
    form = Questionnaire(dstu2.questionnaire(old))
    item = form.items["5690"]
    assert (form.document["name"], form.version, item.code) == ("TheBasics", "1", (dstu2.PPI, "TheBasics_Birthplace"))
    assert item.text("es") == "¿En qué país nació?"
    assert [option.code for option in item.options] == ["Birthplace_USA", "PMI_Other"]
    assert item.options[1].display("es") == "Otro país"


def form(**more):
    return {"resourceType": "Questionnaire", "version": "2", "group": {"title": "Some words", **more}}


def test_groups_nest_and_answers_find_their_place():
    below = {"group": [{"linkId": "G", "question": [{"linkId": "b", "type": "decimal"}]}]}
    old = form(question=[{"linkId": "a", "type": "choice", "option": [{"code": "x", "display": "X"}], **below}])
    read = Questionnaire(dstu2.questionnaire(old))
    assert read.document["name"] == "SomeWords" and read.items["b"].parent == "G" and read.items["G"].parent == "a"
    inner = {"group": [{"question": [{"linkId": "b", "answer": [{"valueInteger": 3}]}]}]}
    answer = {"valueCoding": {"code": "x"}, **inner}
    given = {"resourceType": "QuestionnaireResponse", "group": {"question": [{"linkId": "a", "answer": [answer]}]}}
    response = dstu2.response(given, read)
    assert answers_of(response) == {"a": [{"valueCoding": {"code": "x"}}], "b": [{"valueDecimal": 3}]}
    assert validate(response, read) == []


def test_what_the_form_does_not_ask_is_kept_for_validation_to_tell():
    read = Questionnaire(dstu2.questionnaire(form(question=[{"linkId": "a", "type": "string"}])))
    given = {
        "resourceType": "QuestionnaireResponse",
        "group": {"question": [{"linkId": "z", "answer": [{"valueString": "x"}]}]},
    }
    assert [problem.code for problem in validate(dstu2.response(given, read), read)] == ["unknown-item"]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"resourceType": "Questionnaire"}, "it has no group"),
        ({"resourceType": "Questionnaire", "group": []}, "it has no group"),
        ({"resourceType": "Questionnaire", "group": {"question": []}}, "neither concept nor title"),
        (form(question=[{"linkId": "a", "type": "colour"}]), "a type that FHIR does not have"),
    ],
)
def test_what_is_not_of_that_shape_is_refused(document, says):
    with pytest.raises(ValueError, match=says):
        dstu2.questionnaire(document)


def test_a_response_names_its_form_by_number_and_version():
    for text, expected in {
        "Questionnaire/21": ("21", ""),
        "Questionnaire/21/_history/3": ("21", "3"),
        "428": ("428", ""),
    }.items():
        assert dstu2.form_reference({"questionnaire": {"reference": text}}) == expected
    assert dstu2.form_reference({}) is None
