"""`protocol check`, `surveys check` and `surveys validate` as a person runs them: exit codes, lines, one JSON object."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commonweal.protocol import DEFAULT

SURVEY = DEFAULT / "surveys" / "Lifestyle.json"


def run(*args: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "commonweal.cli", *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(DEFAULT, tmp_path / "program"))
    file = folder / "partners.toml"
    file.write_text(file.read_text().replace('organisation = "gulf-coast-care"', 'organisation = "gulf"', 1))
    return folder


def test_a_protocol_in_order():
    code, out, _ = run("protocol", "check", DEFAULT, "--json")
    answer = json.loads(out)
    assert (code, answer["valid"], answer["problems"]) == (0, True, [])
    assert len(answer["digest"]) == 64


def test_a_protocol_that_is_not(broken):
    code, out, _ = run("protocol", "check", broken)
    number = next(
        n for n, line in enumerate((broken / "partners.toml").read_text().splitlines(), 1) if '"gulf"' in line
    )
    assert code == 1
    assert out.splitlines() == [
        f"partners.toml:{number}: site 'gulf-coast-houston' names the organisation 'gulf', which there is not",
        "1 problem",
    ]
    code, out, _ = run("protocol", "check", broken, "--json")
    assert code == 1 and json.loads(out)["problems"][0]["line"] == number


def test_a_folder_that_is_no_protocol(tmp_path):
    code, out, error = run("protocol", "check", tmp_path)
    assert (code, out) == (2, "") and "no program.toml" in error and error.count("\n") == 1


def test_surveys_check(tmp_path):
    assert run("surveys", "check", *sorted(SURVEY.parent.glob("*.json")))[:2] == (0, "no problems\n")
    spoiled = tmp_path / "survey.json"
    spoiled.write_text(SURVEY.read_text().replace('"linkId": "Lifestyle_Cigars"', '"linkId": "Lifestyle_Hookah"'))
    code, out, _ = run("surveys", "check", SURVEY, spoiled, "--json")
    (problem,) = json.loads(out)["problems"]
    assert (code, problem["code"], problem["file"]) == (1, "duplicate-link-id", str(spoiled))
    assert '"linkId": "Lifestyle_Hookah"' in spoiled.read_text().splitlines()[problem["line"] - 1]


def response(tmp_path: Path, code: str) -> Path:
    coding = {"system": "http://terminology.pmi-ops.org/CodeSystem/ppi", "code": code}
    question = {"linkId": "Smoking_100CigsLifetime", "answer": [{"valueCoding": coding}]}
    document = {"resourceType": "QuestionnaireResponse", "status": "completed"}
    file = tmp_path / f"{code}.json"
    file.write_text(json.dumps(document | {"item": [{"linkId": "Lifestyle_Cigarettes", "item": [question]}]}))
    return file


def test_surveys_validate(tmp_path):
    good, bad = response(tmp_path, "100CigsLifetime_Yes"), response(tmp_path, "Perhaps")
    code, out, _ = run("surveys", "validate", good, "--questionnaire", SURVEY, "--json")
    assert (code, json.loads(out)) == (0, {"valid": True, "problems": []})
    code, out, _ = run("surveys", "validate", bad, "--questionnaire", SURVEY, "--json")
    expected = {"linkId": "Smoking_100CigsLifetime", "code": "not-an-option", "message": "not one of the options"}
    assert (code, json.loads(out)) == (1, {"valid": False, "problems": [expected]})


@pytest.mark.parametrize(
    "content", ["{", '{"resourceType": "Patient"}', '{"resourceType": "Questionnaire", "item": 7}']
)
def test_a_questionnaire_that_cannot_be_read(tmp_path, content):
    file = tmp_path / "form.json"
    file.write_text(content)
    code, out, error = run("surveys", "validate", response(tmp_path, "x"), "--questionnaire", file)
    assert (code, out, error.count("\n")) == (2, "", 1)


@pytest.mark.parametrize(("value", "why"), [("9" * 5000, "too many digits"), ('"\\ud800"', "half of a character")])
def test_a_response_that_json_takes_and_nobody_can_read(tmp_path, value, why):
    file = tmp_path / "response.json"
    file.write_text(f'{{"resourceType": "QuestionnaireResponse", "item": [{{"linkId": {value}}}]}}')
    code, out, error = run("surveys", "validate", file, "--questionnaire", SURVEY)
    assert (code, out, error.count("\n")) == (2, "", 1) and why in error


def test_items_nested_without_end(tmp_path):
    file = tmp_path / "deep.json"
    file.write_text('{"resourceType": "Questionnaire"' + ', "item": [{"linkId": "a"' * 5000 + "}]" * 5000 + "}")
    code, _, error = run("surveys", "check", file)
    assert code == 2 and "Traceback" not in error


def test_a_dictionary_of_redcap_is_checked_row_by_row(tmp_path):
    file = tmp_path / "dictionary.csv"
    rows = ["Variable / Field Name,Form Name,Field Type,Field Label", "record_id,f,text,Record", "x,f,hologram,What?"]
    file.write_text("\n".join(rows))
    code, out, _ = run("surveys", "check", file, "--json")
    message = "a type of field that REDCap does not have: the field is left out"
    expected = {"file": str(file), "line": 3, "linkId": "x", "code": "not-carried-over", "message": message}
    assert (code, json.loads(out)["problems"]) == (1, [expected])
    file.write_text("\n".join(rows[:2]))
    assert run("surveys", "check", file)[0] == 0
