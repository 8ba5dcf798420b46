"""Questions that were left open without a row get one, where their form held them, and in no other place."""

from datetime import datetime

import duckdb
import pytest

from commonweal.curation.extract.backfill import FIRST, backfill
from commonweal.curation.extract.surveys import ORDINALS
from commonweal.protocol.answers import Answers
from tests.curated import World

FIRST_ASKED, SECOND, WOMEN_ONLY, SKIP = 1586140, 1585892, 1585784, 903096
ANSWERS = Answers(
    backfills=[
        {
            "id": "some",
            "why": "…",
            "survey": "thebasics",
            "questions": [FIRST_ASKED, SECOND, WOMEN_ONLY],
            "only_women": [WOMEN_ONLY],
        }
    ]
)
CODES = {FIRST_ASKED: "Race_WhatRaceEthnicity", SECOND: "MaritalStatus_CurrentMaritalStatus", WOMEN_ONLY: "Only_Women"}
COLUMNS = """observation_id BIGINT, person_id BIGINT, observation_concept_id BIGINT, observation_date DATE, observation_datetime TIMESTAMP,
observation_type_concept_id BIGINT, value_as_number DOUBLE, value_as_concept_id BIGINT, observation_source_value VARCHAR,
observation_source_concept_id BIGINT, value_source_value VARCHAR, observation_event_id BIGINT, _source VARCHAR, _version BIGINT"""


@pytest.fixture
def con():
    con = duckdb.connect()
    con.execute(f"CREATE TABLE raw_observation ({COLUMNS})")
    con.execute("CREATE TABLE raw_person AS SELECT 1 AS person_id, 8532 AS gender_concept_id UNION ALL SELECT 2, 8507")
    con.execute(
        "CREATE TABLE concept AS SELECT unnest(?) AS concept_id, unnest(?) AS concept_code",
        [list(CODES), list(CODES.values())],
    )
    con.execute(f"CREATE TABLE survey_codes AS SELECT 'pmi_skip' AS code, {SKIP} AS concept_id")
    con.execute(f"CREATE TABLE targets AS SELECT {SECOND} AS source_id, 77 AS target_id, 0 AS target_no")
    con.execute("""CREATE TABLE raw_survey_conduct (survey_conduct_id BIGINT, survey_end_date DATE, survey_end_datetime TIMESTAMP,
        assisted_concept_id BIGINT, survey_source_value VARCHAR, survey_version_number VARCHAR)""")
    return con


def respond(con, person, response, *questions, version="old", day=1, assisted=0, survey="TheBasics"):
    at = datetime(2024, 1, day)
    con.execute(
        "INSERT INTO raw_survey_conduct VALUES (?, ?, ?, ?, ?, ?)", [response, at, at, assisted, survey, version]
    )
    for n, question in enumerate(questions, 1):
        con.execute(
            "INSERT INTO raw_observation BY NAME SELECT ? AS observation_id, ? AS person_id, ? AS observation_source_concept_id,"
            " ? AS observation_datetime, ? AS observation_event_id, 'PPI' AS _source, 5 AS _version",
            [-(response * ORDINALS + n), person, question, at, response],
        )


def added(con, home):
    figures = backfill(con, home, ANSWERS)
    rows = con.execute(
        f"FROM raw_observation WHERE (-observation_id) % {ORDINALS} >= {FIRST} ORDER BY observation_id"
    ).to_arrow_table()
    assert figures == {"answers_backfilled_some": rows.num_rows}
    return rows.to_pylist()


@pytest.fixture
def home_of_world(transactional_db, home):
    return World(home).home


def test_what_is_missing_is_added_once_to_the_latest_response(con, home_of_world):
    respond(con, 1, 10, FIRST_ASKED, day=1)
    respond(con, 1, 11, FIRST_ASKED, day=2, assisted=42530794)
    respond(con, 2, 12, FIRST_ASKED, SECOND, day=3)  # a man is not asked the third
    respond(con, 1, 14, FIRST_ASKED, day=5, survey="Another")
    respond(con, 3, 13, 999, day=4)  # nothing of the group was answered
    second, third = added(con, home_of_world)[::-1]
    assert [r["observation_id"] for r in (second, third)] == [
        -(11 * ORDINALS + FIRST + 1),
        -(11 * ORDINALS + FIRST + 2),
    ]
    assert second | {"observation_id": 0} == {
        "observation_id": 0, "person_id": 1, "observation_concept_id": 77, "observation_date": datetime(2024, 1, 2).date(),
        "observation_datetime": datetime(2024, 1, 2), "observation_type_concept_id": 32865, "value_as_number": None,
        "value_as_concept_id": SKIP, "observation_source_value": CODES[SECOND], "observation_source_concept_id": SECOND,
        "value_source_value": "PMI_Skip", "observation_event_id": 11, "_source": "PPI", "_version": 5,
    }  # fmt: skip
    assert (third["observation_source_concept_id"], third["observation_concept_id"]) == (WOMEN_ONLY, 0)
    assert backfill(con, home_of_world, ANSWERS) == {"answers_backfilled_some": 0}  # nothing is missing any more


def test_a_question_that_the_form_does_not_hold_was_not_left_open(con, home_of_world):
    from commonweal import protocol

    version = protocol.load(home_of_world.protocol).surveys["TheBasics"].version
    respond(con, 1, 10, FIRST_ASKED, version=version)
    assert [r["observation_source_concept_id"] for r in added(con, home_of_world)] == [SECOND]


def test_a_program_without_groups_adds_nothing(con, home_of_world):
    respond(con, 1, 10, FIRST_ASKED)
    assert backfill(con, home_of_world, Answers()) == {}
