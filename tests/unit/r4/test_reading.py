"""One resource at a time: what the mapping to OMOP gets to see of it."""

from datetime import datetime

import pytest

from commonweal.r4.mapping.compile import STAGED
from commonweal.r4.mapping.declared import shipped
from tests.fhir_rows import ReadingFault, events_of, mapped

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"


def coded(system, code):
    return {"coding": [{"system": system, "code": code, "display": "x"}]}


def one(resource):
    (row,) = events_of({"id": "r1"} | resource)
    return row


def test_every_row_fits_the_columns():
    samples = [
        {"resourceType": kind, "id": "1", "deceasedBoolean": True, "code": coded(SNOMED, "1")} for kind in shipped()
    ]
    head, rows = mapped(samples)
    assert len(rows) == len(samples) == 18 and all(set(row) == set(STAGED.names) for row in rows)
    for sample, row in zip(samples, rows, strict=True):
        assert row["fault"] is None
        assert (row["resource_type"], row["resource_id"], row["part"]) == (sample["resourceType"], "1", 0)


def test_an_encounter_has_its_class_its_type_and_its_local_times():
    row = one(
        {
            "resourceType": "Encounter", "status": "finished", "class": {"code": "IMP"},
            "type": [coded(SNOMED, "183452005")],
            "period": {"start": "2019-03-10T23:30:00-05:00", "end": "2019-03-12T08:00:00-04:00"},
        }
    )  # fmt: skip
    assert (row["category"], row["code"], row["encounter_id"]) == ("IMP", "183452005", "Encounter/r1")
    assert (row["start"], row["end"]) == (datetime(2019, 3, 10, 23, 30), datetime(2019, 3, 12, 8))


@pytest.mark.parametrize(
    ("text", "day"),
    [("2011", (2011, 1, 1)), ("2011-05", (2011, 5, 1)), ("2011-05-13", (2011, 5, 13))],
)
def test_a_partial_date_becomes_its_first_day(text, day):
    assert one({"resourceType": "Condition", "onsetDateTime": text})["start"] == datetime(*day)


def test_a_condition_without_onset_is_dated_when_it_was_recorded_and_keeps_what_negates_it():
    resource = {
        "resourceType": "Condition", "code": coded(SNOMED, "44054006"), "recordedDate": "2015-01-02",
        "clinicalStatus": coded("x", "active"), "verificationStatus": coded("x", "entered-in-error"),
    }  # fmt: skip
    assert one(resource)["start"] == datetime(2015, 1, 2)
    assert one(resource)["status"] == "entered-in-error"
    assert one(resource | {"verificationStatus": coded("x", "confirmed")})["status"] == "active"


def test_a_blood_pressure_is_a_panel_and_two_components():
    parts = [
        {"code": coded(LOINC, code), "valueQuantity": {"value": value, "code": "mm[Hg]"}}
        for code, value in (("8480-6", 121), ("8462-4", 79))
    ]
    resource = {
        "resourceType": "Observation", "id": "bp", "status": "final", "code": coded(LOINC, "85354-9"),
        "category": [coded("x", "vital-signs")], "effectiveDateTime": "2020-02-02T10:00:00Z", "component": parts,
        "encounter": {"reference": "urn:uuid:e7"},
    }  # fmt: skip
    rows = events_of(resource)
    assert [(r["part"], r["code"], r.get("value_number")) for r in rows] == [
        (0, "85354-9", None), (1, "8480-6", 121.0), (2, "8462-4", 79.0),
    ]  # fmt: skip
    assert {(r["encounter_id"], r["category"], r["status"]) for r in rows} == {("urn:uuid:e7", "vital-signs", "final")}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (
            {"valueQuantity": {"value": 5, "comparator": "<", "unit": "mg"}},
            {"value_number": 5.0, "value_text": "<", "unit": "mg"},
        ),
        ({"valueCodeableConcept": coded(SNOMED, "8517006")}, {"value_system": SNOMED, "value_code": "8517006"}),
        ({"valueInteger": 3}, {"value_number": 3.0}),
        ({"valueBoolean": False}, {"value_text": "false"}),
        ({"valueString": "free"}, {"value_text": "free"}),
    ],
)
def test_values_by_their_kind(value, kept):
    row = one({"resourceType": "Observation", "code": coded(LOINC, "1")} | value)
    assert {k: row[k] for k in kept} == kept


def test_the_coding_that_the_mapping_knows_best_is_taken():
    concept = {"coding": [{"system": "urn:local", "code": "A"}, {"system": SNOMED, "code": "B"}, {"system": SNOMED}]}
    assert one({"resourceType": "Procedure", "code": concept})["code"] == "B"


