"""Files of FHIR as they come: whole, packed, broken. Nothing of them is quoted."""

import gzip
import json

import pytest

from commonweal.r4 import bundles
from commonweal.r4.bundles import Problem

OBSERVATION = {"resourceType": "Observation", "id": "o1"}
BUNDLE = {"resourceType": "Bundle", "entry": [{"resource": OBSERVATION}, {"fullUrl": "urn:uuid:7"}]}
LINES = b'{"resourceType": "Patient", "id": "p"}\n\n' + json.dumps(OBSERVATION).encode() + b"\n"


def read(tmp_path, content, **how):
    path = tmp_path / "records"
    path.write_bytes(content)
    return list(bundles.read(path, **how))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_bundle_entry_by_entry(tmp_path, pack, indent):
    found = read(tmp_path, pack(json.dumps(BUNDLE, indent=indent).encode()))
    assert found[0] == (1, OBSERVATION)
    assert found[1][0] == 2 and found[1][1].code == "no_resource"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_ndjson_line_by_line(tmp_path, pack):
    found = read(tmp_path, pack(LINES + b"{cut\n[]\n"))
    assert [place for place, _ in found] == [1, 3, 4, 5]
    assert found[1][1] == OBSERVATION
    assert [found[2][1].code, found[3][1].code] == ["not_json", "not_fhir"]


def test_an_entry_without_id_takes_that_of_its_address(tmp_path):
    entry = {"fullUrl": "urn:uuid:61ebe359", "resource": {"resourceType": "Condition"}}
    found = read(tmp_path, json.dumps({"resourceType": "Bundle", "entry": [entry]}).encode())
    assert found[0][1]["id"] == "61ebe359"


WHOLE = json.dumps(BUNDLE, indent=1).encode()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"Name: Secret Person\nborn 1961", "not_json"),
        (WHOLE[: len(WHOLE) // 2], "truncated"),
        (gzip.compress(WHOLE, mtime=0)[:60], "truncated"),
        (gzip.compress(LINES * 500, mtime=0)[:-9], "truncated"),
        (b'{"hello": "Secret"}', "not_fhir"),
        (b'[{"resourceType": "Patient"}]', "not_fhir"),
        (b'{"resourceType": "Bundle"}', "no_entries"),
        (b'{"resourceType": "Bundle", "entry": []}', "no_entries"),
        (b'{"resourceType": "Bundle", "entry": "Secret"}', "no_entries"),
    ],
)
def test_what_is_broken_is_told_and_not_quoted(tmp_path, content, code):
    problem = read(tmp_path, content)[-1][1]
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert "Secret" not in problem.message


def test_a_bundle_beyond_the_limit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(bundles, "LARGEST", 64)
    assert read(tmp_path, WHOLE)[0][1].code == "too_large"
    assert len(read(tmp_path, LINES)) == 2


def test_the_other_format_is_refused_when_one_is_asked_for(tmp_path):
    assert read(tmp_path, LINES, format="fhir-bundle")[0][1].code == "other_format"
    assert read(tmp_path, WHOLE, format="fhir-ndjson")[0][1].code == "other_format"
    assert read(tmp_path, LINES, format="fhir-ndjson")[0][1]["id"] == "p"


def test_references_by_full_url_find_a_resource_with_an_id_of_its_own(tmp_path):
    entries = [
        {"fullUrl": "urn:uuid:aaaa", "resource": {"resourceType": "Patient", "id": "p1"}},
        {"fullUrl": "https://clinic.example/Encounter/9", "resource": {"resourceType": "Encounter", "id": "e1"}},
        {
            "resource": {
                "resourceType": "Condition",
                "id": "c1",
                "subject": {"reference": "urn:uuid:aaaa"},
                "encounter": {"reference": "https://clinic.example/Encounter/9"},
                "evidence": [{"detail": [{"reference": "urn:uuid:bbbb"}]}],
            }
        },
    ]
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    condition = [resource for _, resource in bundles.read(path)][2]
    assert condition["subject"]["reference"] == "Patient/p1"
    assert condition["encounter"]["reference"] == "Encounter/e1"
    assert condition["evidence"][0]["detail"][0]["reference"] == "urn:uuid:bbbb"  # nobody we know: left as it is
