"""Definitions are checked before anything runs, and the error says where by JSON path."""

import copy

import pytest

from commonweal.commons.cohort import words
from commonweal.commons.cohort.definition import parse
from commonweal.errors import BadInput

EVENT = {"type": "condition", "concepts": [1]}
FULL = {
    "version": 1,
    "index": {"of": {"type": "drug", "concepts": [7]}, "which": "last"},
    "include": [
        {"any": [EVENT | {"within": {"of": "index", "days": [-30, 0]}, "pick": "first", "age": {"min": 18}}]},
        {"any": [{"type": "measurement", "concepts": [2], "value": {"min": 6.5, "units": [8554]}, "at_least": 2}]},
    ],
    "exclude": [{"any": [{"type": "person", "age_at": {"date": "index", "max": 40}, "deceased": True}]}],
}


def one(criterion):
    return {"version": 1, "include": [{"any": [criterion]}]}


@pytest.mark.parametrize(
    ("definition", "where", "what"),
    [
        ("{", "", "not JSON"),
        ({}, "$.version", "missing"),
        ({"version": 1, "inclde": []}, "$.inclde", "not known"),
        ({"version": 1, "include": [{"any": []}]}, "$.include[0].any", "empty"),
        (one({"type": "codition", "concepts": [1]}), "$.include[0].any[0]", "type is missing or not known"),
        (one({"type": "drug", "concepts": ["x"]}), "$.include[0].any[0].concepts[0]", "whole number"),
        (one({"type": "drug", "concepts": [True]}), "$.include[0].any[0].concepts[0]", "whole number"),
        (one(EVENT | {"visit": []}), "$.include[0].any[0].visit", "empty"),
        (one(EVENT | {"start": {"from": "3/4/20"}}), "$.include[0].any[0].start.from", "2024-03-31"),
        (one(EVENT | {"age": {"min": 5, "max": 4}}), "$.include[0].any[0].age", "larger"),
        (one(EVENT | {"at_least": 2, "at_most": 0}), "$.include[0].any[0]", "never"),
        (one(EVENT | {"value": {"min": 1}}), "$.include[0].any[0]", "value: a condition has none"),
        (one(EVENT | {"within": {"of": "index", "days": [0, 1]}}), "$", "no index event"),
        (one(EVENT | {"within": {"of": EVENT | {"at_most": 0}, "days": [0, 1]}}), "$.include[0].any[0]", "absent"),
        (
            one(EVENT | {"same_visit": {"type": "visit", "concepts": []}}),
            "$.include[0].any[0].same_visit.concepts",
            "empty",
        ),
        (one({"type": "genome"}), "$.include[0].any[0]", "give ancestry or variant"),
        (one({"type": "genome", "ancestry": ["fin"]}), "$.include[0].any[0].ancestry[0]", "'sas' or 'oth'"),
        (one({"type": "genome", "variant": "rs123"}), "$.include[0].any[0].variant", "such as 22-16050408-T-C"),
        (one({"type": "genome", "variant": "23-5-A-C"}), "$.include[0].any[0].variant", "such as"),
        (one({"type": "genome", "variant": "1-5-A-C'; DROP"}), "$.include[0].any[0].variant", "such as"),
        (one({"type": "genome", "variant": "1-5-A-A"}), "$.include[0].any[0].variant", "the same"),
        (one({"type": "genome", "ancestry": ["afr"], "genotype": ["1/1"]}), "$.include[0].any[0]", "of which variant"),
        (
            one({"type": "genome", "variant": "1-5-A-C", "genotype": ["0/2"]}),
            "$.include[0].any[0].genotype[0]",
            "0/0",
        ),
        (one({"type": "wearable", "signal": "mood"}), "$.include[0].any[0].signal", "steps"),
        (one({"type": "wearable", "signal": "steps", "concepts": [1]}), "$.include[0].any[0].concepts", "not known"),
        (
            one({"type": "wearable", "signal": "steps", "value": {"units": [1]}}),
            "$.include[0].any[0]",
            "a number alone",
        ),
        (one({"type": "person", "has": ["genes"]}), "$.include[0].any[0].has[0]", "'array' or 'wgs'"),
        (one({"type": "cohort", "sha256": "0" * 64, "definition": {"version": 1}}), "$.include[0].any[0]", "sha256"),
    ],
)
def test_errors_say_where_and_what(definition, where, what):
    with pytest.raises(BadInput) as error:
        parse(definition)
    assert where in str(error.value)
    assert what in str(error.value)


def test_what_is_nested_or_long_beyond_reason_is_refused():
    deep = EVENT
    for _ in range(50):
        deep = EVENT | {"same_visit": deep}
    with pytest.raises(BadInput, match="deep"):
        parse(one(deep))
    with pytest.raises(BadInput, match="more than 200"):
        parse({"version": 1, "include": [{"any": [EVENT] * 201}]})


def test_the_digest_knows_meaning_not_spelling():
    spelled = copy.deepcopy(FULL)
    spelled["include"][1]["any"][0] |= {"descendants": True, "source": False, "pick": "any", "at_most": None}
    assert parse(spelled).sha256 == parse(FULL).sha256
    spelled["include"][1]["any"][0]["descendants"] = False
    assert parse(spelled).sha256 != parse(FULL).sha256


