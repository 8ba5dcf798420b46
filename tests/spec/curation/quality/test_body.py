"""Heights in centimetres, weights in kilograms (reference 5)."""

from datetime import date

import pytest

from commonweal.curation.findings import weights

(WEIGHTS,) = weights.FINDINGS
HEIGHT, WEIGHT, KG, LB, CM = 3036277, 3025315, 9529, 8739, 8582
PEOPLE = [{"person_id": n, "birth_date": date(1980, 1, 1)} for n in range(1, 40)]


def _measured(concept, value, **more):
    return {
        "measurement_concept_id": concept, "value_as_number": value, "measurement_date": date(2020, 1, 1),
        "_source": "site",
    } | more  # fmt: skip


BECOMES = {
    0.9: 90, 1.75: 175, 2.3: 230, 3: 91.44, 5.9: 179.832, 7.5: 228.6, 36: 91.44, 70: 177.8, 89.9: 228.346,
    90: 90, 175: 175, 230: 230,
}  # fmt: skip


def test_a_height_is_in_metres_feet_inches_or_centimetres(ruled):
    rows = [_measured(HEIGHT, float(before), unit_concept_id=0) for before in BECOMES]
    out = ruled("quality.heights", "measurement", rows)
    assert out.column("value_as_number") == [pytest.approx(after) for after in BECOMES.values()]
    assert out.column("unit_concept_id") == [CM] * len(BECOMES)


def test_other_heights_go(ruled):
    others = [0.0, 0.89, 2.31, 2.9, 7.6, 35.0, 89.95, 230.1, 1750.0, -170.0]
    out = ruled("quality.heights", "measurement", [_measured(HEIGHT, value) for value in others])
    assert out.removed == len(others)


def test_heights_of_children_and_those_measured_here_stay_as_they_are(ruled):
    child = _measured(HEIGHT, 35.0, measurement_date=date(2020, 5, 19))
    here = _measured(HEIGHT, 5.0, _source="PPI", measurement_date=date(2024, 1, 1))
    other = _measured(3004501, 5.0, measurement_date=date(2024, 1, 1))
    nothing = _measured(HEIGHT, None, measurement_date=date(2024, 1, 1))
    out = ruled("quality.heights", "measurement", [child, here, other, nothing], p_birth_date=date(2002, 5, 20))
    assert out.removed == 0 and out.cells == 0


def test_a_weight_gets_what_was_found(ruled):
    rows = [
        _measured(WEIGHT, 180.0, unit_concept_id=None, p_kilograms=81.65, p_no_weight=False),
        _measured(WEIGHT, 80.0, unit_concept_id=LB),
        _measured(WEIGHT, 800.0, p_kilograms=800.0, p_no_weight=True),
        _measured(WEIGHT, 180.0, _source="PPI", unit_concept_id=KG),
    ]
    out = ruled("quality.weights", "measurement", rows)
    assert out.column("value_as_number") == [81.65, 80.0, 180.0] and out.column("unit_concept_id") == [KG] * 3
    assert out.removed == 1 and out.cells == 3


def _weights(*sent, concept=WEIGHT):
    """(person, site, kilograms or pounds, day) -> rows, ids from 0."""
    return [
        _measured(concept, float(value), measurement_id=n, person_id=person, measurement_date=day, _source=site)
        for n, (person, site, value, day) in enumerate(sent)
    ]


def _site(site, usual, first=10):
    return [(person, site, usual, date(2015, 1, 1)) for person in range(first, first + 9)]


def test_a_sites_median_tells_kilograms_from_pounds(finding):
    rows = _weights(*_site("kg", 80), *_site("lb", 180, first=20))
    found = finding(WEIGHTS, people=PEOPLE, measurement=rows)
    assert set(found) == set(range(9, 18))
    assert found[9] == {"p_kilograms": pytest.approx(180 / 2.2046), "p_no_weight": False}


