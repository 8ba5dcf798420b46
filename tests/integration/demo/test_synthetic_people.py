"""`commonweal simulate`: through the doors, past the gates, safe to repeat, resumable."""

import sqlite3

import pytest

from tests.commands import Commonweal, Refusal, initialised

IN_THE_END = """
SELECT count(*) FROM people_participant p WHERE EXISTS (
    SELECT 1 FROM consent_consentanswer a WHERE a.participant_id = p.id AND a.module = 'primary' AND a.answer = 'yes')
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    commonweal = initialised(tmp_path_factory.mktemp("simulate") / "home")
    commonweal.first = commonweal("simulate", "--people", "300", "--seed", "4")
    return commonweal


def one(program, query):
    con = sqlite3.connect(program.home / "vault" / "db.sqlite3")
    try:
        return con.execute(query).fetchone()[0]
    finally:
        con.close()


def test_people_come_in_with_all_that_belongs_to_them(program):
    said = program.first
    assert (said["accepted"], said["unchanged"], said["rejected"], said["report"]) == (300, 0, 0, None)
    assert one(program, "SELECT count(*) FROM people_participant WHERE origin = 'simulation' AND NOT is_test") == 300
    assert one(program, IN_THE_END) > 280
    assert said["consent_answers"] == one(program, "SELECT count(*) FROM consent_consentanswer") > 1000
    assert said["survey_responses"] == one(program, "SELECT count(*) FROM surveys_surveyresponse") > 650
    assert said["withdrawals"] == one(program, "SELECT count(*) FROM consent_withdrawal") > 0
    assert said["deactivations"] == one(program, "SELECT count(*) FROM consent_deactivation")
    assert said["events"] > 300 * 25
    assert said["peak_mb"] > 0 and said["seconds"]["total"] > 0


def test_no_answer_and_no_record_was_refused_at_a_door(program):
    """The simulation asks for nothing that the gates forbid, so what it made is what was taken."""
    from datetime import date

    from commonweal import protocol
    from commonweal.simulate.make import make

    made = make(protocol.load(protocol.DEFAULT), 4, 0, 300, until=date.fromisoformat(program.first["until"]))
    assert program.first["consent_answers"] == made.answers.num_rows
    assert program.first["survey_responses"] == sum(table.num_rows for table in made.surveys)
    assert program.first["events"] == sum(part == 0 for part in made.records["part"].to_pylist())


def test_the_same_seed_again_changes_nothing_and_says_so(program):
    before = one(program, "SELECT count(*) FROM consent_consentanswer")
    again = program("simulate", "--people", "300", "--seed", "4")
    assert (again["accepted"], again["unchanged"]) == (0, 300)
    assert again["until"] == program.first["until"]
    assert one(program, "SELECT count(*) FROM consent_consentanswer") == before


def test_what_was_cut_off_is_made_whole_and_nothing_is_there_twice(program):
    """As after a run that was killed before it noted down how far it came."""
    note = program.home / "vault" / "store" / "simulation" / "seed-4.json"
    kept = note.read_text()
    counts = {t: one(program, f"SELECT count(*) FROM {t}") for t in TABLES}
    note.write_text(kept.replace('"done":300', '"done":0'))
    again = program("simulate", "--people", "300", "--seed", "4")
    assert (again["accepted"], again["unchanged"]) == (0, 300)
    assert again["consent_answers"] == again["survey_responses"] == again["events"] == 0
    assert {t: one(program, f"SELECT count(*) FROM {t}") for t in TABLES} == counts
    assert note.read_text() == kept


TABLES = (
    "people_participant",
    "people_profile",
    "people_pairing",
    "consent_consentanswer",
    "consent_withdrawal",
    "consent_deactivation",
    "surveys_surveyresponse",
)


def test_more_people_of_the_same_seed_are_added_to_those_there(program):
    more = program("simulate", "--people", "340", "--seed", "4")
    assert (more["accepted"], more["unchanged"]) == (40, 300)
    assert one(program, "SELECT count(*) FROM people_participant") == 340
    fewer = program("simulate", "--people", "100", "--seed", "4")
    assert (fewer["accepted"], fewer["unchanged"]) == (0, 100)


@pytest.mark.parametrize("arguments", [("--people", "0"), ("--people", "5", "--seed", "-1")])
def test_bad_numbers_are_refused(program, arguments):
    with pytest.raises(Refusal) as refusal:
        program("simulate", *arguments)
    assert refusal.value.code == 2 and "--people" in refusal.value.said


def test_no_home_is_refused(tmp_path):
    with pytest.raises(Refusal) as refusal:
        Commonweal(tmp_path / "nowhere")("simulate", "--people", "5")
    assert refusal.value.code == 2 and "commonweal init" in refusal.value.said


def test_the_audit_chain_holds(program):
    """Refusal otherwise; a door writes one event for a batch, whatever its size."""
    assert 0 < program("audit", "verify", "--site", "portal")["events"] < 200
