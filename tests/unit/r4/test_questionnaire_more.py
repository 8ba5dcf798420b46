"""Pre-filled and calculated answers, instances of groups, patterns, units, and what else a form may say of an item."""

import pytest

from commonweal.r4.questionnaire import Questionnaire, answers_of, response_document, validate

HL7 = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
UCUM = "http://unitsofmeasure.org"


def item(link_id, kind, *extensions, **more):
    found = {"linkId": link_id, "text": link_id, "type": kind} | more
    return found | ({"extension": list(extensions)} if extensions else {})


def said(name, **value):
    return {"url": HL7 + name} | value


def formula(name, text, language="text/fhirpath"):
    return {"url": SDC + name, "valueExpression": {"language": language, "expression": text}}


def calculated(text):
    return formula("calculatedExpression", text)


def at(*link_ids):
    wanted = " | ".join(f"'{link_id}'" for link_id in link_ids)
    return f"%resource.descendants().where(linkId in ({wanted})).answer.value"


def form(*items):
    return Questionnaire({"resourceType": "Questionnaire", "item": list(items)})


def written(questionnaire, answers, **more):
    return response_document(questionnaire, answers, language="en", authored="2026-01-01", identifier=None, **more)


def problems(questionnaire, *items, status="completed"):
    document = {"resourceType": "QuestionnaireResponse", "status": status, "item": list(items)}
    return [(problem.linkId, problem.code) for problem in validate(document, questionnaire)]


def given(link_id, *answers):
    return {"linkId": link_id, "answer": list(answers)}


def number(value):
    return {"valueInteger": value}


# --- calculated --------------------------------------------------------------------------------------------------------

SCORED = [
    {"valueCoding": {"system": "s", "code": code}, "extension": [said("ordinalValue", valueDecimal=score)]}
    for code, score in [("never", 0), ("often", 2), ("always", 3)]
]
SCALE = form(
    item("q1", "choice", answerOption=SCORED),
    item("q2", "choice", answerOption=SCORED),
    item("sum", "integer", calculated(at("q1", "q2").removesuffix(".value") + ".ordinal().sum()")),
    item("high", "boolean", calculated(f"{at('sum')} > 4"), readOnly=True),
    item("help", "display", enableWhen=[{"question": "high", "operator": "=", "answerBoolean": True}]),
    item("mean", "decimal", calculated(f"{at('sum')} / 3")),
)


def chosen(code):
    return [{"valueCoding": {"system": "s", "code": code}}]


def test_scores_are_read_from_options():
    assert [option.ordinal for option in SCALE.items["q1"].options] == [0, 2, 3]


def test_calculated_answers_follow_and_what_depends_on_them_follows_too():
    answers = SCALE.calculated({"q1": chosen("often"), "q2": chosen("always"), "sum": [number(99)]})
    assert answers["sum"] == [number(5)] and answers["high"] == [{"valueBoolean": True}]
    assert answers["mean"] == [{"valueDecimal": 1.66666667}]
    assert SCALE.enabled("help", answers) and not SCALE.enabled("help", {"q1": chosen("often")})


def test_the_document_holds_what_is_calculated_whatever_was_said():
    document = written(SCALE, {"q1": chosen("often"), "sum": [number(99)]}, skips=True)
    assert answers_of(document)["sum"] == [number(2)]
    assert validate(document, SCALE) == []
    assert written(SCALE, answers_of(document), skips=True) == document


def test_a_calculated_answer_that_differs_or_is_missing_is_a_problem():
    document = written(SCALE, {"q1": chosen("often")})
    document["item"] = [one for one in document["item"] if one["linkId"] != "high"]
    next(one for one in document["item"] if one["linkId"] == "sum")["answer"] = [number(3)]
    found = [(problem.linkId, problem.code) for problem in validate(document, SCALE)]
    assert found == [("sum", "wrong-calculation"), ("high", "wrong-calculation")]
    document["status"] = "in-progress"
    assert [problem.linkId for problem in validate(document, SCALE)] == ["sum"]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("integer", "5 / 2", []),
        ("integer", "4 / 2", [number(2)]),
        ("decimal", "1 / 3", [{"valueDecimal": 0.33333333}]),
        ("string", "'a' & 'b'", [{"valueString": "ab"}]),
        ("string", "'a' | 'b'", []),
        ("boolean", "1 = 1", [{"valueBoolean": True}]),
        ("date", "'2020-02-30'", []),
        ("date", "@2020-02-28", [{"valueDate": "2020-02-28"}]),
        ("quantity", "70", [{"valueQuantity": {"value": 70, "unit": "kilos", "system": UCUM, "code": "kg"}}]),
    ],
)
def test_a_calculated_answer_has_the_type_of_its_question(kind, text, expected):
    unit = said("questionnaire-unit", valueCoding={"system": UCUM, "code": "kg", "display": "kilos"})
    questionnaire = form(item("x", kind, calculated(text), *([unit] if kind == "quantity" else [])))
    assert questionnaire.calculated({}).get("x", []) == expected


