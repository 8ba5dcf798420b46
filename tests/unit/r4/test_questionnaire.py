"""What a questionnaire asks, and whether a response answers it."""

import pytest

from commonweal.r4.questionnaire import Questionnaire, answers_of, response_document, validate

SYSTEM = "http://example.org/codes"
EXTENSION = "http://hl7.org/fhir/StructureDefinition/"


def coding(code):
    return {"valueCoding": {"system": SYSTEM, "code": code}}


def choice(link_id, *codes, **more):
    options = [
        {"valueCoding": {"system": SYSTEM, "code": code.strip("!"), "display": code.strip("!")}}
        | (
            {"extension": [{"url": EXTENSION + "questionnaire-optionExclusive", "valueBoolean": True}]}
            if "!" in code
            else {}
        )
        for code in codes
    ]
    return {"linkId": link_id, "text": link_id, "type": "choice", "answerOption": options} | more


def item(link_id, kind, **more):
    return {"linkId": link_id, "text": link_id, "type": kind} | more


def when(question, operator, **answer):
    return {"question": question, "operator": operator} | answer


def form(*items):
    return Questionnaire({"resourceType": "Questionnaire", "item": list(items)})


def problems(questionnaire, items, status="completed"):
    document = {"resourceType": "QuestionnaireResponse", "status": status, "item": items}
    return [(problem.linkId, problem.code) for problem in validate(document, questionnaire)]


def answered(link_id, *answers, **more):
    return {"linkId": link_id, "answer": list(answers)} | more


# --- enableWhen --------------------------------------------------------------------------------------------------------

NUMBER, FLAG = item("n", "integer"), item("b", "boolean")


@pytest.mark.parametrize(
    ("operator", "value", "holds_for", "not_for"),
    [
        ("exists", {"answerBoolean": True}, [1, 0], [None]),
        ("exists", {"answerBoolean": False}, [None], [1, 0]),
        ("=", {"answerInteger": 3}, [3], [2, None]),
        ("!=", {"answerInteger": 3}, [2, None], [3]),
        (">", {"answerInteger": 3}, [4], [3, 2, None]),
        ("<", {"answerInteger": 3}, [2], [3, 4, None]),
        (">=", {"answerInteger": 3}, [3, 4], [2, None]),
        ("<=", {"answerInteger": 3}, [3, 2], [4, None]),
        (">", {"answerDecimal": 2.5}, [3], [2, None]),
    ],
)
def test_operators_on_numbers(operator, value, holds_for, not_for):
    questionnaire = form(NUMBER, item("x", "string", enableWhen=[when("n", operator, **value)]))
    for number in holds_for + not_for:
        answers = {} if number is None else {"n": [{"valueInteger": number}]}
        assert questionnaire.enabled("x", answers) is (number in holds_for), number


@pytest.mark.parametrize(
    ("kind", "key", "limit", "above", "below"),
    [
        ("date", "Date", "2020-05-01", "2020-05-02", "2019-12-31"),
        ("dateTime", "DateTime", "2020-05-01T12:00:00Z", "2020-05-01T08:00:00-05:00", "2020-05-01T12:30:00+01:00"),
        ("time", "Time", "12:00:00", "12:00:01", "09:00:00"),
        ("decimal", "Decimal", 0.1, 0.11, 0.09),
        ("quantity", "Quantity", {"value": 5, "code": "kg"}, {"value": 6, "code": "kg"}, {"value": 4, "code": "kg"}),
    ],
)
def test_order_of_every_type_that_has_one(kind, key, limit, above, below):
    questionnaire = form(item("q", kind), item("x", "string", enableWhen=[when("q", ">", **{"answer" + key: limit})]))
    assert questionnaire.enabled("x", {"q": [{"value" + key: above}]})
    assert not questionnaire.enabled("x", {"q": [{"value" + key: below}]})
    assert not questionnaire.enabled("x", {"q": [{"value" + key: limit}]})


def test_quantities_of_other_units_have_no_order():
    limit = when("q", ">", answerQuantity={"value": 5, "code": "kg"})
    questionnaire = form(item("q", "quantity"), item("x", "string", enableWhen=[limit]))
    assert not questionnaire.enabled("x", {"q": [{"valueQuantity": {"value": 9, "code": "g"}}]})


