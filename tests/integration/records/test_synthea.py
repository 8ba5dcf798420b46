"""Real Synthea bundles and a bulk export: matched people get their records, others leave no trace."""

import gzip
import json
import stat
import tarfile
from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import orjson
import pytest

pytestmark = pytest.mark.django_db(transaction=True)


def patients_of(folder):
    """(file, Patient) of each bundle in order; files that name nobody are left out."""
    for path in sorted(folder.glob("*.json.gz")):
        entries = orjson.loads(gzip.decompress(path.read_bytes()))["entry"]
        people = [e["resource"] for e in entries if e["resource"]["resourceType"] == "Patient"]
        if people:
            yield path, people[0]


def enrol(cohort, patient, **how):
    """The person of a FHIR Patient as they would have joined: the name in use, and a record number or a phone."""
    name = patient["name"][0]
    given = name["given"][0].upper() if how.pop("shouting", False) else name["given"][0]
    return cohort.add(
        given=given, family=name["family"], born=date.fromisoformat(patient["birthDate"]), mrn="",
        phone=patient["telecom"][0]["value"], **how,
    )  # fmt: skip


def take(cohort, *paths, site="site-a"):
    from commonweal.cli.console import Console
    from commonweal.vault.records.actions import import_files

    return import_files([Path(p) for p in paths], site=site, home=cohort.home, console=Console(json=True))


def test_bundles_of_people_who_joined(cohort, shared_data):
    from commonweal.vault.records import store
    from commonweal.vault.records.models import Submission

    found = list(patients_of(shared_data / "ehr_fhir" / "synthea_r4_bundles"))[:6]
    people = [enrol(cohort, patient, shouting=True) for _, patient in found[:3]]
    enrol(cohort, found[3][1], ehr=False)
    enrol(cohort, found[4][1], site="site-b")
    answer = take(cohort, *(path for path, _ in found))
    counts = list(Submission.objects.order_by("id").values_list("state", "counts"))
    assert [state for state, _ in counts] == ["done"] * 3 + ["partial"] * 3
    assert all(c["accepted"] > 20 and not c["rejected"] for _, c in counts[:3])
    assert counts[3][1]["accepted"] == 0 and counts[3][1]["rejected"] == counts[3][1]["unauthorised"] > 20
    assert all(c["accepted"] == 0 and c["unmatched"] > 20 for _, c in counts[4:])
    with duckdb.connect() as con:
        view = store.current_events(con, cohort.home)
        held = dict(con.execute(f"SELECT participant, count(*) FROM {view} GROUP BY ALL").fetchall())
        readings = con.execute(
            f"SELECT count(*) FROM {view} WHERE code = '8480-6' AND part > 0 AND unit = 'mm[Hg]' AND value_number > 50"
        ).fetchone()
    assert set(held) == {p.pk for p in people}
    assert readings[0] > 5
    report = Path(answer["report"])
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    text = report.read_text()
    assert not any(patient["name"][0]["family"] in text or patient["id"] in text for _, patient in found)
    assert json.loads(text)["submissions"][0]["unmapped_codes"]


def test_the_same_files_again_change_nothing_and_consent_given_later_lets_them_in(cohort, shared_data):
    found = list(patients_of(shared_data / "ehr_fhir" / "synthea_r4_bundles"))[:2]
    enrol(cohort, found[0][1])
    late = enrol(cohort, found[1][1], ehr=False)
    paths = [path for path, _ in found]
    first = take(cohort, *paths)
    again = take(cohort, *paths)
    assert first["accepted"] > 0 and again["accepted"] == 0
    assert again["unchanged"] == first["accepted"]
    cohort.consent(late, "ehr", "yes", at=cohort.now)
    third = take(cohort, *paths)
    assert third["accepted"] == first["rejected"] > 0
    assert third["rejected"] == 0
    assert take(cohort, *paths)["accepted"] == 0


