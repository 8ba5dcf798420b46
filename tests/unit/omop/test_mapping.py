"""From events to tables, row by row: what goes where, with which concepts, and what is said of the rest."""

from datetime import date, datetime

import pyarrow as pa
import pytest

from commonweal.omop import mapping, vocabulary
from commonweal.omop import tables as cdm
from commonweal.omop.local_codes import code_row
from commonweal.omop.mapping import LocalCodes, declared
from commonweal.r4.events import EVENT_SCHEMA

SNOMED, LOINC, RXNORM = "http://snomed.info/sct", "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"
DIABETES, HBA1C = "44054006", "4548-4"
NOON = datetime(2021, 3, 4, 12)
CONCEPTS = [  # of a small vocabulary beside what ships: id, domain, vocabulary, class, standard, code
    (9_001, "Observation", "ICD10CM", "code", None, "Z87.11"),
    (9_002, "Observation", "SNOMED", "Context", "S", "history"),
    (9_003, "Condition", "SNOMED", "Disorder", "S", "ulcer"),
    (9_004, "Condition", "ICD10CM", "code", None, "E11.36"),
    (9_005, "Condition", "SNOMED", "Disorder", "S", "cataract"),
    (9_006, "Specimen", "SNOMED", "Specimen", "S", "119297000"),
    (9_007, "Drug", "RxNorm", "Ingredient", "S", "7980"),
    (9_008, "Spec Anatomic Site", "SNOMED", "Body Structure", "S", "arm"),
    (9_009, "Route", "SNOMED", "Qualifier Value", "S", "26643006"),
    (9_010, "Meas Value", "SNOMED", "Qualifier Value", "S", "positive"),
    (9_011, "Note", "LOINC", "Doc", "S", "34117-2"),
    (9_012, "Payer", "SOPT", "Payer", "S", "5"),
]
LEADS = [
    (9_001, 9_002, "Maps to"),
    (9_001, 9_003, "Maps to value"),
    (9_004, 9_005, "Maps to"),
    (9_004, 201826, "Maps to"),
]


@pytest.fixture
def mapped():
    """`mapped(*events, local=…, as_of=…)`: the connection after the mapping of events given as dicts."""
    con = vocabulary.connect()
    for name in ("concept", "concept_relationship"):
        con.execute(f"CREATE TABLE whole AS FROM {name}; DROP VIEW {name}; ALTER TABLE whole RENAME TO {name}")
    for identity, domain, vocab, kind, standard, code in CONCEPTS:
        row = [identity, code, domain, vocab, kind, standard, code]
        con.execute("INSERT INTO concept VALUES (?, ?, ?, ?, ?, ?, ?, DATE '1970-01-01', DATE '2099-12-31', NULL)", row)
    con.executemany(
        "INSERT INTO concept_relationship VALUES (?, ?, ?, DATE '1970-01-01', DATE '2099-12-31', NULL)", LEADS
    )

    def run(*events, **options):
        full = [{"participant": 1, "site": "clinic", "submission": 1, "position": n, "part": 0, "resource_id": f"r{n}",
                 "code_system": SNOMED, "start": NOON} | event for n, event in enumerate(events, 1)]  # fmt: skip
        con.register("events", pa.Table.from_pylist(full, EVENT_SCHEMA))
        mapping.map_events(con, "events", **options)
        return con

    yield run
    con.close()


def rows(con, table):
    return con.execute(f"FROM {table} ORDER BY 1").to_arrow_table().to_pylist()


def one(con, table):
    (row,) = rows(con, table)
    return row


def test_every_declared_field_is_a_column_with_a_rule():
    for name, table in mapping.tables().items():
        columns = {column.name for column in cdm.tables()[name].columns}
        assert set(table.fields) <= columns
        required = {column.name for column in cdm.tables()[name].columns if column.required}
        assert required <= set(table.fields), name
        assert all(field.rule and field.sql for field in table.fields.values())


def test_every_row_of_routing_names_a_table():
    routing = declared.routing()
    named = {
        *routing.always.values(),
        *routing.domain.values(),
        *routing.natural.values(),
        routing.measured,
        routing.otherwise,
    }
    assert named <= set(mapping.tables())