def test_codes_are_equal_by_system_too_and_true_is_not_one():
    questionnaire = form(
        choice("c", "a"),
        FLAG,
        item("x", "string", enableWhen=[when("c", "=", answerCoding={"system": SYSTEM, "code": "a"})]),
        item("y", "string", enableWhen=[when("b", "=", answerBoolean=True)]),
    )
    assert questionnaire.enabled("x", {"c": [coding("a")]})
    assert questionnaire.enabled("x", {"c": [{"valueCoding": {"code": "a"}}]})
    assert not questionnaire.enabled("x", {"c": [{"valueCoding": {"system": "other", "code": "a"}}]})
    assert not questionnaire.enabled("y", {"b": [{"valueInteger": 1}]})


@pytest.mark.parametrize(("behaviour", "one", "both"), [("all", False, True), ("any", True, True), (None, True, True)])
def test_several_conditions(behaviour, one, both):
    conditions = [when("n", ">", answerInteger=3), when("b", "=", answerBoolean=True)]
    more = {"enableBehavior": behaviour} if behaviour else {}
    questionnaire = form(NUMBER, FLAG, item("x", "string", enableWhen=conditions, **more))
    assert questionnaire.enabled("x", {"n": [{"valueInteger": 4}]}) is one
    assert questionnaire.enabled("x", {"n": [{"valueInteger": 4}], "b": [{"valueBoolean": True}]}) is both


def test_answers_to_what_is_not_asked_count_as_none():
    questionnaire = form(
        FLAG,
        item("n", "integer", enableWhen=[when("b", "=", answerBoolean=True)]),
        item("x", "string", enableWhen=[when("n", "exists", answerBoolean=True)]),
    )
    answers = {"b": [{"valueBoolean": False}], "n": [{"valueInteger": 1}]}
    assert not questionnaire.enabled("n", answers) and not questionnaire.enabled("x", answers)


def test_a_group_that_is_not_shown_hides_all_within():
    inner = item("g", "group", enableWhen=[when("b", "=", answerBoolean=True)], item=[item("x", "string")])
    questionnaire = form(FLAG, item("page", "group", item=[inner]))
    assert not questionnaire.enabled("x", {})
    assert questionnaire.enabled("x", {"b": [{"valueBoolean": True}]})


def test_what_stands_under_a_question_is_asked_once_it_is_answered():
    questionnaire = form(item("q", "string", item=[item("x", "string")]))
    assert not questionnaire.enabled("x", {})
    assert questionnaire.enabled("x", {"q": [{"valueString": "yes"}]})


def test_conditions_in_a_circle_never_hold_and_end():
    questionnaire = form(
        item("a", "string", enableWhen=[when("b", "exists", answerBoolean=True)]),
        item("b", "string", enableWhen=[when("a", "exists", answerBoolean=True)]),
    )
    assert not questionnaire.enabled("a", {"a": [{"valueString": "x"}], "b": [{"valueString": "x"}]})


# --- validate ----------------------------------------------------------------------------------------------------------

LIMITS = [{"url": EXTENSION + "minValue", "valueInteger": 1}, {"url": EXTENSION + "maxValue", "valueInteger": 9}]
FORM = form(
    item(
        "page",
        "group",
        item=[
            choice("c", "a", "b", required=True),
            choice("m", "x", "y", "none!", repeats=True),
            item("n", "integer", extension=LIMITS),
            item("s", "string", maxLength=5),
            item("t", "string", required=True, enableWhen=[when("c", "=", answerCoding=coding("b")["valueCoding"])]),
            item("d", "date"),
            choice("o", "a", "b", type="open-choice"),
            item("note", "display"),
        ],
    )
)


def page(*items):
    return [{"linkId": "page", "item": list(items)}]


