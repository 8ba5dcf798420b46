"""Survey answers made right: each rule with rows before and after, and what is found for it (reference 2, RDR)."""

from datetime import datetime

import pytest

from commonweal import protocol
from commonweal.curation.findings.surveys import FINDINGS, program
from commonweal.curation.findings.surveys.modules import NO_BASICS
from commonweal.protocol.answers import Answers

PRIVACY = protocol.load(protocol.DEFAULT).privacy.registered
RACE, NONE_OF_THESE, WHITE, ASIAN, SKIP = 1586140, 1586148, 1586146, 1586142, 903096
PAIN, CIGARETTES, HOUSEHOLD, ZIP = 1585747, 1585873, 1585889, 1585250


def found(name):
    return next(f for f in FINDINGS if f.id == name)


def asked(**lists):
    """Privacy with these lists for answers instead of the default program's."""
    return PRIVACY.model_copy(update={"answers": Answers(**lists)})


def answer(number, question=RACE, value=None, response=1, **more):
    return {
        "observation_id": number, "person_id": 1, "observation_event_id": response,
        "observation_source_concept_id": question, "value_as_concept_id": value,
    } | more  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "table", "fact"),
    [
        ("surveys.shut_out", "observation", "p_shut_out"),
        ("surveys.said_twice", "observation", "p_said_twice"),
        ("surveys.extreme", "measurement", "p_extreme"),
        ("surveys.taken_again", "measurement", "p_taken_again"),
        ("surveys.unapproved", "observation", "p_unapproved"),
        ("surveys.unapproved", "survey_conduct", "p_unapproved"),
        ("surveys.no_basics", "person", "p_no_basics"),
        ("surveys.no_basics", "condition_occurrence", "p_no_basics"),
        ("surveys.without_answers", "survey_conduct", "p_without_answers"),
    ],
)
def test_what_was_found_goes_and_the_rest_stays(ruled, rule, table, fact):
    out = ruled(
        rule, table, [{"person_id": 1, fact: True}, {"person_id": 2, fact: None}, {"person_id": 3, fact: False}]
    )
    assert (out.column("person_id"), out.removed, out.cells) == ([2, 3], 1, 0)


def test_answers_that_stand_for_nothing(ruled):
    rows = [answer(1, 43530490), answer(2, 903079), answer(3, RACE), answer(4, 43530490, _source="a-site")]
    assert ruled("surveys.left_out", "observation", rows).column("observation_id") == [3, 4]


def test_none_of_these_shuts_out_the_others(finding):
    rows = [
        answer(1, RACE, NONE_OF_THESE), answer(2, RACE, WHITE), answer(3, HOUSEHOLD, WHITE), answer(4, RACE, None),
        answer(5, RACE, WHITE, response=2), answer(6, RACE, ASIAN, response=2),
        answer(7, RACE, NONE_OF_THESE, response=3),
    ]  # fmt: skip
    assert finding(found("surveys.shut_out"), observation=rows) == {2: {"p_shut_out": True}, 4: {"p_shut_out": True}}
    assert finding(found("surveys.shut_out"), observation=rows, privacy=asked()) == {}


def test_one_answer_under_two_spellings(finding):
    def concept(number, code, invalid=None):
        return {"concept_id": number, "concept_code": code, "vocabulary_id": "PPI", "invalid_reason": invalid}

    words = [concept(1, "Ask_PreDiabetes", "U"), concept(2, "Ask_Prediabetes"), concept(3, "Other"), concept(4, "Yes")]
    rows = [
        answer(-1, 1, 4, observation_source_value="Ask_PreDiabetes", value_source_value="Yes"),
        answer(-2, 2, 4, observation_source_value="Ask_Prediabetes ", value_source_value="YES"),
        answer(-3, 2, 5, observation_source_value="Ask_Prediabetes", value_source_value="No"),
        answer(-4, 3, 4, observation_source_value="Other", value_source_value="Yes"),
        answer(-5, 3, 4, observation_source_value="Other", value_source_value="Yes"),
        answer(-6, 1, 4, response=2, observation_source_value="Ask_PreDiabetes", value_source_value="Yes"),
    ]
    assert set(finding(found("surveys.said_twice"), observation=rows, vocabulary=words)) == {-1}


def test_an_answer_under_the_wrong_question(ruled):
    ruled.facts = {"privacy": asked(recoded=[{"question": 1, "answer": 2, "becomes_question": 3, "becomes_answer": 4}])}
    out = ruled("surveys.recoded", "observation", [answer(1, 1, 2), answer(2, 1, 5), answer(3, 7, 2)])
    assert out.column("observation_source_concept_id") == [3, 1, 7]
    assert (out.column("value_as_concept_id"), out.cells) == ([4, 5, 2], 2)
    with pytest.raises(ValueError, match="recoded itself"):
        asked(recoded=[{"question": 1, "answer": 2, "becomes_question": 1, "becomes_answer": 2}])


