"""Expressions of forms against another implementation of FHIRPath, over the response that the answers make."""

from decimal import Decimal

from fhirpathpy import compile
from fhirpathpy.models import models
from hypothesis import Phase, given, settings
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
    joined(NUMBERS, "=", "!=", "<", ">=", "~")
    | joined(TEXTS, "=", "!=")
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


@settings(max_examples=80, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(EXPRESSIONS, ANSWERS)
def test_the_same_as_elsewhere(text, answers):
    response = response_document(FORM, answers, language="en", authored="2026-01-01", identifier=None)
    ours = Expression(text, FORM).values(FORM.state(answers).answers_to)
    theirs = compile(text, models["r4"])(response, {"resource": response})
    assert plain(ours) == plain(theirs), (text, answers)