A = answered("c", coding("a"))


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (page(A), []),
        (page(answered("c", coding("b")), answered("t", {"valueString": "why"})), []),
        (page(A, answered("m", coding("x"), coding("y")), answered("n", {"valueInteger": 9})), []),
        (page(A, answered("o", {"valueString": "mine"}), answered("d", {"valueDate": "2020-02"})), []),
        ([], [("c", "required")]),
        (page(), [("c", "required")]),
        (page(answered("c", coding("b"))), [("t", "required")]),
        (page(A, answered("t", {"valueString": "why"})), [("t", "disabled")]),
        (page(A, answered("zz", {"valueString": "why"})), [("zz", "unknown-item")]),
        ([A, *page(A)], [("c", "misplaced-item")]),
        (page(answered("c", coding("z"))), [("c", "not-an-option")]),
        (page(answered("c", {"valueCoding": {"system": "other", "code": "a"}})), [("c", "not-an-option")]),
        (page(answered("c", {"valueString": "a"})), [("c", "wrong-type")]),
        (page(answered("c", {})), [("c", "wrong-type")]),
        (page(answered("c", coding("a"), coding("b")), answered("t", {"valueString": "x"})), [("c", "too-many")]),
        (page(A, answered("c", coding("a"))), [("c", "too-many"), ("c", "duplicate-answer")]),
        (page(A, answered("m", coding("x"), coding("x"))), [("m", "duplicate-answer")]),
        (page(A, answered("m", coding("x"), coding("none"))), [("m", "exclusive")]),
        (page(A, answered("m", coding("none"))), []),
        (page(A, answered("n", {"valueInteger": 0})), [("n", "too-small")]),
        (page(A, answered("n", {"valueInteger": 10})), [("n", "too-large")]),
        (page(A, answered("n", {"valueInteger": True})), [("n", "wrong-type")]),
        (page(A, answered("n", {"valueDecimal": 3})), [("n", "wrong-type")]),
        (page(A, answered("n", {"valueInteger": 2**31})), [("n", "wrong-type")]),
        (page(A, answered("s", {"valueString": "sixsix"})), [("s", "too-long")]),
        (page(A, answered("s", {"valueString": "  "})), [("s", "wrong-type")]),
        (page(A, answered("d", {"valueDate": "2021-02-29"})), [("d", "wrong-type")]),
        (page(A, answered("d", {"valueDate": "yesterday"})), [("d", "wrong-type")]),
        (page(A, answered("note", {"valueString": "hm"})), [("note", "wrong-type")]),
        (page(A, {"linkId": "s", "item": [answered("d", {"valueDate": "2020"})]}), [("s", "structure")]),
        ([{"linkId": "page", "answer": [{"valueString": "x"}], "item": [A]}], [("page", "wrong-type")]),
        (page(A) + page(), [("page", "too-many"), ("c", "required")]),
    ],
)
def test_validate(items, expected):
    assert problems(FORM, items) == expected


def test_what_is_required_is_not_asked_of_unfinished_responses():
    assert problems(FORM, [], "in-progress") == []
    assert problems(FORM, [], "amended") == [("c", "required")]


def test_a_required_group_needs_an_answer_in_it():
    questionnaire = form(item("g", "group", required=True, item=[item("x", "string")]))
    assert problems(questionnaire, []) == [("g", "required")]
    assert problems(questionnaire, [{"linkId": "g", "item": [answered("x", {"valueString": "a"})]}]) == []


def test_numbers_of_answers():
    least = {"url": EXTENSION + "questionnaire-minOccurs", "valueInteger": 2}
    most = {"url": EXTENSION + "questionnaire-maxOccurs", "valueInteger": 3}
    questionnaire = form(item("s", "string", repeats=True, extension=[least, most]))
    counts = {
        n: problems(questionnaire, [answered("s", *[{"valueString": str(i)} for i in range(n)])]) for n in range(5)
    }
    assert counts == {0: [("s", "required")], 1: [("s", "too-few")], 2: [], 3: [], 4: [("s", "too-many")]}


def test_each_instance_of_a_repeated_group_is_judged_by_itself():
    questionnaire = form(
        item(
            "child",
            "group",
            repeats=True,
            item=[
                item("ill", "boolean", required=True),
                item("what", "string", required=True, enableWhen=[when("ill", "=", answerBoolean=True)]),
            ],
        )
    )
    ill, well = answered("ill", {"valueBoolean": True}), answered("ill", {"valueBoolean": False})
    what = answered("what", {"valueString": "cold"})

    def children(*instances):
        return problems(questionnaire, [{"linkId": "child", "item": list(items)} for items in instances])

    assert children() == []
    assert children([ill, what], [well]) == []
    assert children([well], [ill, what]) == []
    assert children([ill], [well]) == [("what", "required")]
    assert children([ill, what], [well, what]) == [("what", "disabled")]
    assert children([ill, what], []) == [("ill", "required")]


def test_items_under_an_answer():
    questionnaire = form(choice("q", "yes", "no", item=[item("n", "integer", required=True)]))
    under = answered("n", {"valueInteger": 1})
    assert problems(questionnaire, [answered("q", coding("yes") | {"item": [under]})]) == []
    assert problems(questionnaire, [answered("q", coding("yes"))]) == [("n", "required")]
    assert problems(questionnaire, []) == []
    assert problems(questionnaire, [under]) == [("n", "misplaced-item")]


