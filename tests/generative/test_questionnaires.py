"""Questionnaire logic against a slow and obvious reference: what is asked, what can be reached, what documents say."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.r4 import questionnaire_validation
from commonweal.r4.questionnaire import SKIP, Questionnaire, answers_of, faults, response_document, validate
from commonweal.r4.questionnaire_paths import paths, shown

CODES = ("a", "b", "c")
VALUES: dict[str, list[Any]] = {
    "boolean": [{"valueBoolean": value} for value in (True, False)],
    "choice": [{"valueCoding": {"code": code}} for code in CODES],
    "integer": [{"valueInteger": value} for value in range(5)],
}
EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
RANGE = [{"url": EXTENSION + "minValue", "valueInteger": 0}, {"url": EXTENSION + "maxValue", "valueInteger": 4}]


@st.composite
def forms(draw: Any) -> dict[str, Any]:
    """Up to five items, some in groups or under questions, with conditions on any of them."""
    count = draw(st.integers(2, 5))
    kinds = [draw(st.sampled_from(["boolean", "choice", "integer", "group"])) for _ in range(count)]
    items = [_item(draw, number, kinds) for number in range(count)]
    top: list[dict[str, Any]] = []
    for number, item in enumerate(items):
        home = draw(st.integers(-1, number - 1)) if number else -1
        (top if home < 0 else items[home].setdefault("item", [])).append(item)
    return {"resourceType": "Questionnaire", "item": top}


def _item(draw: Any, number: int, kinds: list[str]) -> dict[str, Any]:
    kind = kinds[number]
    item: dict[str, Any] = {"linkId": str(number), "text": "words", "type": kind}
    if kind == "choice":
        item["answerOption"] = VALUES["choice"]
    if kind == "integer":
        item["extension"] = RANGE
    asked = [other for other, of_kind in enumerate(kinds) if other != number and of_kind != "group"]
    if asked and draw(st.booleans()):
        item["enableWhen"] = [
            _condition(draw, draw(st.sampled_from(asked)), kinds) for _ in range(draw(st.integers(1, 3)))
        ]
        item["enableBehavior"] = draw(st.sampled_from(["all", "any"]))
    return item


def _condition(draw: Any, question: int, kinds: list[str]) -> dict[str, Any]:
    kind = kinds[question]
    operators = ["exists", "=", "!="] + ([">", "<", ">=", "<="] if kind == "integer" else [])
    operator = draw(st.sampled_from(operators))
    if operator == "exists":
        return {"question": str(question), "operator": operator, "answerBoolean": draw(st.booleans())}
    key, value = next(iter(draw(st.sampled_from(VALUES[kind])).items()))
    return {"question": str(question), "operator": operator, "answer" + key.removeprefix("value"): value}


# --- the reference: read the JSON again for every question, and follow the words of the standard --------------------------


def path_to(items: list[dict[str, Any]], link_id: str) -> list[dict[str, Any]]:
    for item in items:
        if item["linkId"] == link_id:
            return [item]
        if below := path_to(item.get("item", []), link_id):
            return [item, *below]
    return []


def asked(form: dict[str, Any], link_id: str, answers: dict[str, Any], above: tuple[str, ...] = ()) -> bool:
    if link_id in above:
        raise RecursionError
    *parents, item = path_to(form["item"], link_id)
    for parent in parents:
        if parent["type"] != "group" and parent["linkId"] not in answers:
            return False
        if not own(form, parent, answers, (*above, link_id)):
            return False
    return own(form, item, answers, (*above, link_id))


def own(form: dict[str, Any], item: dict[str, Any], answers: dict[str, Any], above: tuple[str, ...]) -> bool:
    outcomes = [holds(form, condition, answers, above) for condition in item.get("enableWhen", [])]
    if not outcomes:
        return True
    return all(outcomes) if item["enableBehavior"] == "all" else any(outcomes)


def holds(form: dict[str, Any], condition: dict[str, Any], answers: dict[str, Any], above: tuple[str, ...]) -> bool:
    question = condition["question"]
    there = question in answers and asked(form, question, answers, above)
    wanted = next(value for key, value in condition.items() if key.startswith("answer"))
    if condition["operator"] == "exists":
        return there == wanted
    if condition["operator"] == "!=":
        return not there or plain(answers[question]) != plain(wanted)
    if not there:
        return False
    value, wanted = plain(answers[question]), plain(wanted)
    return {
        "=": value == wanted,
        ">": value > wanted,
        "<": value < wanted,
        ">=": value >= wanted,
        "<=": value <= wanted,
    }[condition["operator"]]


def plain(value: Any) -> Any:
    value = value[0] if isinstance(value, list) else value
    while isinstance(value, dict):
        value = next(iter(value.values()))
    return value


def worlds(questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """Every possible set of answers."""
    questions = [item for item in questionnaire.items.values() if item.asks]
    ways = product(*[[None, *VALUES[item.type]] for item in questions])
    return [
        {item.link_id: [answer] for item, answer in zip(questions, way, strict=True) if answer is not None}
        for way in ways
    ]


def looped(questionnaire: Questionnaire) -> bool:
    return any(fault.code == "loop" for fault in faults(questionnaire))


@settings(max_examples=150, deadline=None)
@given(forms())
def test_what_is_asked(form: dict[str, Any]) -> None:
    questionnaire = Questionnaire(form)
    if looped(questionnaire):
        return
    possible = worlds(questionnaire)
    for answers in possible[:: max(1, len(possible) // 40)]:
        for link_id in questionnaire.items:
            assert questionnaire.enabled(link_id, answers) == asked(form, link_id, answers), (link_id, answers)


@settings(max_examples=150, deadline=None)
@given(forms())
def test_what_can_be_reached(form: dict[str, Any]) -> None:
    """An item is called unreachable exactly when no set of answers at all makes it appear."""
    questionnaire = Questionnaire(form)
    if looped(questionnaire):
        return
    called = {fault.linkId for fault in faults(questionnaire) if fault.code == "unreachable"}
    left = set(questionnaire.items)
    for answers in worlds(questionnaire):
        left -= {link_id for link_id in left if questionnaire.enabled(link_id, answers)}
        if not left:
            break
    assert called == left


@settings(max_examples=150, deadline=None)
@given(forms(), st.data())
def test_documents_say_what_was_answered_and_are_valid(form: dict[str, Any], data: Any) -> None:
    questionnaire = Questionnaire(form)
    if looped(questionnaire):
        return
    answers = data.draw(st.sampled_from(worlds(questionnaire)))
    document = response_document(questionnaire, answers, language="en", authored="2026-01-01", identifier=None)
    counted = {link_id: given for link_id, given in answers.items() if questionnaire.enabled(link_id, answers)}
    assert answers_of(document) == counted
    assert validate(document, questionnaire) == []


@settings(max_examples=150, deadline=None)
@given(forms(), st.data())
def test_an_answer_to_what_is_not_asked_is_told(form: dict[str, Any], data: Any) -> None:
    """Flat forms: every given answer stands in the document, so exactly those not asked are told."""
    flat = {
        "resourceType": "Questionnaire",
        "item": [{k: v for k, v in i.items() if k != "item"} for i in form["item"]],
    }
    questionnaire = Questionnaire(flat)
    known = set(questionnaire.items)
    if looped(questionnaire) or any(
        c.question not in known for i in questionnaire.items.values() for c in i.enable_when
    ):
        return
    answers = data.draw(st.sampled_from(worlds(questionnaire)))
    items = [{"linkId": link_id, "answer": given} for link_id, given in answers.items()]
    found = validate({"resourceType": "QuestionnaireResponse", "item": items}, questionnaire)
    told = {problem.linkId for problem in found if problem.code == "disabled"}
    assert told == {link_id for link_id in answers if not asked(flat, link_id, answers)}
    assert {problem.code for problem in found} <= {"disabled"}


@given(forms(), st.data())
def test_the_quick_walk_over_a_response_finds_none_clean_that_is_not(form: dict[str, Any], data: Any) -> None:
    elements = [form, *form["item"]]
    for element in elements:  # grows while it is walked
        elements += element.get("item", []) if element is not form else []
        if data.draw(st.booleans()):
            element["required"] = True
        if data.draw(st.integers(0, 5)) == 0:
            element["repeats"] = True
    questionnaire = Questionnaire(form)
    links = st.sampled_from([*questionnaire.items, "none"])
    answer = st.sampled_from([one for given in VALUES.values() for one in given])
    inside = st.recursive(
        st.fixed_dictionaries({"linkId": links}, optional={"answer": st.lists(answer, max_size=2)}),
        lambda below: st.fixed_dictionaries({"linkId": links, "item": st.lists(below, max_size=3)}),
        max_leaves=6,
    )
    answers = {link: [data.draw(answer)] for link, item in questionnaire.items.items() if data.draw(st.booleans())}
    sent = written(questionnaire, answers) if data.draw(st.booleans()) else {"item": data.draw(st.lists(inside))}
    sent = {"resourceType": "QuestionnaireResponse", "status": "completed"} | sent
    quick = validate(sent, questionnaire)
    with pytest.MonkeyPatch.context() as slowly:
        slowly.setattr(questionnaire_validation, "DEEPEST", -1)
        assert quick == validate(sent, questionnaire)


def written(questionnaire: Questionnaire, answers: dict[str, Any]) -> dict[str, Any]:
    return response_document(questionnaire, answers, language="en", authored="2026-01-01", identifier=None, skips=True)


@settings(max_examples=100, deadline=None)
@given(forms(), st.data())
def test_skips_are_written_where_a_question_was_asked_and_count_as_nothing(form: dict[str, Any], data: Any) -> None:
    questionnaire = Questionnaire(form)
    if looped(questionnaire):
        return
    answers = data.draw(st.sampled_from(worlds(questionnaire)))
    open_questions = {
        item.link_id
        for item in questionnaire.items.values()
        if item.asks and item.link_id not in answers and asked(form, item.link_id, answers)
    }
    document = written(questionnaire, answers)
    said = answers_of(document)
    assert {link_id for link_id, given in said.items() if given == [SKIP]} == open_questions
    assert validate(document, questionnaire) == []
    assert written(questionnaire, said) == document


EXPRESSION = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"


@settings(max_examples=100, deadline=None)
@given(forms(), st.integers(0, 8), st.data())
def test_a_total_is_that_of_the_answers_that_count(form: dict[str, Any], limit: int, data: Any) -> None:
    """A question adds up all whole numbers that are asked, and another is asked when that is more than a limit."""
    numbers = [item.link_id for item in Questionnaire(form).items.values() if item.type == "integer"]
    names = " | ".join(f"'{link_id}'" for link_id in [*numbers, "total"][: max(1, len(numbers))])
    text = f"%resource.descendants().where(linkId in ({names})).answer.value.sum()" if numbers else "0"
    extension = {"url": EXPRESSION, "valueExpression": {"language": "text/fhirpath", "expression": text}}
    more = {"question": "total", "operator": ">", "answerInteger": limit}
    total = {"linkId": "total", "text": "?", "type": "integer", "extension": [extension]}
    whole = form | {
        "item": [{"linkId": "after", "text": "?", "type": "string", "enableWhen": [more]}, *form["item"], total]
    }
    questionnaire = Questionnaire(whole)
    if looped(questionnaire):
        return
    answers = data.draw(st.sampled_from(worlds(Questionnaire(form))))
    expected = sum(plain(answers[link]) for link in numbers if link in answers and asked(form, link, answers))
    document = written(questionnaire, answers)
    assert questionnaire.calculated(answers)["total"] == [{"valueInteger": expected}]
    assert answers_of(document)["total"] == [{"valueInteger": expected}]
    assert ("after" in answers_of(document)) == (expected > limit)
    assert validate(document, questionnaire) == []
    document["item"][-1]["answer"] = [{"valueInteger": expected + 1}]
    assert "wrong-calculation" in {problem.code for problem in validate(document, questionnaire)}


@settings(max_examples=100, deadline=None)
@given(forms(), st.data())
def test_each_instance_of_a_repeating_group_is_a_form_of_its_own(form: dict[str, Any], data: Any) -> None:
    group = {"linkId": "g", "text": "?", "type": "group", "repeats": True, "item": form["item"]}
    questionnaire = Questionnaire({"resourceType": "Questionnaire", "item": [group]})
    if looped(questionnaire):
        return
    several = data.draw(st.lists(st.sampled_from(worlds(Questionnaire(form))), min_size=1, max_size=3))
    document = written(questionnaire, {"g": [{"answers": answers} for answers in several]})
    assert validate(document, questionnaire) == []
    alone = [written(Questionnaire(form), answers).get("item", []) for answers in several]
    assert [one["item"] for one in document.get("item", [])] == [items for items in alone if items]


@settings(max_examples=100, deadline=None)
@given(forms())
def test_paths_show_all_that_any_answers_show(form: dict[str, Any]) -> None:
    questionnaire = Questionnaire(form)
    if looped(questionnaire):
        return
    walked = set().union(*(shown(questionnaire, questionnaire.state(answers)) for answers in paths(questionnaire)))
    for answers in worlds(questionnaire):
        assert shown(questionnaire, questionnaire.state(answers)) <= walked


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["0", "1", "completed", "2020-01-01", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["item", "linkId", "answer", "valueInteger", "valueCoding", "code"]), inner, max_size=4
        )
    ),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(forms(), JSON, JSON)
def test_nothing_that_is_sent_breaks_it(form: dict[str, Any], items: Any, status: Any) -> None:
    document = {"resourceType": "QuestionnaireResponse", "status": status, "item": items}
    for problem in validate(document, Questionnaire(form)):
        assert problem.code and problem.message


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_nothing_that_is_authored_breaks_it(items: Any) -> None:
    """Any JSON at all is either a form, with faults told, or refused with a ValueError."""
    try:
        questionnaire = Questionnaire({"resourceType": "Questionnaire", "item": items})
    except ValueError:
        return
    assert isinstance(faults(questionnaire), list)
