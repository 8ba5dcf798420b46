"""What is asked of words, or of a person, alone is taken out of an expression, if it cannot fail; the rest stays as it was."""

import pytest

from commonweal.curation.rules.hoisting import Elsewhere, guard, hoisted

WORDS = {"concept", "code"}
PERSON = {"p_born", "p_shift", "p_state", "p_several"}


def taken(text):
    asked = []

    def named(question):
        asked.append(question)
        return f'"t0"."_asked_{len(asked) - 1}"'

    return hoisted(text, [Elsewhere(WORDS, named), Elsewhere(PERSON, named, counts=True)]), asked


def test_a_question_of_words_alone_is_taken_out_whole():
    text = 'CASE WHEN "t0"."concept" IN (1, 2) AND "t0"."code" = \'a\' THEN NULL ELSE "t0"."number" END'
    left, asked = taken(text)
    assert left == 'CASE WHEN "t0"."_asked_0" THEN NULL ELSE "t0"."number" END'
    assert asked == ['"t0"."concept" IN (1, 2) AND "t0"."code" = \'a\'']


def test_of_a_question_about_the_row_too_only_the_half_about_words():
    left, asked = taken('"t0"."concept" = 1 AND "t0"."number" > 19')
    assert left == '"t0"."_asked_0" AND "t0"."number" > 19' and asked == ['"t0"."concept" = 1']


@pytest.mark.parametrize(
    ("text", "left", "asked"),
    [
        (
            '"t0"."day" - CAST("t0"."p_shift" AS INT)',
            '"t0"."day" - "t0"."_asked_0"',
            ['CAST("t0"."p_shift" AS INT)'],
        ),
        (
            '"t0"."day" > MAKE_DATE(2025, 6, 1) + CAST("t0"."p_shift" AS INT)',
            '"t0"."day" > "t0"."_asked_0"',
            ['MAKE_DATE(2025, 6, 1) + CAST("t0"."p_shift" AS INT)'],
        ),
        (
            'CAST("t0"."day" AS TIMESTAMP) >= CAST("t0"."p_born" AS TIMESTAMP) + INTERVAL \'18\' YEAR',
            'CAST("t0"."day" AS TIMESTAMP) >= "t0"."_asked_0"',
            ['CAST("t0"."p_born" AS TIMESTAMP) + INTERVAL \'18\' YEAR'],
        ),
        (
            'ARRAY_CONTAINS("t0"."p_several", \'race\') AND "t0"."concept" = 1 AND "t0"."number" > 19',
            '"t0"."_asked_0" AND "t0"."_asked_1" AND "t0"."number" > 19',
            ['ARRAY_CONTAINS("t0"."p_several", \'race\')', '"t0"."concept" = 1'],
        ),
    ],
)
def test_sums_of_a_persons_days_are_taken_out_too(text, left, asked):
    assert taken(text) == (left, asked)


@pytest.mark.parametrize(
    "text",
    [
        'CAST("t0"."p_state" AS DOUBLE) > "t0"."number"',
        '"t0"."p_shift" / 0 = "t0"."number"',
        '"t0"."p_born"',
        'CAST("t0"."code" AS DOUBLE) > "t0"."number"',
        '("t0"."concept" / 0) = "t0"."number"',
        'CAST("t0"."code" AS INT) = 3',
    ],
)
def test_what_may_fail_stays_where_it_is(text):
    assert taken(text) == (text, [])


def test_the_guard_of_a_value_that_stays_unless():
    assert guard('CASE WHEN "t0"."a" THEN 1 ELSE "t0"."b" END', '"t0"."b"') == ('"t0"."a"', "1")


@pytest.mark.parametrize(
    "text",
    [
        'CASE WHEN "t0"."a" THEN 1 END',
        'CASE WHEN "t0"."a" THEN 1 WHEN "t0"."c" THEN 2 ELSE "t0"."b" END',
        '"t0"."b" + 1',
    ],
)
def test_a_value_without_one(text):
    assert guard(text, '"t0"."b"') is None
