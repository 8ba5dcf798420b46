"""Questions that were asked and left open, and the field's other non-answers."""

import pytest

from commonweal.r4.questionnaire import NON_ANSWERS, PPI, SKIP, Questionnaire, answers_of, response_document, validate

YES = {"valueBoolean": True}
WHEN = {"enableWhen": [{"question": "b", "operator": "exists", "answerBoolean": True}]}
UNLESS = {"enableWhen": [{"question": "b", "operator": "exists", "answerBoolean": False}]}
FORM = Questionnaire(
    {
        "resourceType": "Questionnaire",
        "item": [
            {"linkId": "b", "type": "boolean", "item": [{"linkId": "under", "type": "string"}]},
            {"linkId": "when", "type": "string"} | WHEN,
            {"linkId": "unless", "type": "integer"} | UNLESS,
            {"linkId": "m", "type": "string", "repeats": True},
            {"linkId": "told", "type": "string", "readOnly": True},
            {"linkId": "note", "type": "display"},
        ],
    }
)


def non_answer(code):
    return {"valueCoding": {"system": PPI, "code": code}}


def document(answers, questionnaire=FORM):
    return response_document(questionnaire, answers, language="en", authored="2026-01-01", identifier=None, skips=True)


def problems(questionnaire, *items):
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items)}
    return [(problem.linkId, problem.code) for problem in validate(response, questionnaire)]


def test_what_was_asked_and_left_open_is_a_skip_and_what_was_not_asked_is_nothing():
    assert answers_of(document({})) == {"b": [SKIP], "unless": [SKIP], "m": [SKIP]}
    assert answers_of(document({"b": [YES]})) == {"b": [YES], "under": [SKIP], "when": [SKIP], "m": [SKIP]}


@pytest.mark.parametrize("answers", [{}, {"b": [YES]}, {"b": [YES], "under": [{"valueString": "x"}]}])
def test_a_document_with_skips_is_valid_and_says_the_same_when_read_again(answers):
    written = document(answers)
    assert validate(written, FORM) == []
    assert document(answers_of(written)) == written


def test_no_skips_unless_they_are_asked_for():
    plain = response_document(FORM, {"b": [YES]}, language="en", authored="2026-01-01", identifier=None)
    assert answers_of(plain) == {"b": [YES]}


def test_a_skip_counts_as_no_answer():
    state = FORM.state({"b": [SKIP]})
    assert [link for link in FORM.items if state.enabled(link)] == ["b", "unless", "m", "told", "note"]
    nested = {"linkId": "b", "answer": [SKIP | {"item": [{"linkId": "under", "answer": [{"valueString": "x"}]}]}]}
    assert problems(FORM, nested) == [("under", "disabled")]


def test_a_skip_does_not_answer_what_is_required():
    form = Questionnaire({"resourceType": "Questionnaire", "item": [{"linkId": "r", "type": "date", "required": True}]})
    assert problems(form, {"linkId": "r", "answer": [SKIP]}) == [("r", "required")]
    assert problems(form, {"linkId": "r", "answer": [non_answer("PMI_DontKnow")]}) == []


@pytest.mark.parametrize("code", sorted(NON_ANSWERS))
def test_the_non_answers_of_the_field_are_accepted_at_any_question(code):
    given = [{"linkId": link, "answer": [non_answer(code)]} for link in ("b", "unless", "m", "told")]
    assert [found for found in problems(FORM, *given) if found[1] != "disabled"] == []


def test_other_codes_and_other_systems_are_not_accepted():
    assert problems(FORM, {"linkId": "b", "answer": [non_answer("PMI_Other")]}) == [("b", "wrong-type")]
    stray = {"valueCoding": {"system": "http://example.org", "code": "PMI_Skip"}}
    assert problems(FORM, {"linkId": "b", "answer": [stray]}) == [("b", "wrong-type")]


def test_a_non_answer_stands_alone():
    assert problems(FORM, {"linkId": "m", "answer": [{"valueString": "x"}, SKIP]}) == [("m", "exclusive")]
