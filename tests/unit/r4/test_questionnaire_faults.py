"""What is wrong with a form itself."""

import json

import pytest

from commonweal.r4.questionnaire import Questionnaire, faults

EXTENSION = "http://hl7.org/fhir/StructureDefinition/"


def item(link_id, kind="string", **more):
    return {"linkId": link_id, "text": link_id, "type": kind} | more


def choice(link_id, *codes, **more):
    return item(link_id, "choice", answerOption=[{"valueCoding": {"code": code}} for code in codes], **more)


def when(question, operator="=", **answer):
    return {"question": question, "operator": operator} | answer


def code(value):
    return {"answerCoding": {"code": value}}


def found(*items, **more):
    document = {"resourceType": "Questionnaire", "item": list(items)} | more
    return [(fault.linkId, fault.code) for fault in faults(Questionnaire(document))]


ASK = choice("ask", "yes", "no")
AGE = item("age", "integer", extension=[{"url": EXTENSION + "minValue", "valueInteger": 18}])
SEVERAL = choice("several", "a", "b", repeats=True)


def test_a_form_in_order():
    assert found(ASK, item("why", enableWhen=[when("ask", **code("yes"))])) == []


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], [("", "no-items")]),
        ([item("", text="x"), ASK], [("", "missing-link-id")]),
        ([ASK, item("ask")], [("ask", "duplicate-link-id")]),
        ([item("a", "number")], [("a", "unknown-type")]),
        ([item("a", text="")], [("a", "no-text")]),
        ([item("a", "group")], [("a", "empty-group")]),
        ([item("a", "choice")], [("a", "no-options")]),
        ([item("a", "choice", required=True)], [("a", "no-options"), ("a", "cannot-be-answered")]),
        ([item("a", "choice", answerValueSet="http://example.org/v")], []),
        ([choice("a", "x", "x")], [("a", "duplicate-option")]),
        ([item("a", required=True, readOnly=True)], [("a", "cannot-be-answered")]),
        ([item("a", required=True, readOnly=True, initial=[{"valueString": "x"}])], []),
        (
            [item("a", enableWhen=[when("zz", **code("yes"))])],
            [("a", "unknown-condition-target"), ("a", "unreachable")],
        ),
        (
            [item("p", "display"), item("a", enableWhen=[when("p", "exists", answerBoolean=True)])],
            [("a", "unknown-condition-target"), ("a", "unreachable")],
        ),
        (
            [ASK, item("a", enableWhen=[when("ask", "~", **code("yes"))])],
            [("a", "unknown-operator"), ("a", "unreachable")],
        ),
        (
            [ASK, item("a", enableWhen=[when("ask", **code("maybe"))])],
            [("a", "condition-option"), ("a", "unreachable")],
        ),
        ([ASK, item("a", enableWhen=[when("ask", answerInteger=1)])], [("a", "condition-type"), ("a", "unreachable")]),
        (
            [ASK, item("a", enableWhen=[when("ask", **code("yes")), when("ask", **code("no"))])],
            [("a", "no-enable-behavior")],
        ),
    ],
)
def test_faults(items, expected):
    assert found(*items) == expected


UNREACHABLE = {
    "two answers to a question with one": ([ASK], [when("ask", **code("yes")), when("ask", **code("no"))]),
    "an answer and none": ([ASK], [when("ask", **code("yes")), when("ask", "exists", answerBoolean=False)]),
    "every option refused": (
        [ASK],
        [when("ask", "exists", answerBoolean=True), when("ask", "!=", **code("yes")), when("ask", "!=", **code("no"))],
    ),
    "younger than allowed": ([AGE], [when("age", "<", answerInteger=18)]),
    "no whole number between": ([AGE], [when("age", ">", answerInteger=20), when("age", "<", answerInteger=21)]),
}
REACHABLE = {
    "two answers to a question with several": ([SEVERAL], [when("several", **code("a")), when("several", **code("b"))]),
    "left unanswered": ([ASK], [when("ask", "!=", **code("yes")), when("ask", "!=", **code("no"))]),
    "the youngest allowed": ([AGE], [when("age", "<=", answerInteger=18)]),
    "one whole number between": ([AGE], [when("age", ">", answerInteger=20), when("age", "<", answerInteger=22)]),
    "a date between": (
        [item("day", "date")],
        [when("day", ">", answerDate="2020-01-01"), when("day", "<", answerDate="2021-01-01")],
    ),
}


