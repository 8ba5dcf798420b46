"""Every path of every survey that is shipped: our answers to "what is asked" against those of another implementation."""

import json
from importlib import resources

import pytest

from commonweal.r4 import questionnaire_state
from commonweal.r4.questionnaire import Questionnaire, answers_of, faults, response_document, validate
from commonweal.r4.questionnaire_conditions import Condition
from commonweal.r4.questionnaire_paths import goals, missed, paths, shown
from commonweal.r4.questionnaire_state import State

from .conditions_reference import Reference

SURVEYS = sorted(resources.files("commonweal.protocol").joinpath("default", "surveys").glob("*.json"))
SYSTEM = "http://example.org/codes"


def responses(questionnaire, ways):
    """A response to each path, every other one with skips written down."""
    return [
        response_document(
            questionnaire, way, language="en", authored="2026-01-01", identifier=None, skips=bool(number % 2)
        )
        for number, way in enumerate(ways)
    ]


def asked(questionnaire, document):
    state = questionnaire.state(answers_of(document))
    return {link for link in questionnaire.items if state.enabled(link)}


@pytest.mark.parametrize("path", SURVEYS, ids=lambda path: path.stem)
def test_each_path_of_each_shipped_survey(path):
    document = json.loads(path.read_text())
    questionnaire, reference = Questionnaire(document), Reference(document)
    ways = paths(questionnaire)
    assert faults(questionnaire) == []
    assert [goal for goal in missed(questionnaire) if goal.kind in ("asked", "option", "least", "most", "other")] == []
    for written in responses(questionnaire, ways):
        assert validate(written, questionnaire) == []
        assert asked(questionnaire, written) == reference.asked(written)


def test_surveys_are_found():
    assert {"TheBasics", "OverallHealth", "Lifestyle"} <= {path.stem for path in SURVEYS}


def item(link_id, kind, **more):
    return {"linkId": link_id, "text": link_id, "type": kind} | more


def coding(code):
    return {"system": SYSTEM, "code": code}


def on(question, operator, behaviour="all", **answer):
    return {"enableWhen": [{"question": question, "operator": operator} | answer], "enableBehavior": behaviour}


OPTIONS = {"answerOption": [{"valueCoding": coding(code)} for code in "abc"]}
TWO = [{"question": "choice", "operator": "=", "answerCoding": coding("a")}]
TWO += [{"question": "number", "operator": "<", "answerInteger": 9}]
KINDS = {
    "number": ("integer", {"answerInteger": 5}),
    "amount": ("decimal", {"answerDecimal": 2.5}),
    "day": ("date", {"answerDate": "2020-05-01"}),
    "moment": ("dateTime", {"answerDateTime": "2020-05-01T12:00:00Z"}),
    "hour": ("time", {"answerTime": "12:00:00"}),
    "weight": ("quantity", {"answerQuantity": {"value": 5, "system": "http://unitsofmeasure.org", "code": "kg"}}),
}
ASKED = [
    item("choice", "choice", **OPTIONS, item=[item("under", "string")]),
    item("several", "choice", repeats=True, **OPTIONS),
    item("flag", "boolean"),
    item("words", "string"),
    *(item(name, kind) for name, (kind, _) in KINDS.items()),
]
FOLLOWING = [
    item("in a", "string", **on("choice", "=", answerCoding=coding("a"))),
    item("not a", "string", **on("choice", "!=", answerCoding=coding("a"))),
    item("among", "string", **on("several", "=", answerCoding=coding("b"))),
    item("not among", "string", **on("several", "!=", answerCoding=coding("b"))),
    item("yes", "string", **on("flag", "=", answerBoolean=True)),
    item("said", "string", **on("words", "exists", answerBoolean=True)),
    item("unsaid", "string", **on("words", "exists", answerBoolean=False)),
    item("chained", "string", **on("yes", "exists", answerBoolean=True)),
    item("both", "string", enableWhen=TWO, enableBehavior="all"),
    item("either", "string", enableWhen=TWO, enableBehavior="any"),
    item("hidden page", "group", **on("flag", "=", answerBoolean=False), item=[item("in page", "string")]),
    *(
        item(f"{name} {operator}", "string", **on(name, operator, **answer))
        for name, (_, answer) in KINDS.items()
        for operator in ("=", "!=", ">", "<", ">=", "<=")
    ),
]
EVERY_OPERATOR = {
    "resourceType": "Questionnaire",
    "item": [item("asked", "group", item=ASKED), item("following", "group", item=FOLLOWING)],
}


@pytest.fixture(scope="module")
def judged():
    """(response, what the other implementation says is asked) for each path of the form with every operator."""
    questionnaire, reference = Questionnaire(EVERY_OPERATOR), Reference(EVERY_OPERATOR)
    return [(one, reference.asked(one)) for one in responses(questionnaire, paths(questionnaire))]


def disagreements(judged):
    questionnaire = Questionnaire(EVERY_OPERATOR)
    return [one for one, expected in judged if asked(questionnaire, one) != expected]


def test_every_operator_on_every_type_that_it_compares(judged):
    questionnaire = Questionnaire(EVERY_OPERATOR)
    assert missed(questionnaire) == []
    reached = set().union(*(shown(questionnaire, questionnaire.state(way)) for way in paths(questionnaire)))
    assert set(goals(questionnaire)) <= reached
    assert disagreements(judged) == []


def swapped(one, other):
    """A comparison that takes one operator for another."""
    right = Condition.holds

    def holds(self, answers):
        name = other if self.operator == one else self.operator
        return right(Condition(self.question, name, self.value, self.value_type), answers)

    return Condition, "holds", holds


BROKEN = {
    **{f"{one} as {other}": swapped(one, other) for one, other in [(">", ">="), ("<", "<="), (">=", ">"), ("<=", "<")]},
    **{f"{one} as {other}": swapped(one, other) for one, other in [("=", "!="), ("!=", "="), ("=", ">="), ("!=", ">")]},
    "exists turned round": (Condition, "holds", lambda self, answers: self.operator == "exists" and not answers),
    "only the first answer": (
        Condition,
        "holds",
        lambda self, answers, right=Condition.holds: right(self, answers[:1]),
    ),
    "groups do not hide": (
        State,
        "_decide",
        lambda self, step, right=State._decide: right(self, step._replace(parent=None)),
    ),
    "any for all": (
        State,
        "_conditions_hold",
        lambda self, item: (
            not item.enable_when or any(one.holds(self.answers_to(one.question)) for one in item.enable_when)
        ),
    ),
    "all for any": (
        State,
        "_conditions_hold",
        lambda self, item: all(one.holds(self.answers_to(one.question)) for one in item.enable_when),
    ),
    "skips count": (questionnaire_state, "counted", list),
}


@pytest.mark.parametrize("name", BROKEN)
def test_an_evaluator_that_is_broken_on_purpose_is_caught(name, judged, monkeypatch):
    monkeypatch.setattr(*BROKEN[name])
    assert disagreements(judged)