def test_a_folder_of_ndjson_is_one_submission(cohort, shared_data):
    from commonweal.vault.records.models import Submission

    folder = shared_data / "ehr_fhir" / "bulk_10_patients"
    with gzip.open(folder / "Patient.000.ndjson.gz") as file:
        patients = [orjson.loads(line) for line in file]
    enrolled = [enrol(cohort, patient) for patient in patients[:5]]
    answer = take(cohort, folder)
    assert Submission.objects.count() == 1
    assert answer["accepted"] > 1000 and answer["unmatched"] > 1000
    lines = sum(len(gzip.decompress(p.read_bytes()).splitlines()) for p in folder.glob("*.ndjson.gz"))
    assert sum(answer[k] for k in ("accepted", "unchanged", "rejected", "unmatched", "kept_out")) == lines
    with duckdb.connect() as con:
        from commonweal.vault.records import store

        con.execute(f"CREATE VIEW journal AS SELECT * FROM '{store.journal_path(cohort.home)}/*.parquet'")
        assert con.execute("SELECT count(*), count(DISTINCT position) FROM journal").fetchone() == (lines, lines)
        view = store.current_events(con, cohort.home)
        people = {row[0] for row in con.execute(f"SELECT DISTINCT participant FROM {view}").fetchall()}
    assert people <= {p.pk for p in enrolled} and len(people) > 1
    resources = [
        orjson.loads(line)
        for path in folder.glob("*.ndjson.gz")
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    assert kinds_held(cohort) == by_hand(resources, {patient["id"] for patient in patients[:5]})


READ = {
    "AllergyIntolerance", "Condition", "Coverage", "Device", "DiagnosticReport", "DocumentReference", "Encounter", "ImagingStudy",
    "Immunization", "MedicationAdministration", "MedicationDispense", "MedicationRequest", "MedicationStatement", "Observation",
    "Procedure", "Specimen",
}  # fmt: skip


def by_hand(resources, mine):
    """How many resources of the types that are read are about these patients (logical ids), in the plainest way."""
    found = set()
    for one in resources:
        subject = one.get("subject") or one.get("patient") or one.get("beneficiary") or {}
        if one["resourceType"] in READ and subject.get("reference", "").rsplit("/", 1)[-1] in mine:
            found.add((one["resourceType"], one["id"]))
    return Counter(kind for kind, _ in found)


def kinds_held(cohort):
    from commonweal.vault.records import store

    with duckdb.connect() as con:
        view = store.current_events(con, cohort.home)
        asked = (
            f"SELECT resource_type, count(DISTINCT resource_id) FROM {view} WHERE resource_type <> 'Patient' GROUP BY 1"
        )
        return Counter(dict(con.execute(asked).fetchall()))


def test_the_examples_of_us_core_are_taken_in(cohort, shared_data, tmp_path):
    with tarfile.open(shared_data / "ehr_fhir" / "us_core_examples.tar.gz") as tar:
        documents = [orjson.loads(tar.extractfile(m).read()) for m in tar.getmembers() if m.name.endswith(".json")]
    resources = [r for d in documents for r in ([e["resource"] for e in d["entry"]] if "entry" in d else [d])]
    resources = [r for r in resources if r.get("resourceType") and r.get("id")]
    path = tmp_path / "examples.ndjson"
    path.write_bytes(b"\n".join(orjson.dumps(r) for r in resources))
    amy = next(r for r in resources if r["resourceType"] == "Patient" and r["id"] == "example")
    name = next(n for n in amy["name"] if n.get("use") != "old")
    cohort.add(
        given=name["given"][0], family=name["family"], born=date.fromisoformat(amy["birthDate"]), mrn="",
        phone=amy["telecom"][0]["value"],
    )  # fmt: skip
    answer = take(cohort, path)
    assert kinds_held(cohort) == by_hand(resources, {"example"}) and answer["accepted"] > 100
    assert sum(answer[k] for k in ("accepted", "unchanged", "rejected", "unmatched", "kept_out")) == len(resources)
