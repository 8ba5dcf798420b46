"""Identities as they are compared: what is written differently and means the same."""

from datetime import date

import pytest

from commonweal.r4 import patients


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("López", "LOPEZ"),
        ("O'Brien", "obrien"),
        ("Anne-Marie", "annemarie"),
        ("  de  la Cruz ", "De la cruz"),
        ("Straße", "STRASSE"),
    ],
)
def test_names_fold(a, b):
    assert patients.fold(a) == patients.fold(b) != ""


def test_digits_in_names_stay():
    assert patients.fold("Ledner144") != patients.fold("Ledner")


@pytest.mark.parametrize(
    ("text", "digits"),
    [("555-810-7203", "5558107203"), ("+1 (555) 810-7203", "5558107203"), ("7203", ""), (None, ""), ("n/a", "")],
)
def test_phones_are_their_digits(text, digits):
    assert patients.phone(text) == digits


def test_addresses_know_postal_abbreviations():
    assert patients.address("633 North Abernathy Street, Apt. 2") == patients.address("633 n abernathy st apartment 2")


def test_record_numbers_lose_what_does_not_tell():
    assert patients.record_number("MR-0042") == patients.record_number("mr 0042")
    assert patients.record_number("00042") == patients.record_number("42")


@pytest.mark.parametrize(
    ("reference", "identifier"),
    [
        ("Patient/1", "1"), ("urn:uuid:ab-c", "ab-c"), ("https://x.org/fhir/Patient/9/_history/2", "9"),
        ("Patient?identifier=x|1", None), ("#p", None), ("", None), (None, None), (7, None),
    ],
)  # fmt: skip
def test_references(reference, identifier):
    assert patients.reference_id({"reference": reference}) == identifier


def test_an_identity_of_a_patient():
    mr = {"coding": [{"code": "MR"}]}
    ssn = {"coding": [{"code": "SS"}]}
    found = patients.identity(
        {
            "resourceType": "Patient", "birthDate": "1961-08-27",
            "name": [{"family": "Núñez", "given": ["Ana", "María"]}, {"family": "Old", "use": "old"}],
            "identifier": [{"type": mr, "value": "A-07"}, {"type": ssn, "value": "999-11-2222"}],
            "telecom": [{"system": "phone", "value": "(555) 810 7203"}, {"system": "email", "value": "a@b.c"}],
            "address": [{"line": ["1 Elm Street"]}],
        }
    )  # fmt: skip
    assert found.birth_date == date(1961, 8, 27)
    assert found.families == {"nunez"}
    assert found.givens == {"ana", "ana maria"}
    assert found.record_numbers == {"a07"}
    assert found.phones == {"5558107203"}
    assert found.addresses == {"1 elm st"}


@pytest.mark.parametrize("broken", [{"name": "Ana"}, {"name": ["Ana"]}, {"telecom": [7]}, {"identifier": "x"}])
def test_what_is_not_shaped_like_a_patient_is_refused(broken):
    with pytest.raises(ValueError, match="not shaped"):
        patients.identity(broken)


def test_what_else_a_patient_tells():
    birth_sex = {"url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex", "valueCode": "F"}
    found = patients.identity(
        {
            "resourceType": "Patient", "gender": "male", "extension": [birth_sex],
            "name": [
                {"family": "García-López", "given": ["Ana", "María"]},
                {"family": "de la Cruz", "use": "old", "given": ["Ana"]},
            ],
            "telecom": [{"system": "email", "value": " Ana@Example.org "}, {"system": "email", "value": "none"}],
            "address": [{"line": ["1 Elm Street"], "city": "San José", "postalCode": "60601-1234"}, {"postalCode": "ON"}],
        }
    )  # fmt: skip
    assert found.sex == "female"
    assert found.families == {"garcialopez"} and found.surnames == {"garcia", "lopez"}
    assert found.former == {"de la cruz", "cruz"}
    assert found.givens == {"ana", "ana maria"} and found.full_givens == {"ana maria"}
    assert (found.emails, found.cities, found.zips) == ({"ana@example.org"}, {"san jose"}, {"60601"})


@pytest.mark.parametrize(
    ("family", "parts"),
    [
        ("de la Cruz", {"cruz"}),
        ("O'Brien", {"obrien"}),
        ("Van", {"van"}),
        ("Ortiz y Gasset", {"ortiz", "gasset"}),
        ("", set()),
    ],
)
def test_parts_of_family_names(family, parts):
    assert patients.surnames(family) == parts


@pytest.mark.parametrize(
    "paper",
    [
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-84-4261"},
        {"system": "urn:oid:2.16.840.1.113883.4.3.17", "value": "R123-4567"},
        {"type": {"coding": [{"code": "MC"}]}, "value": "1EG4-TE5-MK73"},
        {"type": {"coding": [{"code": "MR"}, {"code": "SS"}]}, "system": "http://hl7.org/fhir/sid/us-ssn"},
    ],
)
def test_the_number_of_a_persons_papers_is_no_record_number(paper):
    """Some send it without a type, as they send record numbers; what is not known to be of a card may be one."""
    own = {"system": "http://clinic.example/records", "value": "0042"}
    found = patients.identity({"resourceType": "Patient", "identifier": [paper, own]})
    assert found.record_numbers == {"42"} and patients.is_of_a_card(paper) and not patients.is_of_a_card(own)
