"""Every answer of simulated people lands in `observation`, under the reference's concepts, counted one by one.

The count is made over the documents in the vault's database, in plain Python, without any of the program's own code.
"""

import csv
import json
import sqlite3
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

sys.path[:0] = [str(Path(__file__).parents[2])]

from commands import initialised  # noqa: E402

PEOPLE = 250
NAME = "2026Q4R1"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers") / "home"
    run = initialised(folder)
    run("simulate", "--people", PEOPLE, "--seed", 5)
    run("release", "build", NAME, "--cutoff", (datetime.now(UTC).date() - timedelta(days=1)).isoformat())
    return folder


def walk(items):
    """(question, value) of every answer in the items of a document."""
    for item in items:
        for answer in item.get("answer", []):
            value = {key: value for key, value in answer.items() if key != "item"}
            assert len(value) == 1
            ((kind, said),) = value.items()
            yield item["linkId"].lower(), said["code"].lower() if kind == "valueCoding" else said
            yield from walk(answer.get("item", []))
        yield from walk(item.get("item", []))


def given(home, people):
    """(person, response, question, value) -> how often, over the documents of these people; and of which form each is."""
    found, forms = Counter(), {}
    query = "SELECT id, participant_id, questionnaire, document FROM surveys_surveyresponse"
    with sqlite3.connect(home / "vault" / "db.sqlite3") as vault:
        for number, person, form, document in vault.execute(query):
            if person in people:
                forms[number] = form
                found.update((person, number, *said) for said in walk(json.loads(document).get("item", [])))
    return found, forms


def raw(home, query):
    folder = home / "vault" / "store" / "curation" / NAME / "raw"
    return duckdb.sql(query.format(folder=folder)).fetchall()


def test_none_is_lost(home):
    people = {person for (person,) in raw(home, "SELECT person_id FROM '{folder}/gate.parquet' WHERE surveys")}
    expected, _ = given(home, people)
    landed = Counter()
    for person, response, question, code, number, truth in raw(
        home,
        """SELECT person_id, observation_event_id, lower(observation_source_value), lower(value_source_value),
        value_as_number, value_as_concept_id FROM '{folder}/observation.parquet' WHERE _source = 'PPI'""",
    ):
        value = code if code is not None else number if number is not None else {45877994: True, 45878245: False}[truth]
        landed[person, response, question, value] += 1
    assert sum(expected.values()) > 20 * PEOPLE
    assert landed == expected


def test_questions_and_answers_have_the_concepts_of_the_reference(home, shared_data):
    with open(shared_data / "aou" / "roux" / "aou_codebook.csv", newline="", encoding="utf-8") as file:
        reference = {
            row["concept_code"].lower(): int(float(row["concept_id"]))
            for row in csv.DictReader(file)
            if row["concept_id"]
        }
    told = raw(
        home,
        """SELECT DISTINCT lower(observation_source_value), observation_source_concept_id, lower(value_source_value),
        value_as_concept_id FROM '{folder}/observation.parquet' WHERE _source = 'PPI'""",
    )
    known = {question: concept for question, concept, _, _ in told if question in reference}
    assert len(known) > 30 and known == {question: reference[question] for question in known}
    answers = {code: concept for _, _, code, concept in told if code in ANSWERS}
    assert len(answers) > 15 and answers == {code: ANSWERS[code] for code in answers}


ANSWERS = {  # surveys.md, section 3
    "whatraceethnicity_aian": 1586141, "whatraceethnicity_asian": 1586142, "whatraceethnicity_black": 1586143,
    "whatraceethnicity_mena": 1586144, "whatraceethnicity_nhpi": 1586145, "whatraceethnicity_white": 1586146,
    "whatraceethnicity_hispanic": 1586147, "sexatbirth_male": 1585846, "sexatbirth_female": 1585847,
    "sexatbirth_intersex": 1585848, "genderidentity_man": 1585839, "genderidentity_woman": 1585840,
    "genderidentity_nonbinary": 1585841, "genderidentity_transgender": 1585842, "sexualorientation_straight": 1585900,
    "highestgrade_neverattended": 1585941, "highestgrade_twelveorged": 1585945, "highestgrade_collegegraduate": 1585947,
    "highestgrade_advanceddegree": 1585948, "employmentstatus_employedforwages": 1585953, "pmi_skip": 903096,
    "pmi_prefernottoanswer": 903079,
}  # fmt: skip


def test_what_each_rule_took_is_told_to_the_last_row(home):
    manifest = json.loads((home / "commons" / "releases" / NAME / "registered" / "manifest.json").read_bytes())
    figures = {check["id"]: check["figure"] for check in manifest["checks"]}
    assert (figures["reconcile.answers"], figures["reconcile.rows"]) == (0, 0)
    (released,) = [table["rows"] for table in manifest["tables"] if table["name"] == "observation"]
    ((everything,),) = raw(home, "SELECT count(*) FROM '{folder}/observation.parquet'")
    steps = [rule["by_table"]["observation"] for rule in manifest["rules"] if "observation" in rule["by_table"]]
    assert everything - sum(step["rows_in"] - step["rows_out"] for step in steps) == released


def test_wearables_are_in_the_vault_and_in_the_release(home):
    manifest = json.loads((home / "commons" / "releases" / NAME / "registered" / "manifest.json").read_bytes())
    rows = {table["name"]: table["rows"] for table in manifest["tables"]}
    assert rows["activity_summary"] > 1000 and rows["heart_rate_summary"] > 1000 and rows["sleep_daily_summary"] > 1000
    assert all(check["outcome"] == "passed" for check in manifest["checks"])
