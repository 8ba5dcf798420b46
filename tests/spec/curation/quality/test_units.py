"""Laboratory results in one unit (UnitNormalization): our own table, one that is imported, and what they do."""

import csv

import pytest

from commonweal import protocol
from commonweal.curation.findings import words
from commonweal.omop import vocabulary
from commonweal.protocol.reference import ReferenceTable
from commonweal.protocol.unit_mapping import formula, unit_change, unit_changes, unit_problems

UNITS = next(one for one in words.LOOKUPS if one.id == "units")
OURS = protocol.load(protocol.DEFAULT).reference
RESOURCES = "aou/cur/data_steward/resource_files"
GLUCOSE, MGDL, MMOLL, CELSIUS = 3004501, 8840, 8753, 586323
REFERENCE_ERRS = {(3020416, 8848), (3020416, 8816), (3026361, 8848), (3026361, 8816)}
"""Thousands per microliter to millions divide by 1,000; the reference multiplies."""


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("*1", 7, 7), ("*10", 7, 70), ("*10^(-3)", 7, 0.007), ("*10^(6)", 7, 7e6), ("(1/x)", 4, 0.25), ("2/(4*x)", 2, 0.25),
        ("(x-32)*(5/9)", 98.6, 37), ("x+273.15", 0, 273.15), ("-x", 3, -3), ("ifcc_to_ngsp", 53, 7.0),
        ("ifcc_to_ngsp", 42, 5.994),
    ],
)  # fmt: skip
def test_what_a_transform_says(text, before, after):
    assert formula(text)(before) == pytest.approx(after, abs=1e-3)


@pytest.mark.parametrize(
    "text",
    ["*0", "x*x", "x^2", "1/(x+1)", "x+1/x", "5", "y*2", "__import__('os')", "*", "1/0", "*10^(9999)", "('a')*x"],
)
def test_what_is_no_conversion(text):
    with pytest.raises(ValueError, match="no conversion"):
        formula(text)


def test_what_is_wrong_in_a_table():
    def row(measured, unit, target, transform="*1"):
        return {
            "measurement_concept_id": measured, "unit_concept_id": unit, "set_unit_concept_id": target,
            "transform_value_as_number": transform,
        }  # fmt: skip

    rows = [row("1 ", "2", "3"), row("1", "2", "3"), row("1", "4", "5"), row("a", "2", "3"), row("6", "2", "3", "x^2")]
    assert [problem.line for problem in unit_problems("reference/u.csv", rows)] == [3, 4, 5, 6]
    assert unit_problems("reference/u.csv", rows[:1]) == []


@pytest.mark.parametrize(
    ("measured", "unit", "before", "after", "target"),
    [
        (GLUCOSE, MMOLL, 5.5, 99.1, MGDL),
        (3016723, 8749, 88.4, 1.0, MGDL),  # creatinine, µmol/L
        (3027114, MMOLL, 5.0, 193.3, MGDL),
        (3000963, 8713, 14.0, 140.0, 8636),  # hemoglobin, g/dL
        (3004410, 9579, 48.0, 6.54, 8554),  # hemoglobin A1c, mmol/mol
        (3020891, 9289, 98.6, 37.0, CELSIUS),
        (3020891, 8653, 37.0, 37.0, CELSIUS),  # the concept that this one replaced
        (3019550, 9557, 140.0, 140.0, MMOLL),
        (3024128, 8749, 17.1, 1.0, MGDL),
        (3000905, 8647, 7500.0, 7.5, 8848),
    ],
)
def test_common_results_in_the_unit_of_releases(finding, ruled, measured, unit, before, after, target):
    found = finding(UNITS)
    row = {"measurement_concept_id": measured, "unit_concept_id": unit, "value_as_number": before}
    out = ruled("quality.units", "measurement", [row | found[measured, unit]])
    assert out.rows[0]["value_as_number"] == pytest.approx(after, rel=0.005)
    assert out.rows[0]["unit_concept_id"] == target


def test_units_of_releases_are_standard_concepts():
    shipped = vocabulary.tables()["concept"].select(["concept_id", "standard_concept", "domain_id"]).to_pylist()
    standard = {row["concept_id"] for row in shipped if row["standard_concept"] == "S" and row["domain_id"] == "Unit"}
    assert {int(row["set_unit_concept_id"]) for row in OURS["unit_mapping"].rows} <= standard


