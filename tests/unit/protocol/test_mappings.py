"""Maps of a site's own codes: read as the field writes them, and what is wrong is told by file and line."""

import gzip
import shutil

import pytest

from commonweal import protocol

HEAD = (
    "source_code,source_concept_id,source_vocabulary_id,source_code_description,target_concept_id,"
    "target_vocabulary_id,valid_start_date,valid_end_date,invalid_reason\n"
)
SITE = "lakeshore-chicago"


@pytest.fixture
def program(tmp_path):
    """`program({file in mappings: text})`: a copy of the default program with these maps."""

    def made(files):
        folder = tmp_path / "protocol"
        shutil.copytree(protocol.DEFAULT, folder)
        for name, text in files.items():
            path = folder / "mappings" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return made


def test_maps_of_every_site_and_of_one(program):
    files = {
        "labs.csv": HEAD + "A1C,0,labs,Haemoglobin,3004410,LOINC,19700101,20991231,\nOLD,0,labs,,3004410,LOINC,,,D\n",
        f"{SITE}/labs.csv": HEAD.replace(",", "\t") + "a1c\t0\tlabs\t\t3005673\tLOINC\t\t\t\n",
        "systems.toml": 'units = ["clinic_units"]\n[systems]\n"http://clinic.example/labs" = "labs"\n',
    }
    codes = protocol.load(program(files)).local_codes
    assert codes.scopes == (SITE,) and codes.units == ("clinic_units",)
    assert codes.systems == {"http://clinic.example/labs": "labs"}
    assert [(r["scope"], r["word"], r["code"], r["lead_id"]) for r in codes.rows()] == [
        ("", "A1C", "a1c", 3004410), (SITE, "a1c", "a1c", 3005673)]  # fmt: skip


def test_a_program_without_maps_has_none():
    assert not protocol.load(protocol.DEFAULT).local_codes.rows()


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        ("x.csv", "code,target\n", 1, "no column source_code"),
        ("x.csv", HEAD.replace("target_concept_id", "target"), 1, "no column target_concept_id"),
        ("x.csv", HEAD + "A,0,v,,twelve,,,,\n", 2, "target_concept_id 'twelve' is no concept id"),
        ("x.csv", HEAD + "A,0,v,,²,,,,\n", 2, "target_concept_id '²' is no concept id"),
        ("x.csv", HEAD + "A,0,v,,,,,,\n", 2, "target_concept_id '' is no concept id"),
        ("x.csv", HEAD + "A,0,v,,1,,,,\n,0,v,,1,,,,\n", 3, "source_code is empty"),
        ("x.csv", HEAD + "A,0,,,1,,,,\n", 2, "source_vocabulary_id is empty"),
        ("x.csv", HEAD + "A,0,v\n", 2, "another number of cells"),
        ("x.csv", HEAD.encode() + b"\xff,0,v,,1,,,,\n", 2, "not in UTF-8"),
        ("nowhere/x.csv", HEAD, 0, "no site 'nowhere'"),
        ("systems.toml", "[system]\n", 1, "unknown key"),
    ],
)
def test_what_is_wrong_in_a_map_is_told_with_its_place(program, name, text, line, said):
    problems = protocol.check(program({name: text}))
    assert [(p.file, p.line) for p in problems] == [(f"mappings/{name}", line)]
    assert said in problems[0].message


def test_the_maps_that_the_field_publishes_are_read(program, shared_data):
    folder = shared_data / "vocab" / "ohdsi_mimic_custom_maps"
    files = {path.name.removesuffix(".gz"): gzip.decompress(path.read_bytes()) for path in folder.glob("*.csv.gz")}
    codes = protocol.load(program(files)).local_codes.rows()
    assert len(codes) == 5_093, "rows of all files, less those marked invalid and those said twice"
    assert {"lead_id": 3007913, "vocabulary_id": "mimiciv_meas_lab_loinc", "source_id": 2000051001}.items() <= next(
        row for row in codes if row["word"] == "50801" and row["vocabulary_id"] == "mimiciv_meas_lab_loinc"
    ).items()
