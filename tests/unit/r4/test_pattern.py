"""Regular expressions of forms: the same verdicts as Python's, in linear time, and refusals that say why."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commonweal.r4.pattern import Pattern, PatternError
from tests.effort import calls_of

ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", "[0-9a]", r"\w", r"\.", "-"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("(?:{0[0]}|{0[1]})".format),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"])).map("({0[0]}){0[1]}".format),
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.lists(st.text("ab0.-\n", max_size=6), min_size=1, max_size=5))
def test_the_same_verdict_as_pythons(pattern, texts):
    ours = Pattern(pattern)
    for text in texts:
        assert ours.fits(text) == bool(re.fullmatch(pattern, text)), (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "fits", "not_for"),
    [
        (r"^\d{5}(-\d{4})?$", ["12345", "12345-6789"], ["1234", "12345-", "x12345", "１２３４５"]),
        (r"[A-Z]\d[A-Z] ?\d[A-Z]\d", ["K1A 0B1", "K1A0B1"], ["k1a 0b1"]),
        (r"^a$|^b$", ["a", "b"], ["ab", ""]),
        (r"\p{Lu}\p{L}*", ["Ángela"], ["ángela", "A1"]),
        (r"[\w.+-]+@[\w-]+\.[a-z]{2,}", ["a.b+c@x-y.org"], ["a@b", "@x.org"]),
        (r"[^\d\s]+", ["abc-"], ["a b", "a1"]),
        (r"[\x41-\u0043]", ["A", "C"], ["D"]),
        (r"[a-]", ["-", "a"], ["b"]),
        ("", [""], ["a"]),
    ],
)
def test_patterns_of_the_field(pattern, fits, not_for):
    compiled = Pattern(pattern)
    assert [text for text in fits if not compiled.fits(text)] == []
    assert [text for text in not_for if compiled.fits(text)] == []


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?=a)a", "looks ahead"),
        (r"(a)\1", "refers back"),
        (r"\bword", "word border"),
        ("(a", "without an end"),
        ("a)", "too many"),
        ("[a", "ends too early"),
        ("[]", "nothing in it"),
        ("*a", "repeats nothing"),
        ("a{x}", "no number"),
        ("a{3,1}", "upside down"),
        ("[b-a]", "backwards"),
        ("a^b", "anchor"),
        ("a++", "possessive"),
        ("a*{2}", "repeats a repetition"),
        ("(?<n", "ends too early"),
        (r"\p{Greek}", "category"),
        ("((a{900}){900}){900}", "too large"),
        ("(" * 40 + ")" * 40, "groups within groups"),
        ("a" * 3_000, "longer than"),
        ("a\\", "ends too early"),
    ],
)
def test_what_is_refused_is_told(pattern, why):
    with pytest.raises(PatternError, match=why):
        Pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "((((){1000}){1000}){1000}){1000}b", "(a|a)*b", "(a|aa)+b", "a*a*a*a*a*b", "([a-z]+)*!"]
)
def test_patterns_that_hang_others_end_at_once(pattern):
    for length in (24, 200_000):  # at the shorter one a way that doubles with each letter is caught before it hangs
        assert not Pattern(pattern).fits("a" * length)
        assert calls_of(lambda length=length: Pattern(pattern).fits("a" * length)) < 500 + 3 * length
