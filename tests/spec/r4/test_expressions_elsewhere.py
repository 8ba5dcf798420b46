"""Expressions of forms against another implementation of FHIRPath, over the response that the answers make.

Numbers are alike (~) when they are equal at the places of the less precise one. The other implementation rounds a half to the
even neighbour there, the standard away from it ("traditional", as in round()): so it is told to.
"""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from fhirpathpy import compile
from fhirpathpy.engine.invocations import equality
from fhirpathpy.models import models
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from commonweal.r4.expression import Expression
from commonweal.r4.questionnaire import Questionnaire, response_document

FORM = Questionnaire(
    {
        "resourceType": "Questionnaire",
        "item": [
            {"linkId": "a", "type": "integer"},
            {"linkId": "g", "type": "group", "item": [{"linkId": "b", "type": "integer", "repeats": True}]},
            {"linkId": "t", "type": "string"},
            {"linkId": "f", "type": "boolean"},
        ],
    }
)
PLACES = {
    "a": "%resource.item.where(linkId = 'a').answer.value",
    "b": "%resource.descendants().where(linkId = 'b').answer.value",
    "t": "%resource.item.where(linkId = 't').answer.value",
    "f": "%resource.item.where(linkId = 'f').answer.value",
}


def joined(inner, *operators):
    return st.tuples(inner, st.sampled_from(operators), inner).map(lambda parts: f"({' '.join(parts)})")


NUMBERS = st.recursive(
    st.sampled_from(
        ["0", "3", "2.5", "{}", PLACES["a"], *(f"{PLACES['b']}.{f}()" for f in ("count", "first", "last"))]
    ),
    lambda inner: joined(inner, "+", "-", "*", "/") | inner.map("({}).abs()".format),
    max_leaves=4,
)
TEXTS = st.sampled_from(["'x'", PLACES["t"], f"{PLACES['t']}.upper()", "{}"])
FLAGS = st.recursive(
    joined(NUMBERS, "=", "!=", "<", ">=", "~", "!~")
    | joined(TEXTS, "=", "!=", "~", "!~")
    | st.sampled_from(["true", "{}", PLACES["f"], f"{PLACES['b']}.exists()", f"{PLACES['b']}.exists($this > 2)"])
    | NUMBERS.map(lambda number: f"({number} in {PLACES['b']})"),
    lambda inner: joined(inner, "and", "or", "xor", "implies") | inner.map("({}).not()".format),
    max_leaves=4,
)
EXPRESSIONS = FLAGS | NUMBERS | st.tuples(FLAGS, NUMBERS, NUMBERS).map("iif({0[0]}, {0[1]}, {0[2]})".format)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "a": st.integers(-3, 5).map(lambda value: [{"valueInteger": value}]),
        "b": st.lists(st.integers(0, 3).map(lambda value: {"valueInteger": value}), min_size=1, max_size=3),
        "t": st.sampled_from("xyX").map(lambda value: [{"valueString": value}]),
        "f": st.booleans().map(lambda value: [{"valueBoolean": value}]),
    },
)


def plain(values):
    """Values that compare: numbers to ten places, since only so many are promised."""
    return [
        value if isinstance(value, bool) or not isinstance(value, int | float | Decimal) else round(float(value), 10)
        for value in values
    ]


@pytest.fixture(scope="module", autouse=True)
def halves_go_up():
    def rounded(number, places=0):
        return Decimal(str(number)).quantize(Decimal(10) ** -places, ROUND_HALF_UP)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(equality, "round", rounded, raising=False)
        patched.setattr(equality, "round_to_decimal_places", rounded)
        yield


@pytest.mark.parametrize(
    ("text", "alike"),
    [
        ("0.5 ~ 0", False),
        ("0.5 ~ 1", True),
        ("2.5 ~ 3", True),
        ("0.4 ~ 0", True),
        ("1.20 ~ 1.2", True),
        ("1.25 !~ 1.2", True),
        ("'Ja  So' ~ 'ja so'", True),
        ("'jaso' ~ 'ja so'", False),
        ("{} ~ {}", True),
        ("1 ~ '1'", False),
    ],
)
def test_what_is_alike(text, alike):
    assert Expression(text, FORM).values(FORM.state({}).answers_to) == compile(text, models["r4"])({}) == [alike]


@pytest.mark.parametrize(
    ("text", "alike"),
    [("(2 | 1) ~ (1 | 2)", True), ("(2 | 1) ~ 2", False), (f"{10**40} ~ {10**40}.5", False)],
)
def test_what_is_alike_in_any_order_and_of_any_size(text, alike):
    """Where the other implementation goes by the order, or gives up."""
    assert Expression(text, FORM).values(FORM.state({}).answers_to) == [alike]


@settings(max_examples=80, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(EXPRESSIONS, ANSWERS)
@example(f"({PLACES['a']} - 2.5) ~ 0", {"a": [{"valueInteger": 3}]})
def test_the_same_as_elsewhere(text, answers):
    response = response_document(FORM, answers, language="en", authored="2026-01-01", identifier=None)
    ours = Expression(text, FORM).values(FORM.state(answers).answers_to)
    theirs = compile(text, models["r4"])(response, {"resource": response})
    assert plain(ours) == plain(theirs), (text, answers)