def test_where_the_median_tells_nothing_the_row_s_own_unit_does(finding):
    units = [KG, LB, 9373, 8504, None, 8840]
    rows = [row | {"unit_concept_id": u} for row, u in zip(_weights(*_site("odd", 115)[:6]), units, strict=True)]
    found = finding(WEIGHTS, people=PEOPLE, measurement=rows)
    assert {n: one["p_kilograms"] and round(one["p_kilograms"], 3) for n, one in found.items()} == {
        1: 52.164, 2: 3.26, 3: 0.115, 4: None, 5: None,
    }  # fmt: skip
    assert [found[n]["p_no_weight"] for n in (1, 4, 5)] == [False, True, True]


def test_one_number_in_pounds_or_ounces_among_a_person_s_kilograms_is_converted(finding):
    days = [date(2020, month, 1) for month in range(1, 6)]
    own = [(1, "kg", value, day) for value, day in zip([80, 81, 82, 178, 2850], days, strict=True)]
    found = finding(WEIGHTS, people=PEOPLE, measurement=_weights(*own, *_site("kg", 80)))
    assert found == {
        3: {"p_kilograms": pytest.approx(178 / 2.2046), "p_no_weight": False},
        4: {"p_kilograms": pytest.approx(2850 / 35.274), "p_no_weight": False},
    }


def _own(values, days):
    return _weights(*((1, "kg", v, d) for v, d in zip(values, days, strict=True)), *_site("kg", 80))


CLOSE = [date(2020, month, 1) for month in range(1, 6)]


def test_what_is_far_from_the_year_around_it_goes(finding):
    found = finding(WEIGHTS, people=PEOPLE, measurement=_own([80, 81, 50, 82, 110], CLOSE))
    assert {n for n, one in found.items() if one["p_no_weight"]} == {2, 4}
    far = [date(2010, 1, 1), date(2010, 2, 1), date(2014, 1, 1), date(2018, 1, 1), date(2018, 2, 1)]
    assert finding(WEIGHTS, people=PEOPLE, measurement=_own([80, 81, 56, 110, 111], far)) == {}  # years apart


@pytest.mark.parametrize("concept", [134765, 777])
def test_a_pregnancy_or_wasting_explains_it(finding, concept):
    ill = [{"condition_occurrence_id": 1, "person_id": 1, "condition_concept_id": concept}]
    descent = [{"ancestor_concept_id": 439658, "descendant_concept_id": 777}]
    rows = _own([80, 81, 50, 82, 110], CLOSE)
    assert finding(WEIGHTS, people=PEOPLE, measurement=rows, condition_occurrence=ill, ancestors=descent) == {}
    ill[0]["person_id"] = 2
    assert finding(WEIGHTS, people=PEOPLE, measurement=rows, condition_occurrence=ill, ancestors=descent)


def test_nobody_weighs_more_than_250_but_who_is_known_to(finding):
    once = _own([255], CLOSE[:1])
    assert finding(WEIGHTS, people=PEOPLE, measurement=once) == {0: {"p_kilograms": 255.0, "p_no_weight": True}}
    heavy = [{"condition_occurrence_id": 1, "person_id": 1, "condition_concept_id": 434005}]
    assert finding(WEIGHTS, people=PEOPLE, measurement=once, condition_occurrence=heavy) == {}
    assert finding(WEIGHTS, people=PEOPLE, measurement=_own([255, 256, 257], CLOSE[:3])) == {}
    assert set(finding(WEIGHTS, people=PEOPLE, measurement=_own([455, 456, 457], CLOSE[:3]))) == {0, 1, 2}


def test_weights_of_children_and_those_measured_here_are_not_looked_at(finding):
    child = [{"person_id": 1, "birth_date": date(2005, 1, 1)}]
    rows = _weights((1, "lb", 180, date(2020, 1, 1)), (1, "PPI", 180, date(2024, 1, 1)), (1, "x", -3, date(2024, 1, 1)))
    assert finding(WEIGHTS, people=child, measurement=rows) == {2: {"p_kilograms": None, "p_no_weight": True}}