def test_an_option_may_be_calculated_by_its_code():
    risk = item("risk", "choice", calculated("iif(1 > 0, 'often', 'never')"), answerOption=SCORED)
    assert form(risk).calculated({}) == {"risk": chosen("often")}


# --- pre-filled --------------------------------------------------------------------------------------------------------

OPENED = form(
    item("plain", "string", initial=[{"valueString": "as last time"}]),
    item("picked", "choice", answerOption=[SCORED[0], SCORED[1] | {"initialSelected": True}]),
    item("born", "date", formula("initialExpression", "%patient.birthDate")),
    item("twice", "integer", calculated(f"{at('n')} * 2")),
    item("n", "integer", initial=[number(4)]),
)


def test_a_form_is_opened_with_what_stands_there():
    answers = OPENED.prefilled({"patient": {"birthDate": "1980-01-02"}})
    assert answers["plain"] == [{"valueString": "as last time"}] and answers["picked"] == chosen("often")
    assert answers["born"] == [{"valueDate": "1980-01-02"}] and answers["twice"] == [number(8)]
    assert "born" not in OPENED.prefilled() and "born" not in OPENED.prefilled({"patient": {"birthDate": "soon"}})


def test_what_a_person_answered_is_never_touched():
    own = {"plain": [{"valueString": "mine"}], "picked": [], "n": [number(1)]}
    answers = OPENED.prefilled({}, own)
    assert (answers["plain"], answers["picked"], answers["twice"]) == (own["plain"], [], [number(2)])


# --- instances of groups -----------------------------------------------------------------------------------------------

ILL = {"question": "ill", "operator": "=", "answerBoolean": True}
CHILDREN = form(
    item(
        "child",
        "group",
        repeats=True,
        item=[
            item("ill", "boolean", required=True),
            item("what", "string", enableWhen=[ILL]),
            item("drug", "group", repeats=True, item=[item("name", "string")]),
        ],
    ),
    item("any ill", "string", enableWhen=[ILL]),
)
YES, NO = [{"valueBoolean": True}], [{"valueBoolean": False}]


def words(text):
    return [{"valueString": text}]


def test_instances_of_a_group_are_written_and_read_apart():
    drugs = [{"answers": {"name": words("a")}}, {"answers": {"name": words("b")}}]
    answers = {
        "child": [{"answers": {"ill": YES, "what": words("flu")}}, {"answers": {"ill": NO, "drug": drugs}}],
        "any ill": words("yes"),
    }
    document = written(CHILDREN, answers)
    assert [len(one["item"]) for one in document["item"][:2]] == [2, 3]
    assert validate(document, CHILDREN) == []
    assert answers_of(document, CHILDREN) == answers
    assert answers_of(document)["name"] == words("a") + words("b")


def test_each_instance_hides_by_its_own_answers():
    answers = {"child": [{"answers": {"ill": NO, "what": words("flu")}}, {"answers": {"ill": YES}}]}
    document = written(CHILDREN, answers, skips=True)
    assert [[one["linkId"] for one in child["item"]] for child in document["item"][:2]] == [
        ["ill", "drug"],
        ["ill", "what", "drug"],
    ]
    assert document["item"][2]["linkId"] == "any ill"
    assert validate(document, CHILDREN) == []


# --- patterns, units, limits -------------------------------------------------------------------------------------------


def test_patterns_and_what_the_message_says():
    entry = said("entryFormat", valueString="5 digits")
    questionnaire = form(item("zip", "string", said("regex", valueString=r"\d{5}"), entry))
    assert problems(questionnaire, given("zip", {"valueString": "12345"})) == []
    document = {"resourceType": "QuestionnaireResponse", "item": [given("zip", {"valueString": "1234x"})]}
    assert [(p.code, p.message) for p in validate(document, questionnaire)] == [
        ("pattern", "not written as asked for: 5 digits")
    ]


def test_a_pattern_that_cannot_be_used_refuses_nobody():
    questionnaire = form(item("zip", "string", said("regex", valueString=r"(?=x)")))
    assert problems(questionnaire, given("zip", {"valueString": "12345"})) == []


