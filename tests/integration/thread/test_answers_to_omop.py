"""Every answer of simulated people lands in `observation`, under the reference's concepts, counted one by one.

The count is made over the documents in the vault's database, in plain Python, without any of the program's own code:
`benchmarks/answers.py`, which anybody runs at any size.
"""

import csv
import json
from datetime import UTC, datetime, timedelta

import answers
import duckdb
import pytest

from tests.commands import initialised

PEOPLE = 250
NAME = "2026Q4R1"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers") / "home"
    run = initialised(folder)
    run("simulate", "--people", PEOPLE, "--seed", 5)
    run("release", "build", NAME, "--cutoff", (datetime.now(UTC).date() - timedelta(days=1)).isoformat())
    return folder


def raw(home, query):
    folder = home / "vault" / "store" / "curation" / NAME / "raw"
    return duckdb.sql(query.format(folder=folder)).fetchall()


def test_none_is_lost(home):
    """Answer by answer, and of the difference each row by the rule that took it."""
    told = answers.account(home, NAME)
    assert told["due"] == told["raw"] > 20 * PEOPLE and (told["lost"], told["added"]) == (0, 0)
    assert told["given"] == told["due"] + sum(told["not_used"].values())
    assert told["raw"] + told["records"] - sum(told["rules"].values()) == sum(told["released"].values())
    assert not {"unknown", "none"} & set(told["concepts"]["questions"]) and "unknown" not in told["concepts"]["answers"]
    assert all(sum(part.values()) == told["raw"] for part in told["concepts"].values())


def test_a_lost_and_a_changed_answer_are_told_apart(home, monkeypatch):
    rows = answers.rows

    def damaged(raw):
        landed = rows(raw)
        (first, second), (person, response, question, _) = list(landed)[:2], next(iter(landed))
        del landed[first], landed[second]
        landed[person, response, question, "another"] = 1
        return landed

    monkeypatch.setattr(answers, "rows", damaged)
    told = answers.account(home, NAME)
    assert (told["lost"], told["added"]) == (2, 1)


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
        value_as_concept_id FROM '{folder}/observation/**/*.parquet' WHERE _source = 'PPI'""",
    )
    known = {question: concept for question, concept, _, _ in told if question in reference}
    assert len(known) > 30 and known == {question: reference[question] for question in known}
    chosen = {code: concept for _, _, code, concept in told if code in ANSWERS}
    assert len(chosen) > 15 and chosen == {code: ANSWERS[code] for code in chosen}


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
    ((everything,),) = raw(home, "SELECT count(*) FROM '{folder}/observation/**/*.parquet'")
    steps = [rule["by_table"]["observation"] for rule in manifest["rules"] if "observation" in rule["by_table"]]
    assert everything - sum(step["rows_in"] - step["rows_out"] for step in steps) == released


def test_wearables_are_in_the_vault_and_in_the_release(home):
    manifest = json.loads((home / "commons" / "releases" / NAME / "registered" / "manifest.json").read_bytes())
    rows = {table["name"]: table["rows"] for table in manifest["tables"]}
    assert rows["activity_summary"] > 1000 and rows["heart_rate_summary"] > 1000 and rows["sleep_daily_summary"] > 1000
    assert all(check["outcome"] != "failed" for check in manifest["checks"])