@pytest.mark.parametrize(
    ("question", "code", "text", "number", "left"),
    [
        (None, "basics_xx20", "12", 12, None),
        (None, "BASICS_XX20", " 3 ", 3, None),
        (None, "basics_xx20", "PMI Skip", None, "PMI Skip"),
        (None, "another", "12", None, "12"),
        (HOUSEHOLD, "LivingSituation_HowManyPeople", "4", 4, None),
        (HOUSEHOLD, "LivingSituation_HowManyPeople", "2.5", 2.5, None),
        (HOUSEHOLD, "LivingSituation_HowManyPeople", "four", None, "four"),
        (HOUSEHOLD, "LivingSituation_HowManyPeople", "414-555-0101", None, "414-555-0101"),
    ],
)
def test_numbers_that_came_as_text(ruled, question, code, text, number, left):
    row = answer(1, question, observation_source_value=code, value_as_string=text)
    out = ruled("surveys.numbers_as_text", "observation", [row, row | {"_source": "a-site"}]).rows
    assert (out[0]["value_as_number"], out[0]["value_as_string"]) == (number, left)
    assert (out[1]["value_as_number"], out[1]["value_as_string"]) == (None, text)


def test_a_number_that_is_there_is_not_read_from_text_again(ruled):
    row = answer(1, HOUSEHOLD, value_as_number=3.0, value_as_string="4")
    assert ruled("surveys.numbers_as_text", "observation", [row]).cells == 0


def test_words_where_a_number_was_asked_for(ruled):
    rows = [
        answer(1, HOUSEHOLD, value_as_string="call 414 555 0101"), answer(2, HOUSEHOLD, SKIP, value_as_string="PMI Skip"),
        answer(3, RACE, value_as_string="words"), answer(4, 1333015, value_as_number=12.0), answer(5, 1333023, value_as_number=7.0),
    ]  # fmt: skip
    out = ruled("generalise.numbers", "observation", rows)
    assert out.column("value_as_concept_id") == [2000000010, SKIP, None, 2000000013, 2000000012]
    assert out.column("value_as_string") == [None, "PMI Skip", "words", None, None]


def test_a_slider_that_nobody_touched(ruled):
    rows = [
        answer(n, q, value_as_number=v, value_source_value="x")
        for n, (q, v) in enumerate([(PAIN, -1.0), (PAIN, 0.0), (CIGARETTES, -1.0)])
    ]
    out = ruled("surveys.minus_one", "observation", rows)
    assert out.column("value_as_number") == [None, 0, -1]
    assert out.column("value_as_concept_id") == [SKIP, None, None]
    assert out.column("value_source_value") == ["PMI_Skip", "x", "x"]


@pytest.mark.parametrize(
    ("question", "number", "becomes"),
    [
        (CIGARETTES, 2.5, 3),
        (CIGARETTES, 3.5, 4),
        (CIGARETTES, 2.4, 2),
        (CIGARETTES, -0.5, -1),
        (CIGARETTES, 7, 7),
        (PAIN, 2.5, 2.5),
    ],
)
def test_whole_numbers(ruled, question, number, becomes):
    out = ruled("surveys.whole_numbers", "observation", [answer(1, question, value_as_number=float(number))])
    assert out.column("value_as_number") == [becomes]


def test_a_number_stands_alone(ruled):
    beside = {"value_as_concept_id": SKIP, "value_as_string": "3", "value_source_value": "PMI_Skip"}
    rows = [beside | {"value_as_number": n, "_source": s} for n, s in ((3.0, "PPI"), (None, "PPI"), (3.0, "a-site"))]
    out = ruled("surveys.number_alone", "observation", rows)
    assert out.column("value_as_concept_id") == [None, SKIP, SKIP]
    assert (out.column("value_as_string"), out.cells) == ([None, "3", "3"], 3)


@pytest.mark.parametrize(
    ("text", "invalid"),
    [
        ("53202", False), ("53202-1234", False), (" 53202 ", False), ("5320", True), ("5320a", True), ("532021234", True),
        ("53202-12", True), ("00012", True), ("", True), ("Milwaukee", True), (None, False),
    ],
)  # fmt: skip
def test_zip_codes_that_are_none(finding, text, invalid):
    known = protocol.load(protocol.DEFAULT).reference["zip3"].rows
    rows = [answer(1, ZIP, value_as_string=text), answer(2, RACE, value_as_string=text)]
    prepare = lambda con: program.put_lists(con, [], [row["zip3"] for row in known])  # noqa: E731
    assert set(finding(found("surveys.invalid_zip"), observation=rows, prepare=prepare)) == ({1} if invalid else set())


def test_zip_codes_before_and_after(ruled):
    rows = [answer(1, ZIP, value_as_string=" 53202 "), answer(2, RACE, value_as_string=" x ")]
    assert ruled("surveys.zip_blanks", "observation", rows).column("value_as_string") == ["53202", " x "]
    wrong = answer(1, ZIP, value_as_string="4145550101", value_as_number=5.0, p_invalid_zip=True)
    (out,) = ruled("surveys.invalid_zip", "observation", [wrong]).rows
    assert (out["value_as_string"], out["value_as_concept_id"], out["value_as_number"]) == (
        "Response removed due to invalid value", 2000000010, None,
    )  # fmt: skip


