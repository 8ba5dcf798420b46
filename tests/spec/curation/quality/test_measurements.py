"""Measurements that say nothing or say it again, and results in words."""

from datetime import date, datetime

from commonweal.curation.findings import measured_again, words

(AGAIN,) = measured_again.FINDINGS
ONLY_ZERO, SAME = (next(one for one in words.LOOKUPS if one.id == name) for name in ("only_zero", "same_values"))


def test_numbers_that_stand_for_none_go(ruled):
    rows = [{"measurement_id": n, "value_as_number": v} for n, v in enumerate([9999999.0, 999999.0, None, 0.0])]
    assert ruled("quality.placeholders", "measurement", rows).column("measurement_id") == [1, 2, 3]


def test_rows_with_neither_number_nor_concept_go(ruled):
    values = [(None, None), (None, 0), (None, 9191), (0.0, None)]
    rows = [
        {"measurement_id": n, "value_as_number": number, "value_as_concept_id": concept, "_source": "site"}
        for n, (number, concept) in enumerate(values)
    ]
    rows.append({"measurement_id": 4, "_source": "PPI"})
    assert ruled("quality.no_result", "measurement", rows).column("measurement_id") == [2, 3, 4]


def test_zeros_of_a_site_that_lost_its_numbers_are_emptied(ruled):
    rows = [{"value_as_number": v, "p_only_zero": lost} for v, lost in [(0.0, True), (0.0, None), (5.0, True)]]
    out = ruled("quality.only_zero", "measurement", rows)
    assert out.column("value_as_number") == [None, 0.0, 5.0] and out.cells == 1


def test_a_site_lost_its_numbers_when_all_of_many_are_zero(finding):
    def sent(site, concept, values, first):
        return [
            {"measurement_id": first + n, "measurement_concept_id": concept, "value_as_number": v, "_source": site}
            for n, v in enumerate(values)
        ]

    rows = [
        *sent("a", 1, [0.0] * 3 + [None, 9999999.0], 100),  # all zero, but for what stands for no number
        *sent("a", 2, [0.0] * 3 + [5.0], 200),
        *sent("b", 1, [1.0, 0.0, 0.0], 300),
        *sent("b", 2, [0.0, 0.0], 400),  # too few to tell
        *sent("b", 3, [None] * 5, 500),
        *sent("PPI", 1, [0.0] * 5, 600),
    ]
    assert set(finding(ONLY_ZERO, measurement=rows, records={"only_zero_rows": 3})) == {("a", 1)}


def test_the_same_measurement_counts_once(finding, ruled):
    one = {
        "person_id": 1, "measurement_concept_id": 3004501, "measurement_date": date(2020, 1, 1),
        "measurement_datetime": datetime(2020, 1, 1, 8), "value_as_number": 90.0, "unit_concept_id": 8840, "_source": "a",
    }  # fmt: skip
    others = [
        {}, {}, {"value_as_number": 91.0}, {"person_id": 2}, {"measurement_datetime": datetime(2020, 1, 1, 9)},
        {"_source": "b"}, {"unit_concept_id": None}, {"_source": "PPI"}, {"_source": "PPI"}, {"unit_concept_id": None},
    ]  # fmt: skip
    rows = [one | other | {"measurement_id": 50 - n} for n, other in enumerate(others)]
    found = finding(AGAIN, measurement=rows)
    assert found == {50: {"p_measured_again": True}, 44: {"p_measured_again": True}}  # the lowest ids stay
    rows = [{"measurement_id": 1, "p_measured_again": True}, {"measurement_id": 2}]
    assert ruled("quality.measured_again", "measurement", rows).column("measurement_id") == [2]


def test_results_of_one_name_become_one_concept(finding, ruled):
    def value(number, name, standard="S", domain="Meas Value"):
        return {"concept_id": number, "concept_name": name, "standard_concept": standard, "domain_id": domain}

    concepts = [
        value(45884084, "Positive"), value(9191, "Positive"), value(45878745, "positive"), value(5, "Positive", None),
        value(6, "Positive", domain="Observation"), value(9189, "Negative"),
    ]  # fmt: skip
    found = finding(SAME, vocabulary=concepts)
    assert {key: one["p_same_value"] for key, one in found.items()} == {45884084: 9191, 45878745: 9191, 5: 9191}
    rows = [
        {"value_as_concept_id": v, "p_same_value": same} for v, same in [(45884084, 9191), (9189, None), (None, None)]
    ]
    out = ruled("quality.same_values", "measurement", rows)
    assert out.column("value_as_concept_id") == [9191, 9189, None] and out.cells == 1