def test_temperatures_are_released_in_a_unit_that_the_checks_of_the_field_approve_of(shared_data):
    table = shared_data / "omop" / "dqd_thresholds" / "OMOP_CDMv5.4_Concept_Level.csv"
    with table.open(newline="", encoding="utf-8-sig") as lines:
        rows = [row for row in csv.DictReader(lines) if row["plausibleUnitConceptIds"]]
    approved = {int(row["conceptId"]): set(row["plausibleUnitConceptIds"].split(",")) for row in rows}
    for measured in (3020891, 3006322):
        assert str(CELSIUS) in approved[measured] and "8653" not in approved[measured]


def test_normal_ranges_go_along_and_turn_round_with_a_reciprocal(ruled):
    row = {
        "measurement_concept_id": 1, "unit_concept_id": 2, "value_as_number": 4.0, "range_low": 2.0, "range_high": 5.0,
        "p_unit": 3,
    }  # fmt: skip
    line = row | {"p_times": 10.0, "p_plus": 1.0}
    turned = row | {"p_times": 0.0, "p_plus": 0.0, "p_per": 1.0}
    out = ruled("quality.units", "measurement", [line, turned])
    assert out.column("value_as_number") == [41.0, 0.25]
    assert out.column("range_low") == [21.0, 0.2] and out.column("range_high") == [51.0, 0.5]
    assert out.cells == 8


def test_what_is_in_its_unit_or_unknown_stays(ruled):
    known = {"p_unit": MGDL, "p_times": 18.0, "p_plus": 0.0}
    rows = [
        {"measurement_concept_id": GLUCOSE, "unit_concept_id": MGDL, "value_as_number": 90.0} | known,  # done already
        {"measurement_concept_id": GLUCOSE, "unit_concept_id": 0, "value_as_number": 90.0},
    ]
    assert ruled("quality.units", "measurement", rows).cells == 0


def test_heights_and_weights_are_left_to_their_own_rules(finding):
    row = {"measurement_concept_id": "3025315", "unit_concept_id": "8739", "set_unit_concept_id": "9529"}
    other = row | {"measurement_concept_id": "3004501"}
    rows = tuple(one | {"transform_value_as_number": "*0.4536"} for one in (row, other))
    found = finding(UNITS, reference={"unit_mapping": ReferenceTable("unit_mapping", "1", "", "", rows)})
    assert set(found) == {(3004501, 8739)}


def test_a_result_of_nothing_keeps_nothing(ruled):
    row = {"measurement_concept_id": 1, "unit_concept_id": 2, "p_unit": 3, "p_times": 2.0, "p_plus": 0.0}
    out = ruled("quality.units", "measurement", [row])
    assert out.column("value_as_number") == [None] and out.column("unit_concept_id") == [3]


def _rows(path):
    with path.open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


def test_our_table_says_what_that_of_the_field_says(shared_data):
    theirs = {
        (c.measurement, c.unit): c for c in map(unit_change, _rows(shared_data / RESOURCES / "_unit_mapping.csv"))
    }
    ours = {(c.measurement, c.unit): c for c in map(unit_change, OURS["unit_mapping"].rows)}
    both = ours.keys() & theirs.keys()
    differ = {pair for pair in both if ours[pair].becomes != theirs[pair].becomes}
    assert differ == {(3020891, unit) for unit in (8653, 9289)}  # theirs become 8653, which 586323 has replaced
    apart = {pair for pair in both if ours[pair].formula(7.0) != pytest.approx(theirs[pair].formula(7.0))}
    assert apart == REFERENCE_ERRS
    assert len(theirs) == 244 and len(both) == 137


def test_the_table_of_the_field_can_be_imported(shared_data, finding):
    rows = _rows(shared_data / RESOURCES / "_unit_mapping.csv")
    assert unit_problems("x", rows) == []
    found = finding(UNITS, reference={"unit_mapping": ReferenceTable("unit_mapping", "1", "", "", rows)})
    assert len(found) == len(unit_changes(rows)) > 150
    assert finding(UNITS, reference={}) == {}


def test_how_much_of_the_field_s_routes_ours_covers(shared_data):
    theirs = {
        r["dose_form_concept_name"]: int(r["route_concept_id"])
        for r in _rows(shared_data / RESOURCES / "dose_form_route_mappings.csv")
    }
    ours = {r["dose_form_concept_name"]: int(r["route_concept_id"]) for r in OURS[words.ROUTES].rows}
    both = ours.keys() & theirs.keys()
    assert all(ours[name] == theirs[name] for name in both)
    assert len(both) == 82 and len(theirs) == 100
