"""Patients for the server: made up ones, and the Synthea people with their references made a server's."""

import gzip
import json
import re
from pathlib import Path

_URN = re.compile(r'"urn:uuid:([0-9a-f-]{36})"')


def made_up(patient="p1", observations=120, **name):
    """One person's records: an encounter, a condition, laboratory results, a prescription of a medication, a document."""
    who = {"reference": f"Patient/{patient}"}
    loinc = {"coding": [{"system": "http://loinc.org", "code": "4548-4"}]}
    laboratory = [{"coding": [{"code": "laboratory"}]}]
    found = [
        patient_of(patient, **name),
        {"resourceType": "Encounter", "id": f"{patient}-e", "status": "finished", "class": {"code": "AMB"}, "subject": who,
         "period": {"start": "2024-02-01T09:00:00-06:00", "end": "2024-02-01T09:30:00-06:00"}},
        {"resourceType": "Condition", "id": f"{patient}-c", "subject": who, "onsetDateTime": "2021-05-04",
         "code": {"coding": [{"system": "http://snomed.info/sct", "code": "44054006"}]}},
        {"resourceType": "Medication", "id": f"{patient}-m",
         "code": {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "860975"}]}},
        {"resourceType": "MedicationRequest", "id": f"{patient}-r", "status": "active", "intent": "order", "subject": who,
         "authoredOn": "2024-02-01", "medicationReference": {"reference": f"Medication/{patient}-m"}},
        {"resourceType": "DocumentReference", "id": f"{patient}-d", "status": "current", "subject": who,
         "type": {"coding": [{"system": "http://loinc.org", "code": "34133-9"}]}, "date": "2024-02-01T10:00:00Z",
         "content": [{"attachment": {"contentType": "text/plain", "data": "U2VjcmV0IHdvcmRz", "title": "Secret words"}}]},
    ]  # fmt: skip
    found += [
        {"resourceType": "Observation", "id": f"{patient}-o{n}", "status": "final", "subject": who, "code": loinc,
         "category": laboratory, "effectiveDateTime": f"2024-{n % 12 + 1:02d}-{n % 28 + 1:02d}",
         "valueQuantity": {"value": 5 + n / 100, "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}}
        for n in range(observations)
    ]  # fmt: skip
    return found


def patient_of(patient, given="Inés", family="Rivera", born="1961-08-27", phone="312-555-0142"):
    return {
        "resourceType": "Patient",
        "id": patient,
        "name": [{"family": family, "given": [given]}],
        "birthDate": born,
        "telecom": [{"system": "phone", "value": phone}],
        "identifier": [{"type": {"coding": [{"code": "SS"}]}, "value": "999-84-4261"}],
        "text": {"status": "generated", "div": "<div>words for people</div>"},
    }


def synthea(folder: Path, people=3):
    """The resources of so many Synthea bundles; `urn:uuid:…` becomes `Type/…`, as a server stores it."""
    found = []
    for path in sorted((folder / "ehr_fhir" / "synthea_r4_bundles").glob("*.json.gz"))[:people]:
        text = gzip.decompress(path.read_bytes()).decode()
        found += [one["resource"] for one in json.loads(_named(text))["entry"]]
    return found


def _named(text):
    kinds = {one["resource"]["id"]: one["resource"]["resourceType"] for one in json.loads(text)["entry"]}
    return _URN.sub(lambda match: f'"{kinds.get(match[1], "Basic")}/{match[1]}"', text)
