"""All real FHIR resources as tables, held to OHDSI's own field specification of CDM 5.4, and counted a second time by hand."""

import csv
from collections import Counter

import pytest

from commonweal.omop import mapping
from tests import fhir_events as real

TABLES = list(mapping.tables())
TYPES = {"integer": {"BIGINT"}, "float": {"DOUBLE"}, "date": {"DATE"}, "datetime": {"TIMESTAMP"}}
VOID = {"entered-in-error", "not-done", "cancelled", "refuted", "draft", "not-taken", "nullified"}


@pytest.fixture(scope="module")
def con(shared_data, events):
    con = real.vocabularies(shared_data)
    con.register("events", events)
    assert list(mapping.map_events(con, "events")) == TABLES
    con.execute("CREATE VIEW person AS SELECT DISTINCT participant AS person_id FROM events")
    yield con
    con.close()


@pytest.fixture(scope="module")
def fields(shared_data, con):
    path = shared_data / "omop" / "cdm54_spec" / "OMOP_CDMv5.4_Field_Level.csv"
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = [
            row | {"table": row["cdmTableName"].lower(), "field": row["cdmFieldName"].lower()}
            for row in csv.DictReader(file)
        ]
    return [row for row in rows if row["table"] in TABLES]


def number(con, sql):
    return con.execute(sql).fetchall()[0][0]


def test_every_field_is_there_in_order_and_type(con, fields):
    for table in TABLES:
        asked = [row for row in fields if row["table"] == table]
        described = con.execute(f"DESCRIBE {table}").fetchall()
        assert [name for name, *_ in described] == [row["field"] for row in asked] + ["_source"]
        for row, (name, kind, *_) in zip(asked, described, strict=False):
            assert kind in TYPES.get(row["cdmDatatype"].lower(), {"VARCHAR"}), (table, name)


def test_required_fields_are_filled(con, fields):
    for row in fields:
        if row["isRequired"] == "Yes":
            assert number(con, f"SELECT count(*) FROM {row['table']} WHERE {row['field']} IS NULL") == 0, row["field"]


def test_keys_are_unique(con, fields):
    for row in fields:
        if row["isPrimaryKey"] == "Yes":
            assert number(con, f"SELECT count(*) - count(DISTINCT {row['field']}) FROM {row['table']}") == 0
    assert number(con, "SELECT count(*) - count(DISTINCT person_id) FROM death") == 0


def test_foreign_keys_lead_somewhere(con, fields):
    there = {*TABLES, "person", "concept"}
    followed = [row for row in fields if row["isForeignKey"] == "Yes" and row["fkTableName"].lower() in there]
    for row in followed:
        key, target = row["fkFieldName"].lower(), row["fkTableName"].lower()
        field = row["field"]
        loose = f"SELECT count({field}) FROM {row['table']} WHERE {field} NOT IN (SELECT {key} FROM {target})"
        assert number(con, loose) == 0, (row["table"], row["field"])
    assert len(followed) > 90


def test_each_concept_is_of_the_domain_of_its_table(con):
    domains = {
        "condition": "Condition",
        "drug": "Drug",
        "procedure": "Procedure",
        "device": "Device",
        "measurement": "Measurement",
    }
    for stem, domain in domains.items():
        table = next(t for t in TABLES if t.startswith(f"{stem}_") or t == stem)
        strangers = f"SELECT count(*) FROM {table} t JOIN concept c ON c.concept_id = t.{stem}_concept_id"
        assert number(con, f"{strangers} WHERE c.concept_id <> 0 AND c.domain_id <> '{domain}'") == 0


def test_every_resource_that_is_used_stands_in_a_table(con, found):
    """Resources with a code and a date, counted by hand, are the resources that the rows lead back to."""
    ids = " UNION ALL ".join(
        f"SELECT {con.execute(f'DESCRIBE {t}').fetchall()[0][0]} AS id FROM {t}" for t in TABLES if t != "death"
    )
    landed = dict(
        con.execute(f"""SELECT (e.site, e.resource_type)::VARCHAR, count(DISTINCT (e.submission, e.position)) FROM events e
        JOIN (SELECT DISTINCT id >> 38 AS submission, (id >> 14) & ((1 << 24) - 1) AS position FROM ({ids})) r
        ON r.submission = e.submission AND r.position = e.position GROUP BY 1""").fetchall()
    )
    by_hand = Counter(f"({site}, {r['resourceType']})" for site, r in found if counts(r))
    assert sum(by_hand.values()) > 18_000
    assert landed == dict(by_hand)


def counts(resource):
    """Whether a resource makes rows: of a kind that is read, about a person, dated, and neither in error nor undone."""
    kind = resource["resourceType"]
    dates = {
        "Encounter": ("period",), "Condition": ("onsetDateTime", "onsetPeriod", "recordedDate", "encounter"), "Procedure": ("performedDateTime", "performedPeriod"),
        "MedicationRequest": ("authoredOn",), "MedicationStatement": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
        "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"), "Immunization": ("occurrenceDateTime",),
        "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"),
        "AllergyIntolerance": ("onsetDateTime", "recordedDate"), "ImagingStudy": ("started",),
        "MedicationDispense": ("whenHandedOver", "whenPrepared"), "DocumentReference": ("date", "context"), "Coverage": ("period",),
        "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"), "Specimen": ("collection", "receivedTime"),
    }  # fmt: skip
    if not resource.get("id") or not real.subject_of(resource):
        return False
    verified = (resource.get("verificationStatus") or {}).get("coding", [{}])[0].get("code")
    done = resource.get("status") not in VOID and verified not in VOID and resource.get("doNotPerform") is not True
    if resource.get("intent") in ("plan", "proposal") or (kind == "Encounter" and resource.get("status") == "planned"):
        return False
    return done and any(resource.get(name) for name in dates.get(kind, ()))