def test_a_condition_of_a_visit_has_all_that_was_said(mapped):
    con = mapped(
        {"resource_type": "Encounter", "resource_id": "v", "category": "IMP", "encounter_id": "v", "end": datetime(2021, 3, 9),
         "from_code": "emd", "to_code": "snf"},
        {"resource_type": "Condition", "code": DIABETES, "encounter_id": "v", "start": None, "status": "provisional", "category": "problem-list-item"},
    )  # fmt: skip
    visit, condition = one(con, "visit_occurrence"), one(con, "condition_occurrence")
    assert (visit["visit_concept_id"], visit["admitted_from_concept_id"], visit["discharged_to_concept_id"]) == (
        9201,
        8870,
        8863,
    )
    assert (visit["admitted_from_source_value"], visit["discharged_to_source_value"]) == ("emd", "snf")
    assert (visit["visit_end_date"], visit["visit_type_concept_id"]) == (date(2021, 3, 9), 32827)
    assert (condition["condition_concept_id"], condition["condition_type_concept_id"]) == (201826, 32840)
    assert condition["condition_start_datetime"] == NOON, "undated, it has the date of its visit"
    assert condition["visit_occurrence_id"] == visit["visit_occurrence_id"] and condition["visit_detail_id"] is None
    assert condition["condition_status_source_value"] == "provisional" and condition["_source"] == "clinic"


@pytest.mark.parametrize(
    ("end", "start"), [(datetime(2019, 5, 6), date(2019, 5, 6)), (datetime(2022, 1, 1), NOON.date())]
)
def test_what_is_undated_begins_with_its_visit_and_never_after_its_own_end(mapped, end, start):
    visit = {"resource_type": "Encounter", "resource_id": "e", "category": "AMB"}
    told = {"resource_type": "Condition", "code": DIABETES, "encounter_id": "e", "start": None, "end": end}
    con = mapped(visit, told, told | {"encounter_id": None})
    rows = con.execute("SELECT condition_start_date, condition_end_date FROM condition_occurrence").fetchall()
    assert rows == [(start, end.date())]


def test_parts_of_a_visit_are_its_details(mapped):
    stay = {"resource_type": "Encounter", "category": "IMP"}
    con = mapped(
        stay | {"resource_id": "stay", "encounter_id": "stay"},
        stay | {"resource_id": "ward", "encounter_id": "stay", "category": "ACUTE"},
        stay | {"resource_id": "bed", "encounter_id": "ward"},
        stay | {"resource_id": "alone", "encounter_id": "of another site"},
        {"resource_type": "Condition", "code": DIABETES, "encounter_id": "bed"},
    )
    whole, alone = rows(con, "visit_occurrence")
    assert whole["visit_occurrence_id"] != alone["visit_occurrence_id"]
    parts = rows(con, "visit_detail")
    assert {p["visit_occurrence_id"] for p in parts} == {whole["visit_occurrence_id"]} and len(parts) == 2
    condition = one(con, "condition_occurrence")
    assert condition["visit_occurrence_id"] == whole["visit_occurrence_id"]
    assert condition["visit_detail_id"] == max(p["visit_detail_id"] for p in parts)


def test_visits_within_each_other_stay_visits(mapped):
    con = mapped(
        {"resource_type": "Encounter", "resource_id": "a", "encounter_id": "b"},
        {"resource_type": "Encounter", "resource_id": "b", "encounter_id": "a"},
    )
    assert len(rows(con, "visit_occurrence")) == 2 and not rows(con, "visit_detail")


def test_a_code_of_two_meanings_makes_two_rows_and_one_with_a_value_has_it(mapped):
    icd = "http://hl7.org/fhir/sid/icd-10-cm"
    con = mapped(
        {"resource_type": "Condition", "code_system": icd, "code": "e11.36"},
        {"resource_type": "Condition", "code_system": icd, "code": "Z87.11"},
    )
    both = rows(con, "condition_occurrence")
    assert [r["condition_concept_id"] for r in both] == [9_005, 201826]
    assert {r["condition_source_value"] for r in both} == {"E11.36"} and both[0]["condition_source_concept_id"] == 9_004
    history = one(con, "observation")
    assert (history["observation_concept_id"], history["value_as_concept_id"]) == (9_002, 9_003)


