"""Expressions of forms: what they come to, what they read, and what is refused."""

from decimal import Decimal

import pytest

from commonweal.r4.expression import Expression, ExpressionError
from commonweal.r4.questionnaire import Questionnaire


def item(link_id, kind, **more):
    return {"linkId": link_id, "text": link_id, "type": kind} | more


def option(code, score=None):
    scored = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": score}]}
    return {"valueCoding": {"system": "s", "code": code}} | (scored if score is not None else {})


FORM = Questionnaire(
    {
        "resourceType": "Questionnaire",
        "item": [
            item("a", "integer"),
            item("b", "decimal"),
            item("t", "string"),
            item("d", "date"),
            item("many", "integer", repeats=True),
            item("g", "group", item=[item("in", "choice", answerOption=[option("x", 2), option("y", 0), option("z")])]),
            item("q", "boolean", item=[item("under", "integer")]),
        ],
    }
)
ANSWERS = {
    "a": [{"valueInteger": 7}],
    "b": [{"valueDecimal": 0.1}],
    "t": [{"valueString": "Ab"}],
    "d": [{"valueDate": "2020-05"}],
    "many": [{"valueInteger": 3}, {"valueInteger": 5}],
    "in": [{"valueCoding": {"system": "s", "code": "x"}}],
}


def at(link_id, how="item"):
    start = {"item": "item", "any": "descendants()"}[how]
    return f"%resource.{start}.where(linkId = '{link_id}').answer.value"


A, B, MANY, NONE = at("a"), at("b"), at("many"), at("under", "any")


def values(text):
    state = FORM.state(ANSWERS)
    return Expression(text, FORM).values(state.answers_to)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (A, [7]),
        (f"{A} + {B} * 2", [Decimal("7.2")]),
        (f"({A} + 1) / 4", [2]),
        (f"{A} / 0", []),
        (f"{A} div 2", [3]),
        (f"{A} mod 4", [3]),
        (f"-{A}", [-7]),
        (f"{B} + {B} + {B} = 0.3", [True]),
        (f"{A} > 6 and {B} < 1", [True]),
        (f"{A} + {NONE}", []),
        (f"{NONE} = 1 or true", [True]),
        (f"{NONE} = 1 and true", []),
        (f"{NONE} = 1 implies false", []),
        (f"true xor {A} = 7", [False]),
        (f"{MANY}.sum()", [8]),
        (f"{MANY}.avg()", [4]),
        (f"{MANY}.min() | {MANY}.max()", [3, 5]),
        (f"{MANY}.count()", [2]),
        (f"{MANY}.where($this > 3)", [5]),
        (f"{MANY}.select($this * 2)", [6, 10]),
        (f"{MANY}.all($this > 2)", [True]),
        (f"{MANY}.exists($this = 9)", [False]),
        (f"5 in {MANY}", [True]),
        (f"{MANY} contains 4", [False]),
        (f"{MANY}.first() + {MANY}.last()", [8]),
        (f"iif({A} > 6, 'high', 'low')", ["high"]),
        (f"iif({NONE} > 6, 'high')", []),
        (f"{NONE}.empty() and {A}.exists()", [True]),
        (f"{at('t')} & '-' & {NONE}", ["Ab-"]),
        (f"{at('t')}.upper() + 'c'", ["ABc"]),
        (f"{at('t')}.length()", [2]),
        (f"{at('t')}.startsWith('A') and {at('t')}.contains('b')", [True]),
        (f"{at('t')} + {A}", []),
        (f"{at('d')} > @2020-05-03", []),
        (f"{at('d')} > @2019", [True]),
        (f"{at('in', 'any')}.code", ["x"]),
        ("%resource.item.where(linkId='g').item.where(linkId='in').answer.value.ordinal()", [2]),
        ("%resource.repeat(item).where(linkId='in').answer.weight()", [2]),
        ("%resource.descendants().where(linkId in ('a' | 'many')).answer.value.sum()", [15]),
        ("%resource.descendants().where(linkId = 'a' or linkId = 'b').answer.count()", [2]),
        ("%resource.item.where(linkId='q').answer.item.where(linkId='under').answer.exists()", [False]),
        ("(2.45).round(1)", [Decimal("2.5")]),
        ("(10).power(2).toString()", ["100"]),
        ("(2).sqrt().round(3)", [Decimal("1.414")]),
        ("'12'.toInteger() + '1.5'.toDecimal()", [Decimal("13.5")]),
        ("'x'.toInteger()", []),
        ("(10).power(10).power(10).power(10)", []),
        ("{}", []),
        ("1 // a comment\n + 1", [2]),
        ("'it\\'s'", ["it's"]),
        (" + ".join([A] * 300), [2100]),
    ],
)
def test_what_expressions_come_to(text, expected):
    assert values(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "where a value should stand"),
        ("1 +", "where a value should stand"),
        ("(1", r"'\)' should stand"),
        ("1 1", "where it should end"),
        ("1 ? 2", "character 2"),
        (at("zz"), "the form has none"),
        (at("in"), "the form has none"),
        ("%resource.item", "stops before it comes to answers"),
        ("%resource.item.where(linkId = 'a')", "stops before it comes to answers"),
        ("%resource.item.where(answer.exists()).answer", "something else than linkId"),
        ("%resource.authored", "not supported"),
        ("item.answer", "without a start"),
        ("%patient.birthDate", "only while a form is opened"),
        ("today()", "change with the day"),
        ("now()", "without a start"),
        (f"{A}.matches('a')", "matches"),
        (f"{A}.round(1, 2)", "number of arguments"),
        (f"iif({A})", "number of arguments"),
        (f"{A}" + ".abs()" * 80, "too many steps"),
        ("(" * 50 + "1" + ")" * 50, "brackets within brackets"),
        ("1" * 30_000, "longer than"),
        ("%context.answer", "%context"),
    ],
)
def test_what_is_refused_is_told(text, why):
    with pytest.raises(ExpressionError, match=why):
        Expression(text, FORM)


def test_what_an_expression_reads_is_known_beforehand():
    assert Expression(f"iif({A} > 1, {at('in', 'any')}.ordinal(), {B})", FORM).reads == ("a", "in", "b")


def test_an_expression_that_opens_a_form_reads_its_context():
    patient = {"name": [{"given": ["Ana", "Luz"]}], "birthDate": "1980-01-02"}
    opening = Expression("%patient.name.first().given.first() & ', ' & %patient.birthDate", FORM, opening=True)
    assert opening.values(lambda _: [], {"patient": patient}) == ["Ana, 1980-01-02"]
    assert Expression("%patient.birthDate", FORM, opening=True).values(lambda _: []) == []
    with pytest.raises(ExpressionError, match="there are none"):
        Expression(A, FORM, opening=True)
