"""Forms and responses that HL7 and US Core publish: they load, say what is wrong with them, and come back as they were."""

import json
import tarfile
from decimal import Decimal

import pytest

from commonweal.r4.questionnaire import Questionnaire, answers_of, faults, response_document, validate

PAIRS = {  # response: (form, what it is itself to blame for)
    "QuestionnaireResponse-AUDIT-C": ("Questionnaire-AUDIT-C", []),
    "QuestionnaireResponse-TAPS": ("Questionnaire-TAPS", []),
    "QuestionnaireResponse-exercise-vital-sign": ("Questionnaire-exercise-vital-sign", []),
    "QuestionnaireResponse-hunger-vital-sign-example": ("Questionnaire-hunger-vital-sign-example", []),
    "QuestionnaireResponse-PRAPARE-example": ("Questionnaire-prapare-example", []),
    "QuestionnaireResponse-phq-9-example": ("Questionnaire-phq-9-example", []),
    "QuestionnaireResponse-gcs": ("Questionnaire-gcs", []),
    # the form asks for female or male, the response says F; and it puts doses directly under a group that has groups
    "QuestionnaireResponse-bb": (
        "Questionnaire-bb",
        [("sex", "not-an-option"), ("vitaminKDose1", "unknown-item"), ("vitaminKDose2", "unknown-item")],
    ),
    # items beside the answer instead of in it, and groups that are answered
    "QuestionnaireResponse-f201": (
        "Questionnaire-f201",
        [("1", "structure"), ("3.1", "wrong-type"), ("3.2", "wrong-type")],
    ),
    # answers that its own conditions switch off, and one to an item that the form does not have
    "QuestionnaireResponse-3141": (
        "Questionnaire-3141",
        [("1.1.1.1", "disabled"), ("1.1.1.2", "disabled"), ("1.1.1.3", "unknown-item")],
    ),
}
WITHOUT_FORM = {"QuestionnaireResponse-ussg-fht-answers": 26, "QuestionnaireResponse-glasgow-coma-score": 3}
FAULTS = {  # of forms, all others have none
    "Questionnaire-qs1": {"missing-link-id", "duplicate-link-id", "no-options"},
    "Questionnaire-3141": {"no-text", "no-options"},
    "Questionnaire-gcs": {"no-text"},
}


@pytest.fixture(scope="module")
def published():
    """{name: JSON text} of all Questionnaires and QuestionnaireResponses."""
    return {}


@pytest.fixture
def texts(published, shared_data):
    folder, archive = shared_data / "surveys" / "hl7_r4_examples", shared_data / "ehr_fhir" / "us_core_examples.tar.gz"
    if not folder.is_dir() or not archive.is_file():
        pytest.skip("the published forms are not there")
    if not published:
        published |= {path.stem: path.read_text() for path in folder.glob("Questionnaire*.json")}
        with tarfile.open(archive) as tar:
            for name in tar.getnames():
                stem = name.rpartition("/")[2].removesuffix(".json")
                if stem.startswith("Questionnaire"):
                    published[stem] = tar.extractfile(name).read().decode()
    return published


def exact(text):
    """JSON in which each number stands as it was written."""
    return json.loads(text, parse_float=Decimal)


def test_the_examples_are_those_that_are_known(texts):
    responses = {name for name in texts if name.startswith("QuestionnaireResponse-")}
    assert responses == set(PAIRS) | set(WITHOUT_FORM)
    assert len(texts) - len(responses) == 13


def test_forms_load_and_say_what_is_wrong_with_them(texts):
    forms = [name for name in texts if name.startswith("Questionnaire-")]
    told = {name: {fault.code for fault in faults(Questionnaire(json.loads(texts[name])))} for name in forms}
    assert {name: codes for name, codes in told.items() if codes} == FAULTS


@pytest.mark.parametrize("name", PAIRS)
def test_responses_against_their_forms(texts, name):
    form, expected = PAIRS[name]
    for read in (json.loads, exact):
        found = validate(read(texts[name]), Questionnaire(read(texts[form])))
        assert [(problem.linkId, problem.code) for problem in found] == expected


@pytest.mark.parametrize("name", [name for name, (_, expected) in PAIRS.items() if not expected])
def test_responses_come_back_as_they_were(texts, name):
    """From the document to answers and again to a document: each item, each answer, each number as written."""
    document, questionnaire = exact(texts[name]), Questionnaire(exact(texts[PAIRS[name][0]]))
    answers = answers_of(document, questionnaire)
    again = response_document(questionnaire, answers, language="en", authored="2026-01-01", identifier=None)
    assert places(again["item"]) == places(document["item"])
    assert repr(answers_of(again, questionnaire)) == repr(answers)


def places(items):
    """The tree of linkIds and answers, without the words that a response may repeat."""
    return [
        (
            item["linkId"],
            [
                ({key: value for key, value in answer.items() if key != "item"}, places(answer.get("item", [])))
                for answer in item.get("answer", [])
            ],
            places(item.get("item", [])),
        )
        for item in items
        if item.get("answer") or item.get("item")
    ]


@pytest.mark.parametrize("name", WITHOUT_FORM)
def test_responses_without_their_form_are_read_all_the_same(texts, name):
    assert len(answers_of(json.loads(texts[name]))) == WITHOUT_FORM[name]


def test_nothing_that_is_read_is_changed(texts):
    """Whatever is done with a document, its JSON is afterwards what it was: numbers, order of keys, unknown parts."""
    for name, text in texts.items():
        document = exact(text)
        if name.startswith("Questionnaire-"):
            questionnaire = Questionnaire(document)
            faults(questionnaire)
            questionnaire.prefilled()
            questionnaire.pages()
            assert questionnaire.document is document
        else:
            form = PAIRS.get(name, ("Questionnaire-gcs",))[0]
            validate(document, Questionnaire(exact(texts[form])))
            answers_of(document)
        assert repr(document) == repr(exact(text)), name