@pytest.mark.parametrize(
    ("said", "operator", "number"),
    [
        ({"value_number": 5.0, "value_text": "<"}, 4171756, 5.0),
        ({"value_text": ">= 10.2"}, 4171755, 10.2),
        ({"value_text": "7"}, None, 7.0),
        ({"value_text": "trace"}, None, None),
        ({"value_number": 3.0}, None, 3.0),
    ],
)
def test_a_sign_before_a_number_is_its_operator(mapped, said, operator, number):
    con = mapped({"resource_type": "Observation", "category": "laboratory", "code_system": LOINC, "code": HBA1C, "unit": "%",
                  "reference_low": 4.0, "reference_high": 5.6} | said)  # fmt: skip
    lab = one(con, "measurement")
    assert (lab["operator_concept_id"], lab["value_as_number"]) == (operator, number)
    assert (lab["range_low"], lab["range_high"], lab["unit_concept_id"]) == (4.0, 5.6, 8554)
    assert lab["measurement_type_concept_id"] == 32856 and lab["value_source_value"] == said.get("value_text")


def test_a_coded_value_an_unknown_one_and_an_unknown_unit(mapped):
    lab = {
        "resource_type": "Observation",
        "category": "laboratory",
        "code_system": LOINC,
        "code": HBA1C,
        "value_system": SNOMED,
    }
    con = mapped(lab | {"value_code": "Positive"}, lab | {"value_code": "nobody knows", "unit": "furlong"}, lab)
    first, second, third = rows(con, "measurement")
    assert [r["value_as_concept_id"] for r in (first, second, third)] == [9_010, 0, None]
    assert (second["unit_concept_id"], second["unit_source_value"], third["unit_concept_id"]) == (0, "furlong", None)


def test_a_drug_that_one_is_allergic_to_was_not_taken(mapped):
    con = mapped(
        {"resource_type": "AllergyIntolerance", "code_system": RXNORM, "code": "7980", "category": "medication"}
    )
    allergy = one(con, "observation")
    assert (allergy["observation_concept_id"], allergy["value_as_concept_id"]) == (439224, 9_007)
    assert not rows(con, "drug_exposure")


def test_a_vaccine_has_its_route_and_a_prescription_its_end(mapped):
    con = mapped(
        {
            "resource_type": "MedicationRequest",
            "code_system": RXNORM,
            "code": "7980",
            "days_supply": 30,
            "refills": 2,
            "quantity": 90.0,
        },
        {
            "resource_type": "Immunization",
            "code_system": RXNORM,
            "code": "7980",
            "route_system": SNOMED,
            "route_code": "26643006",
        },
    )
    drug, vaccine = rows(con, "drug_exposure")
    assert (drug["drug_exposure_end_date"], drug["refills"], drug["quantity"]) == (date(2021, 4, 2), 2, 90.0)
    assert (drug["drug_type_concept_id"], vaccine["drug_type_concept_id"]) == (32838, 32818)
    assert (vaccine["route_concept_id"], vaccine["route_source_value"], drug["route_concept_id"]) == (
        9_009,
        "26643006",
        None,
    )


def test_specimens_documents_and_coverage_have_tables_of_their_own(mapped):
    con = mapped(
        {"resource_type": "Specimen", "code": "119297000", "body_site_system": SNOMED, "body_site_code": "arm", "quantity": 2.0},
        {"resource_type": "DocumentReference", "code_system": LOINC, "code": "34117-2", "code_text": "History and physical"},
        {"resource_type": "Coverage", "code_system": "https://nahdo.org/sopt", "code": "5", "code_text": "Plan Gold"},
        as_of=date(2022, 1, 1), local=LocalCodes(systems={"https://nahdo.org/sopt": "SOPT"}),
    )  # fmt: skip
    specimen, note, cover = (one(con, t) for t in ("specimen", "note", "payer_plan_period"))
    assert (specimen["specimen_concept_id"], specimen["anatomic_site_concept_id"], specimen["quantity"]) == (
        9_006,
        9_008,
        2.0,
    )
    assert (note["note_class_concept_id"], note["note_title"], note["note_text"]) == (9_011, "History and physical", "")
    assert (cover["payer_concept_id"], cover["payer_plan_period_end_date"]) == (9_012, date(2022, 1, 1))


