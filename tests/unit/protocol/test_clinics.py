"""clinics.toml: a program may be without it; what is wrong in it is named by its line."""

import shutil

import pytest

from commonweal import protocol
from commonweal.protocol.base import DEFAULT

CLINIC = 'id = "lake", name = "Lake", fhir_base = "https://fhir.example/r4/", client_id = "c", state = "IL"'
EXPORT = 'site = "lakeshore-chicago", fhir_base = "https://b.example/r4", client_id = "c", key = "a.pem", key_id = "1"'


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(DEFAULT, tmp_path / "protocol")


def written(folder, clinic=CLINIC, export=EXPORT):
    text = f"clinics = [\n  {{ {clinic} }},\n]\nexports = [\n  {{ {export} }},\n]\n"
    (folder / "clinics.toml").write_text(text)
    return [str(problem) for problem in protocol.check(folder)]


def test_a_program_without_the_file_has_none(folder):
    (folder / "clinics.toml").unlink()
    assert protocol.check(folder) == [] and protocol.load(folder).clinics.clinics == ()


def test_a_directory_is_read(folder):
    assert written(folder) == []
    found = protocol.load(folder).clinics
    assert found.by_id()["lake"].fhir_base == "https://fhir.example/r4" and found.by_id()["lake"].every_days == 7
    assert found.export_of("lakeshore-chicago").algorithm == "ES384" and found.export_of("mesa-verde-phoenix") is None


@pytest.mark.parametrize(
    ("clinic", "export", "said"),
    [
        (CLINIC.replace("https", "http"), EXPORT, "clinics.toml:2: clinics[1].fhir_base: must be an address"),
        (CLINIC.replace("r4/", "r4?x=1"), EXPORT, "clinics[1].fhir_base: must be an address"),
        (CLINIC.replace("https://fhir", "https://me@fhir"), EXPORT, "clinics[1].fhir_base: must be an address"),
        (CLINIC, EXPORT.replace("lakeshore-chicago", "nowhere"), "clinics.toml:5: names the site 'nowhere'"),
        (CLINIC, EXPORT.replace("a.pem", "../a.pem"), "exports[1].key"),
        (CLINIC + ', site = "nowhere"', EXPORT, "clinics.toml:2: names the site 'nowhere'"),
        (CLINIC.replace('"lake"', '"lakeshore-chicago"'), EXPORT, "is a site's: give the clinic another one"),
        (CLINIC + ', key = "a.pem"', EXPORT, "key and key_id belong together"),
        (CLINIC + ', key = "/a.pem", key_id = "1"', EXPORT, "clinics[1].key"),
        (CLINIC + ', colour = "blue"', EXPORT, "unknown key 'colour'"),
        (f"{CLINIC} }},\n  {{ {CLINIC}", EXPORT, "the id 'lake' stands there twice"),
    ],
)
def test_what_is_wrong_is_named(folder, clinic, export, said):
    (problem,) = written(folder, clinic, export)
    assert said in problem


def test_which_clinics_give_what_another_source_gives(folder):
    """A site that is named, an export of the same address, another clinic of the same address; else none."""
    other = CLINIC.replace('"lake"', '"{}"').replace("https://fhir.example/r4/", "https://{}/r4")
    clinics = [
        other.format("named", "a.example") + ', site = "mesa-verde-phoenix"',
        other.format("exported", "b.example"),
        other.format("first", "c.example"),
        other.format("second", "c.example"),
        other.format("third", "a.example"),
    ]
    assert written(folder, " },\n  { ".join(clinics)) == []
    assert protocol.load(folder).clinics.same_server() == {
        "named": "mesa-verde-phoenix",
        "third": "mesa-verde-phoenix",
        "exported": "lakeshore-chicago",
        "second": "first",
    }