def taken(number, concept, value, hour=9, person=1):
    return {
        "measurement_id": number, "person_id": person, "measurement_source_concept_id": concept, "value_as_number": value,
        "measurement_datetime": datetime(2025, 1, 1, hour), "measurement_date": datetime(2025, 1, 1).date(),
    }  # fmt: skip


HEIGHT, WEIGHT, BMI, PULSE = 903133, 903121, 903124, 903126


@pytest.mark.parametrize(
    ("height", "weight", "bmi", "go"),
    [
        (170, 70, 24.2, set()),
        (90, 30, 10, set()),
        (228, 250, 125, set()),
        (89.9, 70, 24.2, {HEIGHT, BMI}),
        (229, 70, 24.2, {HEIGHT, BMI}),
        (170, 29.9, 24.2, {WEIGHT, BMI}),
        (170, 251, 24.2, {WEIGHT, BMI}),
        (170, 70, 9.9, {HEIGHT, WEIGHT, BMI}),
        (170, 70, 126, {HEIGHT, WEIGHT, BMI}),
    ],
)
def test_measurements_that_cannot_be_true(finding, height, weight, bmi, go):
    rows = [taken(c, c, v) for c, v in ((HEIGHT, height), (WEIGHT, weight), (BMI, bmi))]
    rows += [taken(1, BMI, 24, hour=10), taken(2, BMI, 24, person=2), taken(3, PULSE, 900), taken(4, 3036277, 900)]
    assert set(finding(found("surveys.extreme"), measurement=rows)) == go


def test_of_a_measurement_taken_again_the_latest_stays(finding):
    rows = [
        taken(1, HEIGHT, 170, 9),
        taken(2, HEIGHT, 171, 10),
        taken(3, HEIGHT, 999, 11),
        taken(4, HEIGHT, 180, 8, person=2),
    ]
    rows += [taken(5, PULSE, 70, 9), taken(6, PULSE, 72, 9), taken(7, 3036277, 170, 9), taken(8, 3036277, 171, 10)]
    assert set(finding(found("surveys.taken_again"), measurement=rows)) == {
        1,
        5,
    }  # 3 cannot be true, and goes for that


CONDUCT = [
    {"survey_conduct_id": n, "person_id": p, "survey_source_value": s}
    for n, p, s in ((1, 1, "thebasics"), (2, 2, "cope"), (3, 2, "SomeoneElses"), (4, 3, "TheBasics"))
]
ROWS = [answer(10, response=1), answer(20, response=2) | {"person_id": 2}, answer(30, response=3) | {"person_id": 2}]
PEOPLE = [{"person_id": n} for n in (1, 2, 3)]


def own(con):
    program.put_lists(con, ["TheBasics", "Lifestyle"], [])


def test_surveys_that_nobody_approved(finding):
    raw = {"observation": ROWS, "survey_conduct": CONDUCT, "prepare": own}
    assert set(finding(found("surveys.unapproved_answers"), **raw)) == {30}
    assert set(finding(found("surveys.unapproved"), **raw)) == {3}
    assert set(finding(found("surveys.unapproved"), privacy=asked(), **raw)) == {2, 3}
    unnamed = [{"survey_conduct_id": 9, "survey_source_value": None}]
    assert set(finding(found("surveys.unapproved"), survey_conduct=unnamed, prepare=own)) == {9}


def test_people_who_answered_nothing_of_the_required_survey(finding):
    raw = {"observation": ROWS, "survey_conduct": CONDUCT, "person": PEOPLE}
    assert set(finding(NO_BASICS, privacy=asked(required="TheBasics"), **raw)) == {2, 3}  # 3 sent it in empty
    assert finding(NO_BASICS, privacy=asked(), **raw) == {}


def test_responses_without_an_answer_left(finding):
    raw = {"observation": ROWS, "survey_conduct": CONDUCT}
    assert set(finding(found("surveys.without_answers"), **raw)) == {4}

    def prepare(con):
        con.execute("CREATE TABLE found_observation AS SELECT 20 AS observation_id, true AS p_older, 5 AS p_other")

    assert set(finding(found("surveys.without_answers"), prepare=prepare, **raw)) == {2, 4}


def test_a_section_of_a_tier_stands_for_the_whole():
    read = protocol.load(protocol.DEFAULT).privacy.model_dump()
    assert read["registered"]["answers"] == read["answers"] and read["answers"]["required"] is None
    shared = {"answers": read["answers"] | {"required": "TheBasics"}}
    own_words = read | shared | {"registered": read["registered"] | {"answers": {"required": "Lifestyle"}}}
    found_there = type(protocol.load(protocol.DEFAULT).privacy).model_validate(own_words)
    assert found_there.registered.answers == Answers(required="Lifestyle")
    assert found_there.answers.required == "TheBasics"


def test_rules_say_why_and_name_what_the_program_has():
    from commonweal.curation.rules import surveys

    for rule in surveys.RULES:
        assert rule.reason and rule.explanation and rule.source.startswith("Reference 2")
        for name in rule.parameters:
            section, _, field = name.partition(".")
            assert name.startswith("reference: ") or hasattr(PRIVACY, section)
            assert not field or hasattr(PRIVACY.answers, field)