def test_what_did_not_happen_makes_no_row(mapped):
    con = mapped(
        *(
            {"resource_type": "Condition", "code": DIABETES, "status": s}
            for s in ("entered-in-error", "refuted", "Cancelled")
        ),
        {"resource_type": "Encounter", "resource_id": "v", "status": "planned"},
        {"resource_type": "MedicationRequest", "code_system": RXNORM, "code": "7980", "category": "proposal"},
        {"resource_type": "Device", "code": "nowhere", "start": None},
    )
    assert mapping.figures(con)["events_void"] == 5
    assert not any(rows(con, table) for table in mapping.tables())


def test_what_has_no_concept_is_told_by_frequency_with_the_reason(mapped):
    con = mapped(
        *[{"resource_type": "Procedure", "code": "no such code"}] * 3,
        *[{"resource_type": "Procedure", "code_system": "http://clinic.example/own", "code": "x"}] * 2,
        {"resource_type": "Procedure", "code_system": None, "code": None},
    )
    assert [(r["code"], r["rows"], r["why"]) for r in mapping.unmapped(con)] == [
        ("no such code", 3, "unknown_code"), ("x", 2, "unknown_system"), (None, 1, "no_code")]  # fmt: skip
    assert len(rows(con, "procedure_occurrence")) == 6


def own(*codes, vocabulary="own"):
    columns = ("source_code", "target_concept_id")
    return tuple(
        code_row(dict(zip(columns, code, strict=True)) | {"source_vocabulary_id": vocabulary}) for code in codes
    )


def test_a_sites_own_codes_go_before_those_of_every_site_and_both_before_the_vocabulary(mapped):
    local = LocalCodes(
        {"": own(("A1C", "3004410"), ("dm", "9003")) + own((DIABETES, "9003"), vocabulary="SNOMED"), "clinic": own(("DM", "9005"), ("none", "0"), ("lost", "123"))},
        {"http://clinic.example/own": "own"},
    )  # fmt: skip
    codes = [("Dm", "clinic"), ("Dm", "elsewhere"), ("none", "clinic"), ("lost", "clinic")]
    con = mapped(
        *(
            {"resource_type": "Condition", "code_system": "http://clinic.example/own", "code": c, "site": s}
            for c, s in codes
        ),
        {"resource_type": "Condition", "code": DIABETES},
        local=local,
    )
    found = [(r["condition_concept_id"], r["condition_source_value"]) for r in rows(con, "condition_occurrence")]
    assert found == [(9_005, "DM"), (9_003, "dm"), (0, "none"), (0, "lost"), (9_003, DIABETES)]
    assert {r["code"]: r["why"] for r in mapping.unmapped(con)} == {"none": "mapped_to_none", "lost": "target_missing"}


def test_a_sites_own_units(mapped):
    local = LocalCodes({"clinic": own(("PERCENT", "8554"), vocabulary="units")}, units=("units",))
    lab = {
        "resource_type": "Observation",
        "category": "laboratory",
        "code_system": LOINC,
        "code": HBA1C,
        "unit": "PERCENT",
    }
    con = mapped(lab, lab | {"site": "elsewhere"}, local=local)
    assert [(r["unit_concept_id"], r["unit_source_value"]) for r in rows(con, "measurement")] == [
        (8554, "%"),
        (0, "PERCENT"),
    ]


def test_a_second_mapping_sees_what_came_to_the_vocabulary(mapped):
    event = {"resource_type": "Condition", "code": "new"}
    con = mapped(event)
    assert one(con, "condition_occurrence")["condition_concept_id"] == 0
    con.execute("UPDATE concept SET concept_code = 'new' WHERE concept_id = 9005")
    assert one(mapped(event), "condition_occurrence")["condition_concept_id"] == 9_005
