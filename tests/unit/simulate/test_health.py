"""Simulated health records hang together: within people, in time, and with the vocabulary that ships."""

from datetime import date, datetime

import duckdb
import pytest

from commonweal import protocol
from commonweal.omop import vocabulary
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.simulate.make import make

PROGRAM = protocol.load(protocol.DEFAULT)
UNTIL = date(2026, 10, 31)
PEOPLE = 6000


@pytest.fixture(scope="module")
def made():
    return make(PROGRAM, 5, 0, PEOPLE, until=UNTIL)


@pytest.fixture(scope="module")
def ask(made):
    con = duckdb.connect()
    con.register("events", made.records)
    con.register("profiles", made.profiles)
    con.register("answers", made.answers)
    con.execute("CREATE TABLE person AS SELECT row_number() OVER () - 1 AS participant, * FROM profiles")
    yield lambda query: con.execute(query).fetchall()
    con.close()


def test_columns_are_those_of_events(made):
    assert made.records.schema.names == [f.name for f in EVENT_SCHEMA if f.name not in ("submission", "position")]
    assert all(
        made.records.schema.field(f.name).type == f.type for f in EVENT_SCHEMA if f.name in made.records.schema.names
    )


def test_ids_are_unique_and_components_follow_their_resource(ask, made):
    assert ask(
        "SELECT count(*) FROM (SELECT resource_type, resource_id, part FROM events GROUP BY ALL HAVING count(*) > 1)"
    ) == [(0,)]
    parts, ids = made.records["part"].to_pylist(), made.records["resource_id"].to_pylist()
    assert all(ids[k] == ids[k - 1] and parts[k] == parts[k - 1] + 1 for k in range(1, len(parts)) if parts[k])


def test_every_code_is_in_the_vocabulary(ask, tmp_path):
    systems = {"http://snomed.info/sct": "SNOMED", "http://loinc.org": "LOINC", "http://hl7.org/fhir/sid/cvx": "CVX"}
    systems["http://www.nlm.nih.gov/research/umls/rxnorm"] = "RxNorm"
    with vocabulary.connect(None) as con:
        known = set(con.execute("SELECT vocabulary_id, concept_code FROM concept").fetchall())
    used = ask("SELECT DISTINCT code_system, code FROM events WHERE code IS NOT NULL")
    assert len(used) > 100
    assert {(systems[system], code) for system, code in used} <= known


def test_units_are_in_the_vocabulary(ask):
    with vocabulary.connect(None) as con:
        known = {
            code for (code,) in con.execute("SELECT concept_code FROM concept WHERE vocabulary_id = 'UCUM'").fetchall()
        }
    units = {unit for (unit,) in ask("SELECT DISTINCT unit FROM events WHERE unit IS NOT NULL")}
    assert len(units - known) <= 2, units - known  # the vocabulary that ships is a small one


def test_only_those_who_share_records_have_any(ask):
    shared = """SELECT participant FROM answers WHERE module = 'ehr' GROUP BY 1 HAVING arg_max(answer, "at") = 'yes' """
    assert ask(f"SELECT count(*) FROM (SELECT DISTINCT participant FROM events EXCEPT ({shared}))") == [(0,)]
    assert ask(f"SELECT count(*) FROM (({shared}) EXCEPT SELECT participant FROM events)") == [(0,)]


def test_nothing_before_adult_life_or_after_the_end(ask):
    assert ask(
        "SELECT count(*) FROM events JOIN person USING (participant) WHERE start < birth_date + INTERVAL 15 YEAR"
    ) == [(0,)]
    assert ask("SELECT max(start) FROM events")[0][0] < datetime(2026, 11, 1)
    assert ask('SELECT count(*) FROM events WHERE "end" < start') == [(0,)]


def test_what_hangs_on_a_visit_happens_at_it(ask):
    (lost,) = ask("""SELECT count(*) FROM events e WHERE encounter_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM events v WHERE v.resource_type = 'Encounter' AND v.resource_id = e.encounter_id
        AND v.participant = e.participant AND e.start::DATE BETWEEN v.start::DATE AND v."end"::DATE + 1)""")
    assert lost == (0,)


def test_the_dead_need_no_care(ask):
    dead = "(SELECT participant, start AS died FROM events WHERE resource_type = 'Patient')"
    (count,) = ask(f"SELECT count(*) FROM {dead}")
    assert 0.003 < count[0] / PEOPLE < 0.02
    assert ask(f"SELECT count(*) FROM events JOIN {dead} USING (participant) WHERE start::DATE > died::DATE") == [(0,)]
    assert ask(
        f"SELECT count(*) FROM answers JOIN {dead} USING (participant) WHERE epoch_us(answers.at) > epoch_us(died)"
    ) == [(0,)]


def test_prevalence_and_values_look_right(ask):
    (rows,) = ask("SELECT count(*) / count(DISTINCT participant) FROM events")
    assert 40 < rows[0] < 80
    prevalence = dict(
        ask("""SELECT code, count(DISTINCT participant) / (SELECT count(DISTINCT participant) FROM events)
            FROM events WHERE resource_type = 'Condition' GROUP BY 1""")
    )
    assert 0.28 < prevalence["59621000"] < 0.45  # hypertension
    assert 0.10 < prevalence["44054006"] < 0.22  # type 2 diabetes
    assert prevalence["46635009"] < 0.02  # type 1 diabetes
    mean = dict(
        ask(
            "SELECT code, avg(value_number) FROM events WHERE value_number IS NOT NULL AND code NOT IN ('x') GROUP BY 1"
        )
    )
    assert 118 < mean["8480-6"] < 135 and 68 < mean["8462-4"] < 86 and 26 < mean["39156-5"] < 32


def test_values_follow_conditions(ask):
    means = dict(
        ask("""SELECT d.participant IS NOT NULL, avg(value_number) FROM events e LEFT JOIN
            (SELECT DISTINCT participant FROM events WHERE code = '44054006') d USING (participant)
            WHERE e.code = '4548-4' GROUP BY 1""")
    )
    assert means[True] > means[False] + 1.0  # A1c of diabetics
    without = """SELECT count(*) FROM events e WHERE code = '860975' AND NOT EXISTS (
        SELECT 1 FROM events d WHERE d.participant = e.participant AND d.code = '44054006' AND d.start <= e.start)"""
    assert ask(without) == [(0,)]  # metformin after diabetes only
