"""Elements of a site's own, named by a file: read where they stand, and what is wrong in the file is told."""

import shutil

import pytest

from commonweal import protocol
from tests.fhir_rows import mapped

SITE = "lakeshore-chicago"
TAKEN = """resource = "Observation"
[columns]
start = { from = ['extension("http://clinic.example/taken").valueDateTime'], as = "time" }
"""
DIET = """resource = "NutritionOrder"
subject = "patient"
[columns]
code = { from = ["oralDiet.type[0]"], as = "concept" }
start = { from = ["dateTime"], as = "time" }
"""


@pytest.fixture
def program(tmp_path):
    """`program({file in mappings: text})`: a copy of the default program with these files."""

    def made(files):
        folder = tmp_path / "protocol"
        shutil.copytree(protocol.DEFAULT, folder)
        for name, text in files.items():
            path = folder / "mappings" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return folder

    return made


def test_a_place_of_their_own_is_looked_at_first_and_at_that_site_alone(program):
    found = protocol.load(program({f"{SITE}/when.toml": TAKEN, "diet.toml": DIET})).elements
    own = {
        "resourceType": "Observation", "id": "o", "issued": "2020",
        "extension": [{"url": "http://x.example"}, {"url": "http://clinic.example/taken", "valueDateTime": "2019-05-01"}],
    }  # fmt: skip
    diet = {
        "resourceType": "NutritionOrder", "id": "n", "patient": {"reference": "Patient/1"}, "dateTime": "2021",
        "oralDiet": {"type": [{"coding": [{"system": "http://snomed.info/sct", "code": "160670007"}]}]},
    }  # fmt: skip
    resources = [own, own | {"extension": []}, diet]
    here, elsewhere = (mapped(resources, declared=found.mapping(site)) for site in (SITE, "elsewhere"))
    assert [row["start"].year for row in here[1]] == [2019, 2020, 2021]
    assert [row["start"].year for row in elsewhere[1]] == [2020, 2020, 2021]
    assert (here[0][2]["subject"], here[0][2]["used"], here[1][2]["code"]) == ("Patient/1", True, "160670007")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("resource = ", "Invalid value"),
        ("[columns]\n", "which type of resource"),
        ('resource = "NutritionOrder"\n', 'needs subject = "…"'),
        ('resource = "Observation"\nplace = 1\n', "place is not known"),
        ('resource = "Observation"\n[columns]\nweight = { from = ["x"], as = "text" }\n', "no column weight"),
        ('resource = "Observation"\n[columns]\nstart = { from = ["x"], as = "day" }\n', "as is one of text, time"),
        ('resource = "Observation"\n[columns]\nstart = { from = ["x[1]"], as = "time" }\n', "is no path"),
        ('resource = "Observation"\n[columns]\nstart = { from = ["x\') --"], as = "time" }\n', "is no path"),
        ('resource = "Observation"\n[columns]\nstart = { from = "x", as = "time" }\n', "a list of paths"),
        ('resource = "Observation"\n[columns]\nstart = { from = ["code"], as = "time" }\n', "two ways"),
        ('resource = "Observation"\n[columns]\nstatus = { always = "x\'", as = "text" }\n', "quotation mark"),
    ],
)
def test_what_cannot_be_meant_is_told(program, text, told):
    problems = protocol.check(program({"own.toml": text}))
    assert [p.file for p in problems] == ["mappings/own.toml"] and told in problems[0].message


def test_a_folder_that_is_no_site(program):
    (problem,) = protocol.check(program({"nowhere/own.toml": DIET}))
    assert "no site 'nowhere'" in problem.message
