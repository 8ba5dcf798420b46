"""Scores of published scales: tables of answers in, the published score and band out."""

import json
from decimal import Decimal

import pytest

from commonweal import protocol
from commonweal.r4 import scoring
from commonweal.r4.questionnaire import PPI
from tests import danger

INSTRUMENTS = protocol.load(protocol.DEFAULT).instruments


def scale(instrument, name=None):
    return INSTRUMENTS[instrument].scale(
        next(one for one in INSTRUMENTS[instrument].scales if one.id == (name or instrument))
    )


def values(instrument, *numbers):
    items = INSTRUMENTS[instrument].items
    return {code: Decimal(n) for code, n in zip(items, numbers, strict=True) if n is not None}


SCORES = [
    # instrument, answers in the order of the items (None: left open), score, band
    ("phq9", [0] * 9, 0, "minimal"),
    ("phq9", [1, 1, 1, 1, 0, 0, 0, 0, 0], 4, "minimal"),
    ("phq9", [1, 1, 1, 1, 1, 0, 0, 0, 0], 5, "mild"),
    ("phq9", [1] * 9, 9, "mild"),
    ("phq9", [2, 2, 2, 2, 2, 0, 0, 0, 0], 10, "moderate"),
    ("phq9", [2, 2, 2, 2, 2, 2, 2, 0, 0], 14, "moderate"),
    ("phq9", [3, 3, 3, 3, 3, 0, 0, 0, 0], 15, "moderately-severe"),
    ("phq9", [3, 3, 3, 3, 3, 3, 1, 0, 0], 19, "moderately-severe"),
    ("phq9", [3, 3, 3, 3, 3, 3, 2, 0, 0], 20, "severe"),
    ("phq9", [3] * 9, 27, "severe"),
    ("phq9", [2, 2, 2, 2, 2, 2, 2, None, None], 18, "moderately-severe"),  # 14 of 7 items, as of 9
    ("phq9", [1, 1, 1, 1, 1, 1, 1, 2, None], 10, "moderate"),  # 9 of 8 items: 10.125
    ("gad7", [1, 1, 1, 1, 0, 0, 0], 4, "minimal"),
    ("gad7", [1, 1, 1, 1, 1, 0, 0], 5, "mild"),
    ("gad7", [3, 3, 3, 0, 0, 0, 0], 9, "mild"),
    ("gad7", [3, 3, 3, 1, 0, 0, 0], 10, "moderate"),
    ("gad7", [3, 3, 3, 3, 3, 0, 0], 15, "severe"),
    ("gad7", [3] * 7, 21, "severe"),
    ("pcl6", [1] * 6, 6, "below"),
    ("pcl6", [3, 3, 3, 2, 2, 1], 14, "above"),
    ("asrs6", [2, 2, 2, 2, 2, 3], 13, "stratum-2"),
    ("asrs6", [2, 2, 2, 2, 3, 3], 14, "stratum-3"),
    ("pss10", [0, 0, 0, 4, 4, 0, 4, 4, 0, 0], 0, "low"),
    ("pss10", [4, 4, 4, 0, 0, 4, 0, 0, 4, 4], 40, "high"),
    ("pss10", [2] * 10, 20, "moderate"),
    ("ucla8", [1, 1, 4, 1, 1, 4, 1, 1], 8, ""),
    ("ucla8", [4, 4, 1, 4, 4, 1, 4, 4], 32, ""),
    ("eds", [5] * 9, 45, ""),
    ("dms", [1, 2, 3, 4, 5, 1, 2], "2.57", ""),
]


@pytest.mark.parametrize(("instrument", "answers", "expected", "band"), SCORES)
def test_a_score(instrument, answers, expected, band):
    found = scoring.score(scale(instrument), values(instrument, *answers))
    assert (found.value, found.band) == (Decimal(str(expected)), band)
    assert found.prorated == (None in answers)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # answers 1 to 5 and again: 1R, 6, 11 of 1, 1, 1; 2, 7R, 12; 3R, 8R, 13; 4, 9, 14R; 5, 10R, 15
        ("extraversion", "2.33"),
        ("agreeableness", "2.67"),
        ("conscientiousness", "3"),
        ("negative-emotionality", "3.33"),
        ("open-mindedness", "3.67"),
    ],
)
def test_the_five_domains_of_bfi_2_xs(name, expected):
    answers = values("bfi2xs", *([1, 2, 3, 4, 5] * 3))
    assert scoring.score(scale("bfi2xs", name), answers).value == Decimal(expected)


def test_too_many_missing_make_no_score():
    assert scoring.score(scale("phq9"), values("phq9", *[1] * 6, None, None, None)) is None
    assert scoring.score(scale("gad7"), values("gad7", *[1] * 6, None)) is None
    assert scoring.score(scale("phq9"), {}) is None


def test_a_value_out_of_range_is_no_score():
    with pytest.raises(ValueError, match="item phq9_1"):
        scoring.score(scale("phq9"), values("phq9", 4, *[0] * 8))


def test_bands_leave_no_gap_and_reach_both_ends():
    for instrument in INSTRUMENTS.values():
        for one in instrument.scales:
            rule = instrument.scale(one)
            if rule.bands:
                ends = [(band.low, band.high) for band in rule.bands]
                assert ends[0][0] == rule.low * len(rule.items) and ends[-1][1] == rule.high * len(rule.items), one.id
                assert all(after[0] == before[1] + 1 for before, after in zip(ends, ends[1:], strict=False)), one.id


def test_values_are_read_from_the_options():
    document = danger.questionnaire("phq9")
    answers = {"phq9_1": danger.chosen("phq9_1", 2), "phq9_2": [{"valueCoding": {"system": PPI, "code": "PMI_Skip"}}]}
    answers["phq9_3"] = [{"valueString": "often"}]
    assert scoring.values_of(document, answers) == {"phq9_1": Decimal(2)}


def test_the_number_may_stand_inside_the_coding_and_the_code_in_any_case():
    coding = {"code": "often", "extension": [{"url": scoring.ORDINAL, "valueDecimal": 2}]}
    item = {"linkId": "a", "code": [{"code": "PHQ9_1"}], "type": "choice", "answerOption": [{"valueCoding": coding}]}
    document = {"resourceType": "Questionnaire", "item": [{"linkId": "g", "type": "group", "item": [item]}]}
    assert scoring.values_of(document, {"a": [{"valueCoding": {"code": "often"}}]}) == {"phq9_1": Decimal(2)}


def test_the_published_phq9_form_has_no_numbers_so_no_score_is_guessed(shared_data):
    path = shared_data / "surveys" / "hl7_r4_examples" / "Questionnaire-phq-9-questionnaire.json"
    document = json.loads(path.read_text())
    codes = [scoring.code_of(item) for item in scoring.items_of(document)]
    assert codes[:2] == ["44250-9", "44255-8"]  # LOINC, not the linkIds
    answers = {"LittleInterest": [{"valueCoding": {"system": "http://loinc.org", "code": "LA6571-9"}}]}
    assert scoring.values_of(document, answers) == {}
