"""Forms of ten thousand items: checked and filled in seconds, whatever their shape, and without recursion."""

import sys
import time

import pytest

from commonweal.r4.questionnaire import Questionnaire, answers_of, faults, response_document, validate

COUNT = 10_000
SECONDS = 10  # of one processor; most take one
EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
OPTIONS = [{"valueCoding": {"system": "s", "code": code}} for code in "ab"]


def choice(number, **more):
    return {"linkId": str(number), "text": "?", "type": "choice", "answerOption": OPTIONS} | more


def when(question, code="a", operator="="):
    return {"question": str(question), "operator": operator, "answerCoding": {"system": "s", "code": code}}


def flat():
    return [choice(number) for number in range(COUNT)]


def chain():
    """Each item hangs on the one before it, the first of them last in the form."""
    return [choice(number, enableWhen=[when(number - 1)] if number else []) for number in reversed(range(COUNT))]


def forked_chain():
    """Each question is looked at in two ways, so that demands have to be carried along."""
    items = []
    for number in range(0, COUNT, 2):
        items.append(choice(number, enableWhen=[when(number - 2)] if number else []))
        items.append(choice(number + 1, enableWhen=[when(number, "b")]))
    return items


def many_ways():
    """Each item may be reached in two ways from each of the two before it."""
    items = []
    for number in range(COUNT):
        several = [when(other, code) for other in (number - 1, number - 2) for code in "ab" if other >= 0]
        items.append(choice(number, enableWhen=several, enableBehavior="any"))
    return items


def crowded():
    """Thousands of conditions on one question at one item."""
    conditions = [when(0, f"c{number}", "!=") for number in range(COUNT)]
    return [choice(0, type="open-choice"), choice(1, enableWhen=conditions, enableBehavior="all")]


def nested_groups():
    inner = [choice("last")]
    for number in range(COUNT - 1):
        inner = [{"linkId": str(number), "text": "?", "type": "group", "item": inner}]
    return inner


def nested_questions():
    inner = [choice("last")]
    for number in range(COUNT - 1):
        inner = [choice(number, item=inner)]
    return inner


def calculations():
    """Each item is one more than the item before it."""

    def one(number):
        text = f"%resource.descendants().where(linkId = '{number - 1}').answer.value + 1"
        value = {"url": EXPRESSION, "valueExpression": {"language": "text/fhirpath", "expression": text}}
        return {"linkId": str(number), "text": "?", "type": "integer"} | ({"extension": [value]} if number else {})

    return [one(number) for number in range(COUNT)]


def answers(questionnaire):
    by_type = {"choice": {"valueCoding": {"system": "s", "code": "a"}}, "integer": {"valueInteger": 0}}
    return {link: [by_type[item.type]] for link, item in questionnaire.items.items() if item.type in by_type}


@pytest.mark.parametrize(
    ("make", "expected", "asked"),
    [
        (flat, set(), COUNT),
        (chain, set(), COUNT),
        (forked_chain, set(), COUNT // 2),
        (many_ways, set(), COUNT),
        (crowded, set(), 1),
        (nested_groups, {"too-deep"}, 1),
        (nested_questions, {"too-deep"}, COUNT),
        (calculations, set(), COUNT),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_ten_thousand_items(make, expected, asked):
    start, limit = time.process_time(), sys.getrecursionlimit()
    questionnaire = Questionnaire({"resourceType": "Questionnaire", "item": make()})
    assert {fault.code for fault in faults(questionnaire)} - {"duplicate-option"} <= expected
    document = response_document(
        questionnaire, answers(questionnaire), language="en", authored="2026-01-01", identifier=None
    )
    assert validate(document, questionnaire) == []
    assert len(answers_of(document)) == asked
    assert time.process_time() - start < SECONDS and sys.getrecursionlimit() == limit


def test_a_circle_of_ten_thousand():
    items = [choice(number, enableWhen=[when((number - 1) % COUNT)]) for number in range(COUNT)]
    found = faults(Questionnaire({"resourceType": "Questionnaire", "item": items}))
    assert len(found) == COUNT and {fault.code for fault in found} == {"loop"}