def test_options_from_a_value_set_inside_the_form():
    contained = {
        "resourceType": "ValueSet",
        "id": "v",
        "compose": {"include": [{"system": SYSTEM, "concept": [{"code": "a"}]}]},
    }
    questionnaire = Questionnaire(
        {
            "resourceType": "Questionnaire",
            "contained": [contained],
            "item": [
                item("q", "choice", answerValueSet="#v"),
                item("far", "choice", answerValueSet="http://example.org/v"),
            ],
        }
    )
    assert problems(questionnaire, [answered("q", coding("a")), answered("far", coding("whatever"))]) == []
    assert problems(questionnaire, [answered("q", coding("b"))]) == [("q", "not-an-option")]


def test_options_that_are_numbers():
    questionnaire = form(item("q", "choice", answerOption=[{"valueInteger": 1}, {"valueInteger": 2}]))
    assert problems(questionnaire, [answered("q", {"valueInteger": 2})]) == []
    assert problems(questionnaire, [answered("q", {"valueInteger": 3})]) == [("q", "not-an-option")]


def test_a_response_to_another_form():
    questionnaire = Questionnaire({"resourceType": "Questionnaire", "url": "http://example.org/a", "item": []})
    document = {"resourceType": "QuestionnaireResponse", "questionnaire": "http://example.org/b|1"}
    assert [problem.code for problem in validate(document, questionnaire)] == ["wrong-questionnaire"]
    assert validate(document | {"questionnaire": "http://example.org/a|7"}, questionnaire) == []
    assert [problem.code for problem in validate({"resourceType": "Patient"}, questionnaire)] == ["structure"]


def test_messages_never_quote_answers():
    secret = "Jane Doe of Main Street"
    items = page(
        answered("c", {"valueCoding": {"code": secret}}),
        answered("s", {"valueString": secret}),
        answered("d", {"valueDate": secret}),
    )
    found = validate({"resourceType": "QuestionnaireResponse", "item": items}, FORM)
    assert len(found) == 3 and secret not in repr(found)


# --- documents ---------------------------------------------------------------------------------------------------------


def test_answers_to_a_document_and_back():
    answers = {"c": [coding("b")], "t": [{"valueString": "why"}], "m": [coding("x"), coding("y")]}
    document = response_document(FORM, answers, language="es", authored="2026-01-02T03:04:05Z", identifier="r-1")
    assert validate(document, FORM) == []
    assert answers_of(document) == answers
    assert (document["language"], document["identifier"], document["status"]) == ("es", {"value": "r-1"}, "completed")
    assert "subject" not in document


def test_answers_to_what_is_not_asked_stay_out_of_the_document():
    document = response_document(
        FORM,
        {"c": [coding("a")], "t": [{"valueString": "old"}]},
        language="en",
        authored="2026-01-02T03:04:05Z",
        identifier=None,
    )
    assert answers_of(document) == {"c": [coding("a")]}


def test_items_under_a_question_go_into_its_answer():
    questionnaire = form(choice("q", "yes", item=[item("n", "integer")]))
    answers = {"q": [coding("yes")], "n": [{"valueInteger": 2}]}
    document = response_document(questionnaire, answers, language="en", authored="2026", identifier=None)
    assert document["item"][0]["answer"][0]["item"] == [answered("n", {"valueInteger": 2})]
    assert answers_of(document) == answers and validate(document, questionnaire) == []


def test_pages_and_words():
    translation = {
        "url": EXTENSION + "translation",
        "extension": [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": "Hola"}],
    }
    group = item("g", "group", item=[item("x", "string"), item("h", "group", item=[item("y", "string")])])
    questionnaire = form(group | {"text": "Hello", "_text": {"extension": [translation]}}, item("alone", "string"))
    assert [(p.linkId, [i.link_id for i in p.items]) for p in questionnaire.pages()] == [
        ("g", ["x", "h", "y"]),
        ("alone", ["alone"]),
    ]
    first = questionnaire.pages()[0]
    assert (first.title("es"), first.title("fr"), first.title()) == ("Hola", "Hello", "Hello")


@pytest.mark.parametrize(
    "document", [[], {}, {"resourceType": "Patient"}, {"resourceType": "Questionnaire", "item": {"a": 1}}]
)
def test_what_is_no_questionnaire(document):
    with pytest.raises(ValueError, match=r"not a FHIR Questionnaire|not a list of items"):
        Questionnaire(document)
