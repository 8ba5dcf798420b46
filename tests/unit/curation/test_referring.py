"""To which row of its person a row refers: places are counted from 0, and what is nobody's or another's has none."""

import duckdb
import pyarrow as pa
import pytest

from commonweal.curation import referring
from commonweal.curation.extract.run import TABLES
from commonweal.omop.tables import tables

VISITS = [(30, 1), (10, 1), (20, 2), (20, 2)]
MEASURED = [(1, 1, 30), (2, 1, 10), (3, 2, 30), (4, 2, 20), (5, 2, None), (6, 2, 99)]


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


def rows(con, **given):
    """SQL of every table's rows; `given`: table -> rows of its columns of that name."""
    for name in TABLES:
        told = given.get(name, [])
        columns = {f.name: pa.array([row.get(f.name) for row in told], f.type) for f in tables()[name].schema}
        con.register("incoming", pa.table(columns))
        con.execute(f"CREATE TABLE told_{name} AS FROM incoming")
    return {name: f"FROM told_{name}" for name in TABLES}


def visits():
    return [{"visit_occurrence_id": visit, "person_id": person} for visit, person in VISITS]


def test_a_row_has_the_place_of_its_visit_and_none_where_it_is_not_there_or_anothers(con):
    measured = [
        {"measurement_id": n, "person_id": person, "visit_occurrence_id": visit} for n, person, visit in MEASURED
    ]
    found = referring.placed(con, rows(con, visit_occurrence=visits(), measurement=measured))
    sql = "SELECT measurement_id, _visit_occurrence, _visit_detail FROM ({}) ORDER BY 1"
    assert con.execute(sql.format(found["measurement"])).fetchall() == [
        (1, 1, None), (2, 0, None), (3, None, None), (4, 0, None), (5, None, None), (6, None, None),
    ]  # fmt: skip


def test_what_is_referred_to_has_its_own_place_and_rows_twice_sent_share_it(con):
    found = referring.placed(con, rows(con, visit_occurrence=visits()))
    sql = f"SELECT visit_occurrence_id, person_id, _visit_occurrence FROM ({found['visit_occurrence']}) ORDER BY ALL"
    assert con.execute(sql).fetchall() == [(10, 1, 0), (20, 2, 0), (20, 2, 0), (30, 1, 1)]


def test_answers_say_which_response_they_belong_to(con):
    given = [{"survey_conduct_id": 7, "person_id": 1}, {"survey_conduct_id": 8, "person_id": 1}]
    answer = {"observation_id": 1, "person_id": 1, "observation_event_id": 8}
    found = referring.placed(con, rows(con, survey_conduct=given, observation=[answer]))
    assert con.execute(f"SELECT _survey_conduct FROM ({found['observation']})").fetchall() == [(1,)]
    assert found["death"] == "FROM told_death"


def test_places_of_several_people_are_counted_on(con):
    found = referring.placed(con, rows(con, visit_occurrence=visits()))
    con.execute("CREATE TABLE persons AS SELECT unnest([3, 1, 2, 4]) AS person_id")
    con.execute("ALTER TABLE persons ADD p_name VARCHAR")
    for target in referring.TARGETS:
        con.execute(f"ALTER TABLE persons ADD {referring.first(target)} BIGINT DEFAULT 0")
    sql = referring.persons("FROM persons WHERE person_id <> 1", lambda table: f"({found[table]})")
    con.execute(f"CREATE TABLE counted AS {sql}")
    columns = [
        con.execute(f"SELECT column_name, column_type FROM (DESCRIBE {name})").fetchall()
        for name in ("counted", "persons")
    ]
    assert columns[0] == columns[1]
    told = con.execute(
        "SELECT person_id, p_first_visit_occurrence, p_first_visit_detail FROM counted ORDER BY 1"
    ).fetchall()
    assert told == [(2, 0, 0), (3, 2, 0), (4, 2, 0)]
