"""A clinic that a person connected and that sends its records as a site as well: what both give is released once."""

import json

import pytest

from tests.curated import Console
from tests.integration.records.omop_folder import bring, write

SITE = "lakeshore-chicago"
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
CLINICS = f"""clinics = [
  {{ id = "lake", name = "Lake", fhir_base = "https://lake.example/r4", client_id = "c", state = "WI", site = "{SITE}" }},
  {{ id = "hill", name = "Hill", fhir_base = "https://hill.example/r4", client_id = "c", state = "WI" }},
]
"""
WHEN = {"start": "2021-03-04T09:00:00-06:00", "end": "2021-03-04T10:00:00-06:00"}
WHO = {"reference": "Patient/p"}
PERSON = "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,race_concept_id,ethnicity_concept_id\n7,8532,1961,8,27,0,0\n"


def visit(number="e1"):
    return {
        "resourceType": "Encounter",
        "id": number,
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": WHO,
        "period": WHEN,
    }


def lab(value, number="o1", encounter="e1", updated="", code="4548-4"):
    return {
        "resourceType": "Observation", "id": number, "status": "final", "subject": WHO, "meta": {"lastUpdated": updated} if updated else {},
        "encounter": {"reference": f"Encounter/{encounter}"}, "effectiveDateTime": WHEN["start"],
        "category": [{"coding": [{"code": "laboratory"}]}], "code": {"coding": [{"system": LOINC, "code": code}]},
        "valueQuantity": {"value": value, "unit": "%", "system": UCUM, "code": "%"},
    }  # fmt: skip


def diabetes(number="c1", encounter="e1"):
    return {
        "resourceType": "Condition", "id": number, "subject": WHO, "onsetDateTime": WHEN["start"],
        "encounter": {"reference": f"Encounter/{encounter}"}, "code": {"coding": [{"system": SNOMED, "code": "44054006"}]},
    }  # fmt: skip


@pytest.fixture
def ana(world):
    (world.home.protocol / "clinics.toml").write_text(CLINICS)
    return world.add("ana", site=SITE)


@pytest.fixture
def give(world, ana, tmp_path):
    """`give(resources…, source=…)`: Ana's, as her site sends them or as she brings them from a clinic."""
    from commonweal.vault.people.models import Pairing, Profile
    from commonweal.vault.records import actions, store

    def run(*resources, source):
        told = Profile.objects.get(participant=ana)
        patient = {
            "resourceType": "Patient", "id": "p", "name": [{"family": told.family_name, "given": [told.given_name]}],
            "birthDate": told.birth_date.isoformat(), "telecom": [{"system": "phone", "value": told.phone}],
            "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": Pairing.objects.get(participant=ana).record_number}],
        }  # fmt: skip
        path = tmp_path / f"{source}-{len(store.taken())}.ndjson"
        path.write_text("".join(json.dumps(one) + "\n" for one in (patient, *resources)))
        how = {"format": "fhir-ndjson", "home": world.home, "console": Console(json=True)}
        answer = actions.import_files([path], site=source, **how, **({} if source == SITE else {"holders": [ana]}))
        assert answer["accepted"] == len(resources)

    return run


def numbers(world):
    return sorted(row["value_as_number"] for row in world.raw("measurement"))


def test_a_resource_of_one_server_is_there_once_in_the_version_changed_last(world, ana, give):
    from commonweal.vault.records import store

    give(visit(), lab(7.1, updated="2022-01-01T00:00:00Z"), source=SITE)
    give(visit(), lab(7.0, updated="2021-05-01T00:00:00Z"), diabetes(), source="lake")
    assert world.extract()["rows_given_twice"] == 0
    (seen,), (condition,) = world.raw("visit_occurrence"), world.raw("condition_occurrence")
    assert numbers(world) == [7.1] and condition["_source"] == SITE
    assert condition["visit_occurrence_id"] == seen["visit_occurrence_id"]
    kept = {kind: one["count"] for kind, one in store.summary(world.home, ana.pk).items()}
    assert kept == {"Encounter": 1, "Observation": 1, "Condition": 1}
    give(lab(7.2, updated="2023-01-01T00:00:00Z"), source="lake")
    world.extract("2026Q4R2")
    assert [row["value_as_number"] for row in world.raw("measurement", "2026Q4R2")] == [7.2]


def test_ids_of_servers_that_nobody_said_are_the_same_are_not_compared(world, ana, give):
    give(visit(), lab(7.1), source=SITE)
    give(visit(), lab(7.1), source="hill")
    world.extract()
    assert numbers(world) == [7.1, 7.1] and len(world.raw("visit_occurrence")) == 2


def test_what_says_the_same_under_other_ids_is_there_once_and_its_visit_is_the_sites(world, ana, give):
    """A value that was measured twice that day stays twice, one of another value stays, as does what has no concept."""
    give(visit(), lab(7.1), lab(9.9, "o9", code="no-such"), source=SITE)
    theirs = [lab(7.1, "x1", "x"), lab(7.1, "x2", "x"), lab(7.4, "x3", "x"), lab(9.9, "x9", "x", code="no-such")]
    give(visit("x"), *theirs, diabetes("xc", "x"), source="lake")
    assert world.extract()["rows_given_twice"] == 2
    (seen,), (condition,) = world.raw("visit_occurrence"), world.raw("condition_occurrence")
    assert numbers(world) == [7.1, 7.1, 7.4, 9.9, 9.9]
    linked = {row["visit_occurrence_id"] for row in (*world.raw("measurement"), condition)}
    assert linked == {seen["visit_occurrence_id"]}


def test_a_site_that_sends_tables_and_a_clinic_that_gives_fhir_are_one(world, ana, give, tmp_path):
    from commonweal.vault.people.models import Pairing

    number = Pairing.objects.get(participant=ana).record_number
    folder = write(
        tmp_path / "site",
        person=PERSON,
        pii_name="person_id,first_name,last_name\n7,anagiven,anafamily\n",
        pii_mrn=f"person_id,health_system,MRN\n7,x,{number}\n",
        condition_occurrence="condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_type_concept_id\n"
        "1,7,201826,2021-03-04,32817\n2,7,201826,2020-01-01,32817\n",
    )
    bring(world.home, folder, site=SITE)
    give(visit(), diabetes(), source="lake")
    assert world.extract()["rows_given_twice"] == 1
    rows = world.raw("condition_occurrence")
    assert len(rows) == 2 and all(row["condition_occurrence_id"] >= 1 << 62 for row in rows)
    assert len(world.raw("visit_occurrence")) == 2  # the site's are told by its rows' visits or not at all
