"""Forms of ten thousand items: checked and filled in seconds, whatever their shape, and without recursion."""

import sys

import pytest

from commonweal.r4.questionnaire import Questionnaire, answers_of, faults, response_document, validate
from tests.effort import calls_of

COUNT = 10_000
EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
OPTIONS = [{"valueCoding": {"system": "s", "code": code}} for code in "ab"]


def choice(number, **more):
    return {"linkId": str(number), "text": "?", "type": "choice", "answerOption": OPTIONS} | more


def when(question, code="a", operator="="):
    return {"question": str(question), "operator": operator, "answerCoding": {"system": "s", "code": code}}


def flat(count):
    return [choice(number) for number in range(count)]


def chain(count):
    """Each item hangs on the one before it, the first of them last in the form."""
    return [choice(number, enableWhen=[when(number - 1)] if number else []) for number in reversed(range(count))]


def forked_chain(count):
    """Each question is looked at in two ways, so that demands have to be carried along."""
    items = []
    for number in range(0, count, 2):
        items.append(choice(number, enableWhen=[when(number - 2)] if number else []))
        items.append(choice(number + 1, enableWhen=[when(number, "b")]))
    return items


def many_ways(count):
    """Each item may be reached in two ways from each of the two before it."""
    items = []
    for number in range(count):
        several = [when(other, code) for other in (number - 1, number - 2) for code in "ab" if other >= 0]
        items.append(choice(number, enableWhen=several, enableBehavior="any"))
    return items


def crowded(count):
    """Thousands of conditions on one question at one item."""
    conditions = [when(0, f"c{number}", "!=") for number in range(count)]
    return [choice(0, type="open-choice"), choice(1, enableWhen=conditions, enableBehavior="all")]


def nested_groups(count):
    inner = [choice("last")]
    for number in range(count - 1):
        inner = [{"linkId": str(number), "text": "?", "type": "group", "item": inner}]
    return inner


def nested_questions(count):
    inner = [choice("last")]
    for number in range(count - 1):
        inner = [choice(number, item=inner)]
    return inner


def calculations(count):
    """Each item is one more than the item before it."""

    def one(number):
        text = f"%resource.descendants().where(linkId = '{number - 1}').answer.value + 1"
        value = {"url": EXPRESSION, "valueExpression": {"language": "text/fhirpath", "expression": text}}
        return {"linkId": str(number), "text": "?", "type": "integer"} | ({"extension": [value]} if number else {})

    return [one(number) for number in range(count)]


def answers(questionnaire):
    by_type = {"choice": {"valueCoding": {"system": "s", "code": "a"}}, "integer": {"valueInteger": 0}}
    return {link: [by_type[item.type]] for link, item in questionnaire.items.items() if item.type in by_type}


def checked_and_filled_in(items):
    """The faults of the form, and how many of its questions an answer to each of them leaves asked."""
    questionnaire = Questionnaire({"resourceType": "Questionnaire", "item": items})
    found = {fault.code for fault in faults(questionnaire)} - {"duplicate-option"}
    document = response_document(
        questionnaire, answers(questionnaire), language="en", authored="2026-01-01", identifier=None
    )
    assert validate(document, questionnaire) == []
    return found, len(answers_of(document))


SHAPES = {
    flat: (set(), COUNT),
    chain: (set(), COUNT),
    forked_chain: (set(), COUNT // 2),
    many_ways: (set(), COUNT),
    crowded: (set(), 1),
    nested_groups: ({"too-deep"}, 1),
    nested_questions: ({"too-deep"}, COUNT),
    calculations: (set(), COUNT),
}


@pytest.mark.parametrize("make", SHAPES, ids=lambda make: make.__name__)
def test_ten_thousand_items(make):
    limit = sys.getrecursionlimit()
    expected, asked = SHAPES[make]
    assert checked_and_filled_in(make(COUNT)) == (expected, asked)
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize("make", SHAPES, ids=lambda make: make.__name__)
def test_twice_the_items_are_twice_the_work(make):
    count = 2_000 if make is crowded else 400  # up to about a thousand conditions are compared each with each
    small, large = (calls_of(lambda n=n: checked_and_filled_in(make(n))) for n in (count, 2 * count))
    assert large < 2.2 * small, large / small


def test_a_circle_of_ten_thousand():
    items = [choice(number, enableWhen=[when((number - 1) % COUNT)]) for number in range(COUNT)]
    found = faults(Questionnaire({"resourceType": "Questionnaire", "item": items}))
    assert len(found) == COUNT and {fault.code for fault in found} == {"loop"}