KILOS, POUNDS = (
    {"system": UCUM, "code": code, "display": name} for code, name in (("kg", "kg"), ("[lb_av]", "pounds"))
)
WEIGHT = form(
    item(
        "w",
        "quantity",
        said("questionnaire-unitOption", valueCoding=KILOS),
        said("questionnaire-unitOption", valueCoding=POUNDS),
        said("maxDecimalPlaces", valueInteger=1),
        {"url": SDC + "minQuantity", "valueQuantity": {"value": 2, "code": "kg"}},
    )
)


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ({"value": 70, "system": UCUM, "code": "kg"}, []),
        ({"value": 70, "unit": "pounds"}, []),
        ({"value": 70.5, "code": "[lb_av]"}, []),
        ({"value": 70.55, "code": "kg"}, ["too-precise"]),
        ({"value": 1, "code": "kg"}, ["too-small"]),
        ({"value": 70, "code": "g"}, ["not-a-unit"]),
        ({"value": 70, "system": "http://example.org", "code": "kg"}, ["not-a-unit"]),
        ({"value": 70}, ["not-a-unit"]),
        ({"value": "70,5", "code": "kg"}, ["wrong-type"]),
        ({"code": "kg"}, ["wrong-type"]),
    ],
)
def test_quantities(quantity, expected):
    assert [code for _, code in problems(WEIGHT, given("w", {"valueQuantity": quantity}))] == expected


def test_how_an_item_is_best_shown():
    control = {"coding": [{"system": "http://hl7.org/fhir/questionnaire-item-control", "code": "slider"}]}
    shown = form(
        item(
            "x",
            "integer",
            said("questionnaire-hidden", valueBoolean=True),
            said("questionnaire-itemControl", valueCodeableConcept=control),
            said("questionnaire-choiceOrientation", valueCode="horizontal"),
        )
    ).items["x"]
    assert (shown.hidden, shown.control, shown.orientation) == (True, "slider", "horizontal")
    assert [unit.display() for unit in WEIGHT.items["w"].units] == ["kg", "pounds"]


def test_a_hidden_question_is_no_skip():
    hidden = item("x", "integer", said("questionnaire-hidden", valueBoolean=True))
    assert "item" not in written(form(hidden), {}, skips=True)


@pytest.mark.parametrize(
    ("kind", "answer", "says"),
    [
        ("decimal", {"valueDecimal": "1,5"}, "no comma"),
        ("integer", {"valueInteger": "15"}, "without quotation marks"),
        ("integer", {"valueInteger": 1.5}, "not whole"),
        ("integer", {"valueString": "15"}, "takes valueInteger, not valueString"),
        ("date", {"valueDate": "03/14/1961"}, "YYYY-MM-DD"),
        ("string", {"valueString": ""}, "empty"),
        ("string", {"valueString": "x" * 2_000_000}, "at most 1048576 characters"),
        ("string", {"extension": []}, "without a value"),
        ("string", {"value<script>": "x"}, "without a value"),
    ],
)
def test_what_to_do_about_an_answer_is_said(kind, answer, says):
    document = {"resourceType": "QuestionnaireResponse", "item": [given("x", answer)]}
    found = validate(document, form(item("x", kind)))
    assert len(found) == 1 and says in found[0].message and len(found[0].message) < 200


def test_a_text_of_a_megabyte_is_measured_in_no_time():
    most = form(item("x", "text", said("regex", valueString="(a+)+"), maxLength=4_000))
    assert problems(most, given("x", {"valueString": "a" * 1_000_000})) == [("x", "too-long")]


def test_items_of_another_version_are_told_as_such():
    questionnaire = Questionnaire(
        {"resourceType": "Questionnaire", "url": "http://example.org/q", "version": "2", "item": [item("b", "string")]}
    )
    response = {"resourceType": "QuestionnaireResponse", "item": [given("a", {"valueString": "x"})]}

    def message(canonical):
        return [problem.message for problem in validate(response | {"questionnaire": canonical}, questionnaire)]

    assert message("http://example.org/q|2") == ["the form has no such item"]
    assert "version 1" in message("http://example.org/q|1")[0]
    assert "<" not in message("http://example.org/q|<script>")[0]


NO_LISTS = [
    {"linkId": "g"},
    [{"linkId": "g", "item": {"linkId": "a"}}],
    [{"linkId": "g", "item": [{"linkId": "a", "answer": {"valueString": "x"}}]}],
    [{"linkId": "g", "item": [{"linkId": "a", "answer": ["x"]}]}],
    ["g"],
]


@pytest.mark.parametrize("items", NO_LISTS)
def test_what_is_no_list_of_items_or_answers_is_told_and_not_passed_over(items):
    questionnaire = form(item("g", "group", item=[item("a", "string")]))
    response = {"resourceType": "QuestionnaireResponse", "status": "completed", "item": items}
    assert {problem.code for problem in validate(response, questionnaire)} == {"structure"}