def test_a_cohort_inside_may_be_named_by_its_digest():
    inner = parse(FULL)
    carried = {"type": "cohort", "sha256": inner.sha256, "definition": FULL}
    assert parse(one(carried)).include[0].any[0].definition == inner


def test_words_in_both_languages():
    names = {1: "Asthma", 7: "metformin", 2: "Hemoglobin A1c", 8554: "percent"}
    told = {language: [text for _, text in words.steps(parse(FULL), names, language)] for language in ("en", "es")}
    assert told["en"] == [
        "Everyone in the release",
        "dated by their last drug: metformin",
        "with condition: Asthma, their first one, at age 18 or more, -30 to 0 days from the index event",
        "with measurement: Hemoglobin A1c, value 6.5 or more, in percent, on at least 2 days",
        "without age 40 or less at the index event, deceased",
    ]
    assert told["es"][2] == (
        "con diagnóstico: Asthma, su primer registro, a la edad de 18 o más, -30 a 0 días contados desde el evento índice"
    )


def test_both_languages_have_the_same_phrases():
    from commonweal.commons.cohort.phrases import BY_LANGUAGE

    fields = {
        language: {
            key: sorted(part[1:-1] for part in __import__("re").findall(r"{\w+}", text))
            for key, text in phrases.items()
        }
        for language, phrases in BY_LANGUAGE.items()
    }
    assert fields["en"] == fields["es"]


def test_old_definitions_keep_their_digest():
    assert parse(FULL).sha256 == "838b73e0fb241961fa49305e12dd6691055d90ea76ca1eb2c84e1afa4ed816f6"
    assert parse({"version": 1}).sha256 == "2430f1a2ad2982d0067885488a4c89e21ad1d7c83b115ba8f1b20acc88dfaea8"


WHOLE = {
    "version": 1,
    "index": {
        "of": {
            "type": "any_event",
            "of": [
                EVENT | {"alone": [2], "excluded": [7], "excluded_alone": [8], "no_end": "next_day"},
                {"type": "death", "any_concept": True, "age": {"max": 90, "years": "calendar"}},
            ],
            "observed": {"before": 365},
        },
        "which": "all",
        "keep": "last",
    },
    "include": [
        {
            "any": [
                {
                    "type": "group",
                    "of": [
                        {"type": "drug_era", "alone": [7], "count": "events", "at_least": 2, "length": {"min": 30}},
                        {"type": "index", "start": {"from": "2020-01-01"}, "end": {"to": "2021-01-01"}},
                        EVENT | {"count": "concepts", "within": [
                            {"of": "index", "days": [None, -1], "this": "end", "that": "end"},
                            {"of": "index", "same_observation_period": True}]},
                    ],
                    "at_least": 2,
                },
                {"type": "group", "of": [EVENT, EVENT], "at_most": 0},
                {"type": "group", "of": [EVENT, EVENT]},
                {"type": "group", "of": [EVENT, EVENT], "at_most": 1},
                {"type": "group", "of": [EVENT, EVENT, EVENT], "at_least": 1, "at_most": 2},
            ]
        },
        {
            "any": [
                {
                    "type": "measurement", "concepts": [2], "value": {"above": 6.5, "below": 9.0}, "same_visit": "index",
                    "columns": [{"column": "range_low", "min": 1.0},
                                {"column": "operator_concept_id", "concepts": [8], "descendants": True},
                                {"column": "unit_concept_id", "concepts": [8], "except": True}],
                    "where": [{"type": "visit", "concepts": [1], "at_most": 2, "at_least": 0, "count": "visits"}],
                }
            ]
        },
    ],
}  # fmt: skip


def test_every_kind_of_criterion_in_words():
    names = {1: "Asthma", 2: "A1c", 7: "metformin", 8: "percent"}
    told = [text for _, text in words.steps(parse(WHOLE), names)]
    assert told[1:] == [
        "dated by their every any of [condition: Asthma, and, without descendants, A1c, not metformin, not percent itself, "
        "without a recorded end, until the next day or the end of the supply; or death: any, at age 90 or less by calendar "
        "year], in an observation period from 365 days before to 0 days after (the last that fits)",
        "with at least 2 of [drug era: metformin, these concepts only, lasting 30 or more days, at least 2 times; or the "
        "index event starting on or after 2020-01-01, the index event ending on or before 2021-01-01; or condition: Asthma, "
        "the end -1 or less days from the end of the index event, in the observation period of the index event, with at "
        "least 1 different concepts]; or none of [condition: Asthma; or condition: Asthma]; or all of [condition: Asthma, "
        "condition: Asthma]; or at most 1 of [condition: Asthma; or condition: Asthma]; or 1 to 2 of [condition: Asthma; or "
        "condition: Asthma; or condition: Asthma]",
        "with measurement: A1c, value above 6.5, below 9.0, range_low 1.0 or more, operator_concept_id: percent or below, "
        "unit_concept_id: not percent, in the visit of the index event, where, taking this as the index event: [visit: "
        "Asthma, in 0 to 2 visits]",
    ]
    spanish = [text for _, text in words.steps(parse(WHOLE), names, "es")]
    assert len(spanish) == len(told)
    assert not any(english in " ".join(spanish) for english in (" index event", "none of", "observation period"))
