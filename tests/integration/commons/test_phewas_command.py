"""`commonweal phewas` as a researcher runs it, with a map that `vocabulary import` brought."""

import csv

import numpy as np
import pytest

from tests.commands import Commonweal, Refusal

PEOPLE = 1_000
FILES = {
    "phecodeX_map.csv": ["code,vocabulary_id,phecode", "E11.9,ICD10CM,EM_2", "J45,ICD10CM,RE_4"],
    "phecodeX_rollup_map.csv": ["code,phecode_unrolled", "EM_2,EM_2", "RE_4,RE_4"],
    "phecodeX_labels.csv": ["phenotype,description,group", "EM_2,Diabetes,Endocrine", "RE_4,Asthma,Respiratory"],
    "phecodeX_sex.csv": ["phecode,male_only,female_only", "EM_2,FALSE,FALSE", "RE_4,FALSE,FALSE"],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("phewas"), np.random.default_rng(6)
    for part in ("map", "cdm", "home/protocol", "home/vocabulary"):
        (folder / part).mkdir(parents=True)
    (folder / "home/protocol/program.toml").write_text("")
    for name, lines in FILES.items():
        (folder / "map" / name).write_text("\n".join(lines) + "\n")
    dose = rng.binomial(2, 0.3, PEOPLE)
    write(folder / "cdm/person.csv", "person_id,gender_concept_id,year_of_birth",
          [(n, (8507, 8532)[n % 2], 1950 + n % 40) for n in range(PEOPLE)])  # fmt: skip
    write(folder / "people.csv", "person_id,dose,weight", [(n, dose[n], 60 + n % 50) for n in range(PEOPLE)])
    ill = rng.random((PEOPLE, 2)) < np.column_stack([0.08 * 2.5**dose, np.full(PEOPLE, 0.2)])
    write(folder / "codes.csv", "person_id,vocabulary_id,code,date",
          [(n, "ICD10CM", code, f"202{day}-01-01") for n in range(PEOPLE) for k, code in enumerate(("e11.9", "J45"))
           if ill[n, k] for day in (1, 2)])  # fmt: skip
    return folder


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])


def test_from_the_map_to_the_figures(place):
    commonweal = Commonweal(place / "home")
    asked = ["phewas", "--release", place / "cdm", "--people", place / "people.csv", "--codes", place / "codes.csv"]
    asked += ["--exposure", "dose", "--covariate", "sex", "--covariate", "weight", "--out", place / "scan.csv"]
    with pytest.raises(Refusal, match="vocabulary import") as refused:
        commonweal(*asked)
    assert refused.value.code == 2
    assert commonweal("vocabulary", "import", place / "map")["accepted"] == 6
    told = commonweal(*asked, "--figures")
    assert (told["people"], told["tested"], told["shown"], told["covariates"]) == (PEOPLE, 2, 2, ["sex", "weight"])
    assert len(told["files"]) == 7
    with open(place / "scan.csv") as file:
        first, second = csv.DictReader(file)
    assert (first["phecode"], second["phecode"]) == ("EM_2", "RE_4")
    assert float(first["p_value"]) < 1e-6 < 0.001 < float(second["p_value"])
    assert "Diabetes" in (place / "scan-manhattan.svg").read_text()