@pytest.mark.parametrize("name", UNREACHABLE)
def test_unreachable(name):
    others, conditions = UNREACHABLE[name]
    assert found(*others, item("a", enableWhen=conditions, enableBehavior="all")) == [("a", "unreachable")]


@pytest.mark.parametrize("name", REACHABLE)
def test_reachable(name):
    others, conditions = REACHABLE[name]
    assert found(*others, item("a", enableWhen=conditions, enableBehavior="all")) == []


def test_what_depends_on_the_unreachable_is_unreachable_too():
    never = item("a", enableWhen=[when("ask", **code("yes")), when("ask", **code("no"))], enableBehavior="all")
    after = item("b", enableWhen=[when("a", "exists", answerBoolean=True)])
    unless = item("c", enableWhen=[when("a", "exists", answerBoolean=False)])
    inside = item("g", "group", enableWhen=[when("a", "=", answerString="x")], item=[item("d")])
    assert found(ASK, never, after, unless, inside) == [(name, "unreachable") for name in "abgd"]


def test_conditions_in_a_circle_through_a_group():
    inner = item("inner")
    group = item("group", "group", enableWhen=[when("inner", "exists", answerBoolean=True)], item=[inner])
    assert found(group) == [("group", "loop"), ("inner", "loop")]


def test_what_leads_into_a_circle_is_not_in_it():
    a = item("a", enableWhen=[when("b", "exists", answerBoolean=True)])
    b = item("b", enableWhen=[when("a", "exists", answerBoolean=True)])
    c = item("c", enableWhen=[when("a", "exists", answerBoolean=True)])
    assert found(a, b, c) == [("a", "loop"), ("b", "loop"), ("c", "unreachable")]


def test_limits_that_leave_nothing():
    upside_down = [
        {"url": EXTENSION + "minValue", "valueInteger": 9},
        {"url": EXTENSION + "maxValue", "valueInteger": 1},
    ]
    assert found(item("n", "integer", extension=upside_down, required=True)) == [
        ("n", "impossible-limits"),
        ("n", "cannot-be-answered"),
    ]
    assert found(item("s", maxLength=2, extension=[{"url": EXTENSION + "minLength", "valueInteger": 3}])) == [
        ("s", "impossible-limits")
    ]