def test_a_prescription_with_its_supply_and_its_medication_inside_or_elsewhere():
    resource = {
        "resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
        "medicationReference": {"reference": "Medication/7"}, "authoredOn": "2020-01-01",
        "dispenseRequest": {
            "quantity": {"value": 60}, "numberOfRepeatsAllowed": 2, "expectedSupplyDuration": {"value": 4, "unit": "wk"}
        },
    }  # fmt: skip
    (row,) = events_of(resource)
    assert (row["medication"], row["quantity"], row["refills"], row["days_supply"]) == ("Medication/7", 60.0, 2, 28)
    inside = resource | {
        "medicationReference": {"reference": "#in"}, "contained": [{"id": "in", "code": coded(SNOMED, "9")}]
    }  # fmt: skip
    assert one(inside | {"doNotPerform": True})["code"] == "9"
    assert one(inside | {"doNotPerform": True})["status"] == "not-done"


def test_only_the_death_of_a_patient_is_an_event():
    patient = {"resourceType": "Patient", "id": "p"}
    assert events_of(patient) == []
    assert events_of(patient | {"deceasedBoolean": False}) == []
    assert events_of(patient | {"deceasedDateTime": "2021-03-04"})[0]["start"] == datetime(2021, 3, 4)


@pytest.mark.parametrize("kind", ["Claim", "CarePlan", "Organization", "Practitioner", "Bundle"])
def test_what_is_no_health_event_gives_no_rows(kind):
    assert events_of({"resourceType": kind, "id": "1"}) == []


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ({"resourceType": "Condition"}, "no_id"),
        ({"resourceType": "Condition", "id": 7}, "no_id"),
        ({"resourceType": "Condition", "id": "1", "onsetDateTime": "yesterday"}, "bad_time"),
        ({"resourceType": "Condition", "id": "1", "onsetDateTime": "0019-01-01"}, "bad_time"),
        ({"resourceType": "Condition", "id": "1", "code": "K92"}, "malformed"),
        ({"resourceType": "Observation", "id": "1", "valueQuantity": {"value": "5"}}, "malformed"),
        ({"resourceType": "Encounter", "id": "1", "period": []}, "malformed"),
        ({"resourceType": "Condition", "id": "1", "onsetDateTime": "03/14/2019"}, "bad_time"),
        ({"resourceType": "Condition", "id": "1", "onsetDateTime": "14.03.2019"}, "bad_time"),
        ({"resourceType": "Condition", "id": "1", "onsetDateTime": "20190314"}, "bad_time"),
        ({"resourceType": "Condition", "id": "1", "onsetDateTime": "2019-02-30"}, "bad_time"),
        ({"resourceType": "Condition", "id": "1", "onsetDateTime": "2019-02-03T25:00:00Z"}, "bad_time"),
        ({"resourceType": "Observation", "id": "1", "component": {"code": {}}}, "malformed"),
        ({"resourceType": "Observation", "id": "1", "component": [{}] * 256}, "malformed"),
        ({"resourceType": "Patient", "id": "1", "deceasedBoolean": "true"}, "malformed"),
        ({"resourceType": ""}, "not_fhir"),
        ({"id": "1"}, "not_fhir"),
        ([], "not_fhir"),
        ("{", "not_json"),
        ("", "not_json"),
        ({"resourceType": "Encounter", "id": "1", "type": {"coding": []}}, "malformed"),
    ],
)
def test_what_cannot_be_read_says_why(resource, code):
    with pytest.raises(ReadingFault) as caught:
        events_of(resource)
    assert caught.value.code == code


GLUCOSE = {
    "resourceType": "Observation", "id": "g", "status": "final", "code": coded(LOINC, "2345-7") | {"text": " Glucose "},
    "valueQuantity": {"value": 118, "unit": "mg/dL", "code": "mg/dL"}, "interpretation": [coded("x", "H")],
}  # fmt: skip


def ranged(*ranges):
    (row,) = events_of(GLUCOSE | {"referenceRange": list(ranges)})
    return row.get("reference_low"), row.get("reference_high"), row.get("reference_text")


def test_a_result_keeps_what_its_source_calls_it_and_says_of_it():
    (row,) = events_of(GLUCOSE)
    assert (row["code_text"], row["interpretation"]) == ("Glucose", "H")


def test_the_range_beside_a_result_is_kept_in_the_unit_of_the_result():
    low, high = {"value": 70, "unit": "mg/dL"}, {"value": 99, "code": "mg/dL"}
    assert ranged({"low": low, "high": high, "text": "70-99"}) == (70, 99, "70-99")
    assert ranged({"high": high}) == (None, 99, None)
    assert ranged({"low": {"value": 3.9, "unit": "mmol/L"}, "high": {"value": 5.5, "unit": "mmol/L"}}) == (
        None,
        None,
        None,
    )


def test_of_several_ranges_none_is_chosen_and_none_but_a_normal_one_counts():
    low, high = {"value": 70}, {"value": 99}
    assert ranged({"low": low}, {"high": high}) == (None, None, None)
    assert ranged({"low": low, "type": coded("x", "treatment")}) == (None, None, None)
    assert ranged({"low": low, "type": coded("x", "treatment")}, {"high": high, "type": coded("x", "normal")})[1] == 99