def translated(words):
    parts = [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": words}]
    return {"extension": [{"url": EXTENSION + "translation", "extension": parts}]}


def test_translations():
    both = item("a") | {"_text": translated("hola")}
    one = item("b")
    options = choice("c", "x") | {"_text": translated("hola")}
    assert found(both, one, options) == [("b", "untranslated"), ("c", "untranslated")]
    assert found(one) == []  # a form in one language is in order
    document = {"resourceType": "Questionnaire", "title": "Form", "item": [one]}
    assert [(f.linkId, f.code) for f in faults(Questionnaire(document), ("en", "es"))] == [
        ("", "untranslated"),
        ("b", "untranslated"),
    ]
    assert faults(Questionnaire(document | {"language": "es"}), ("es",)) == []


def test_very_many_ways_are_not_counted_for_ever():
    flags = [item(f"f{n}", "boolean") for n in range(40)]
    either = [
        item(
            f"e{n}",
            enableBehavior="any",
            enableWhen=[when(f"f{n}", answerBoolean=True), when(f"f{n + 1}", answerBoolean=True)]
            + ([when(f"e{n - 1}", "exists", answerBoolean=True)] if n else []),
        )
        for n in range(39)
    ]
    assert found(*flags, *either) == []


@pytest.mark.parametrize("name", ["bb", "f201", "phq-9-questionnaire", "zika-virus-exposure-assessment"])
def test_hl7_examples_in_order(shared_data, name):
    path = shared_data / "surveys" / "hl7_r4_examples" / f"Questionnaire-{name}.json"
    assert faults(Questionnaire(json.loads(path.read_text()))) == []


def test_hl7_examples_with_faults(shared_data):
    folder = shared_data / "surveys" / "hl7_r4_examples"
    codes = {
        name: {
            fault.code
            for fault in faults(Questionnaire(json.loads((folder / f"Questionnaire-{name}.json").read_text())))
        }
        for name in ("gcs", "3141", "qs1")
    }
    assert codes == {
        "gcs": {"no-text"},
        "3141": {"no-text", "no-options"},
        "qs1": {"missing-link-id", "duplicate-link-id", "no-options"},
    }


SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"


def said(name, **value):
    return {"extension": [{"url": EXTENSION + name} | value]}


def calculated(*link_ids, text=" + "):
    terms = (f"%resource.descendants().where(linkId = '{link}').answer.value" for link in link_ids)
    expression = {"language": "text/fhirpath", "expression": text.join(terms)}
    return {"extension": [{"url": SDC + "calculatedExpression", "valueExpression": expression}]}


CODED = {"code": [{"system": "http://example.org", "code": "x"}]}
KILOS = {"system": "http://unitsofmeasure.org", "code": "kg"}


def units(*codings, **more):
    extensions = [{"url": EXTENSION + "questionnaire-unitOption", "valueCoding": coding} for coding in codings]
    return item("w", "quantity", extension=extensions) | more


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([item("a", **CODED), item("b", **CODED)], [("b", "duplicate-code")]),
        ([item("a", **CODED), item("g", "group", item=[ASK], **CODED)], []),
        ([item("a", "display", text="")], [("a", "no-text")]),
        ([item("a", **said("regex", valueString="(a"))], [("a", "bad-regex")]),
        ([item("a", **said("regex", valueString="(?=a)"))], [("a", "bad-regex")]),
        ([item("a", **said("regex", valueString="[a-z]+"))], []),
        ([item("a", "integer", **said("minValue", valueDate="2020-01-01"))], [("a", "bad-limit")]),
        ([item("a", "date", **said("minValue", valueDate="2020-01-01"))], []),
        ([item("a", "quantity", **said("minValue", valueInteger=1))], []),
        ([units(KILOS, {"system": "http://unitsofmeasure.org", "code": "g"})], []),
        ([units(KILOS, KILOS)], [("w", "bad-unit")]),
        ([units({"code": "kg"})], [("w", "bad-unit")]),
        ([units({"system": "http://unitsofmeasure.org"})], [("w", "bad-unit")]),
        ([units(KILOS, {"system": "http://unitsofmeasure.org", "code": "g"}, type="integer")], [("w", "bad-unit")]),
        (
            [units(KILOS), item("a", enableWhen=[when("w", ">", answerQuantity={"value": 1, "code": "g"})])],
            [("a", "condition-option")],
        ),
        ([choice("a", "x") | {"initial": [{"valueCoding": {"code": "y"}}]}], [("a", "bad-initial")]),
        ([item("a", "integer", initial=[{"valueString": "x"}])], [("a", "bad-initial")]),
        ([item("a", initial=[{"valueString": "x"}, {"valueString": "y"}])], [("a", "bad-initial")]),
        ([item("g", "group", item=[ASK], initial=[{"valueString": "x"}])], [("g", "bad-initial")]),
        (
            [item("a", required=True, **said("questionnaire-hidden", valueBoolean=True))],
            [("a", "cannot-be-answered")],
        ),
        (
            [item("g", "group", item=[item("a", required=True)], **said("questionnaire-hidden", valueBoolean=True))],
            [("a", "cannot-be-answered")],
        ),
        (
            [item("n", "integer"), item("a", "integer", required=True, readOnly=True, **calculated("n"))],
            [],
        ),
        ([item("a", "integer", **calculated("zz"))], [("a", "bad-expression")]),
        ([item("a", "integer", **calculated("a"))], [("a", "loop")]),
        (
            [item("a", "integer", **calculated("b")), item("b", "integer", **calculated("a"))],
            [("a", "loop"), ("b", "loop")],
        ),
        (
            [
                item("a", "integer", enableWhen=[when("b", ">", answerInteger=1)]),
                item("b", "integer", **calculated("a")),
            ],
            [("a", "loop"), ("b", "loop")],
        ),
        (
            [item("g", "group", repeats=True, item=[item("n", "integer"), item("a", "integer", **calculated("n"))])],
            [("a", "bad-expression")],
        ),
        ([item("g", "group", item=[ASK], **calculated("ask"))], [("g", "bad-expression")]),
    ],
)
def test_more_faults(items, expected):
    assert found(*items) == expected


def test_an_expression_in_another_language_is_told():
    expression = {"language": "text/cql", "expression": "1 + 1"}
    extension = {"url": SDC + "calculatedExpression", "valueExpression": expression}
    assert found(item("a", "integer", extension=[extension])) == [("a", "bad-expression")]


def test_an_entry_format_is_translated_too():
    translated = {
        "url": EXTENSION + "translation",
        "extension": [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": "¿Cuándo?"}],
    }
    entry = said("entryFormat", valueString="MM/DD/YYYY")
    assert found(item("a", _text={"extension": [translated]}, **entry)) == [("a", "untranslated")]
