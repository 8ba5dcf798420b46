"""What the examination of a submission finds: faults planted one by one, real tables counted anew, one scan a table."""

import json
from datetime import date

import duckdb
import pytest

from commonweal import protocol
from commonweal.protocol.reference import ReferenceTable
from commonweal.vault.records.quality import context
from commonweal.vault.records.quality.checks import asked
from commonweal.vault.records.quality.examination import examine_tables
from commonweal.vault.records.quality.scan import statement
from commonweal.vault.records.quality.standards import standards
from commonweal.vault.records.quality.tables import given

RECEIVED = date(2026, 11, 26)
CONCEPTS = """
    (3004249, 'Systolic blood pressure', 'Measurement', 'LOINC', 'S', '8480-6'),
    (3023103, 'Potassium', 'Measurement', 'LOINC', 'S', '2823-3'),
    (8876, 'mm Hg', 'Unit', 'UCUM', 'S', 'mm[Hg]'), (8753, 'mmol/L', 'Unit', 'UCUM', 'S', 'mmol/L'),
    (8840, 'mg/dL', 'Unit', 'UCUM', 'S', 'mg/dL'), (21601855, 'Statins', 'Drug', 'ATC', 'C', 'C10AA'),
    (1539403, 'simvastatin', 'Drug', 'RxNorm', 'S', '36567'), (320128, 'Hypertension', 'Condition', 'SNOMED', 'S', '38341003'),
    (45591453, 'Hypertension', 'Condition', 'ICD10CM', NULL, 'I10'), (194997, 'Prostatitis', 'Condition', 'SNOMED', 'S', '9713002')
"""


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute(
            f"""CREATE TABLE concept AS SELECT * FROM (VALUES {CONCEPTS})
            AS c(concept_id, concept_name, domain_id, vocabulary_id, standard_concept, concept_code);
            CREATE TABLE concept_ancestor AS SELECT 21601855 AS ancestor_concept_id, 1539403 AS descendant_concept_id;
            CREATE TABLE person AS SELECT * FROM (VALUES (1, 8507, 1950, 6, 2), (2, 8532, 1990, 1, NULL), (3, 8532, 1726, 1, 1),
                (4, 8507, 2030, 1, 1)) AS p(person_id, gender_concept_id, year_of_birth, month_of_birth, day_of_birth);
            CREATE TABLE death AS SELECT 1 AS person_id, DATE '2020-01-01' AS death_date"""
        )
        yield con


@pytest.fixture
def quality():
    return protocol.load(protocol.DEFAULT).quality


def make(con, table, columns, *rows):
    con.execute(f"CREATE TABLE {table} ({columns})")
    con.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def look(con, quality, *tables, reference=None):
    views = {name: name for name in ("person", "death", *tables)}
    return examine_tables(con, views, standards(con, quality, reference), RECEIVED)


def told_of(told, table):
    return next(one for one in told["tables"] if one["table"] == table)


def at_fault(told, table):
    return {check["check"]: check["rows"] for check in told_of(told, table)["checks"] if check["rows"]}


CONDITIONS = """condition_occurrence_id INTEGER, person_id INTEGER, condition_concept_id INTEGER,
    condition_start_date DATE, condition_end_date DATE, condition_source_value VARCHAR"""


def test_each_fault_in_time_is_told_once(con, quality):
    make(
        con, "condition_occurrence", CONDITIONS,
        (1, 1, 320128, date(2019, 1, 1), date(2019, 1, 2), "I10"),  # nothing wrong
        (2, 1, 320128, date(1949, 1, 1), None, "I10"),  # before birth
        (3, 1, 320128, date(2020, 1, 31), None, "I10"),  # 30 days after death: not yet a fault
        (4, 1, 320128, date(2020, 2, 1), None, "I10"),  # 31 days
        (5, 2, 320128, date(2027, 1, 1), None, "I10"),  # future
        (6, 2, 320128, date(2020, 1, 2), date(2020, 1, 1), "I10"),  # ends before it starts
        (7, 9, 320128, date(2020, 1, 1), None, "I10"),  # nobody
        (8, 3, 320128, date(2020, 1, 1), None, "I10"),  # at 294 years of age
        (9, 2, 0, date(2020, 1, 1), None, "I10"),
        (10, 2, 320128, date(2020, 1, 1), date(2027, 1, 1), "I10"),
    )  # fmt: skip
    told = look(con, quality, "condition_occurrence")
    assert at_fault(told, "condition_occurrence") == {
        "before_birth": 1, "after_death": 1, "future": 1, "end_before_start": 1, "unknown_person": 1, "too_old": 1,
        "no_concept": 1, "end_in_future": 1,
    }  # fmt: skip
    assert at_fault(told, "person") == {"born_in_future": 1, "born_long_ago": 1}
    table = told_of(told, "condition_occurrence")
    assert (table["rows"], table["people"], table["at_fault"]) == (10, 4, 7)


def test_only_the_year_of_a_birth_excuses_a_day_of_that_year(con, quality):
    make(con, "condition_occurrence", CONDITIONS, (1, 2, 320128, date(1990, 1, 1), None, "I10"))
    assert at_fault(look(con, quality, "condition_occurrence"), "condition_occurrence") == {}


def test_what_stands_there_twice_is_counted_whatever_its_number(con, quality):
    day = date(2019, 1, 1)
    make(con, "condition_occurrence", CONDITIONS, *[(n, 1, 320128, day, None, "I10") for n in (1, 2, 3)],
         (4, 2, 320128, day, None, "I10"), (5, 1, 320128, day, None, None))  # fmt: skip
    told = look(con, quality, "condition_occurrence")
    assert told_of(told, "condition_occurrence")["duplicates"] == 2


def test_concepts_that_are_not_standard_or_elsewhere_are_told(con, quality):
    day = date(2019, 1, 1)
    make(con, "condition_occurrence", CONDITIONS, (1, 1, 45591453, day, None, "I10"), (2, 1, 1539403, day, None, "I10"),
         (3, 1, 77, day, None, "I10"), (4, 1, 0, day, None, "I10"), (5, 1, None, day, None, None))  # fmt: skip
    table = told_of(look(con, quality, "condition_occurrence"), "condition_occurrence")
    assert (table["unknown_concept"], table["not_standard"], table["other_domain"]) == (1, 1, 1)
    assert {one["field"]: (one["mapped"], one["given"]) for one in table["concepts"]} == {
        "condition_concept_id": (3, 5)
    }
    empty = {one["field"]: one["empty"] for one in table["fields"]}
    assert empty["condition_source_value"] == 1 and empty["condition_end_date"] == 5


MEASUREMENTS = """measurement_id INTEGER, person_id INTEGER, measurement_concept_id INTEGER, measurement_date DATE,
    value_as_number DOUBLE, value_as_concept_id INTEGER, unit_concept_id INTEGER, unit_source_value VARCHAR"""


def test_units_and_values_of_measurements(con, quality):
    day = date(2019, 1, 1)
    make(
        con, "measurement", MEASUREMENTS,
        (1, 1, 3004249, day, 120, None, 8876, "mm[Hg]"),
        (2, 1, 3004249, day, 1200, None, 8876, "mm[Hg]"),
        (3, 2, 3004249, day, 12, None, 8876, "mm[Hg]"),
        (4, 2, 3004249, day, 120, None, 0, "mmHg"),
        (5, 2, 3004249, day, 120, None, 8840, "mg/dL"),
        (6, 2, 3023103, day, 4, None, 8753, "mmol/L"),
        (7, 2, 3023103, day, None, None, None, None),
        (8, 1, 3023103, day, None, 45884084, None, None),
    )  # fmt: skip
    told = look(con, quality, "measurement")
    assert at_fault(told, "measurement") == {"above_plausible": 1, "below_plausible": 1, "no_unit": 1, "no_value": 1}
    pressure, potassium = told["units"]
    states = {one["unit"]: (one["state"], one["rows"]) for one in pressure["units"]}
    assert states == {"mm[Hg]": ("expected", 3), "": ("none", 1), "mg/dL": ("unexpected", 1)}
    assert (pressure["below"], pressure["above"], potassium["rows"]) == (1, 1, 1)
    assert [one for one in told["laboratories"] if one["rows"]] == [
        {"id": "potassium", "rows": 3, "people": 2}, {"id": "systolic", "rows": 5, "people": 2}
    ]  # fmt: skip
    unit = next(one for one in told_of(told, "measurement")["concepts"] if one["field"] == "unit_concept_id")
    assert (unit["mapped"], unit["given"]) == (5, 6) and "sodium" in told["absent"]


DRUGS = """drug_exposure_id INTEGER, person_id INTEGER, drug_concept_id INTEGER, drug_exposure_start_date DATE,
    days_supply INTEGER, route_concept_id INTEGER"""


def test_drug_classes_count_people_once(con, quality):
    day = date(2019, 1, 1)
    make(
        con, "drug_exposure", DRUGS, (1, 1, 1539403, day, 30, 0), (2, 1, 1539403, day, 900, 0), (3, 2, 0, day, None, 0)
    )
    told = look(con, quality, "drug_exposure")
    assert told["drug_classes"] == [{"id": "statins", "rows": 2, "people": 1}]
    assert at_fault(told, "drug_exposure") == {"high:days_supply": 1, "no_concept": 1, "no_route": 3}
    checks = {one["check"]: (one["of"], one["outcome"]) for one in told_of(told, "drug_exposure")["checks"]}
    assert checks["high:days_supply"] == (2, "failed") and checks["before_birth"] == (3, "passed")


def test_a_submission_without_a_table_lacks_all_its_classes(con, quality):
    told = look(con, quality)
    assert told["drug_classes"] == [{"id": "statins", "rows": 0, "people": 0}]


def test_columns_that_are_text_are_read_as_what_they_mean(con, quality):
    con.execute("""CREATE TABLE condition_occurrence AS SELECT 1 AS condition_occurrence_id, 1 AS person_id,
        320128 AS condition_concept_id, '1949-01-01' AS condition_start_date, 'no day' AS condition_end_date""")
    assert at_fault(look(con, quality, "condition_occurrence"), "condition_occurrence") == {"before_birth": 1}


def test_imported_thresholds_win(con, quality):
    rows = (
        {"conceptId": "194997", "plausibleGender": "Male"},
        {"conceptId": "3023103", "unitConceptId": "8753", "plausibleValueLow": "5", "plausibleValueHigh": "6"},
        {"conceptId": "3023103", "plausibleUnitConceptIds": "8840, 8753"},
    )
    reference = {"dqd_concept_thresholds": ReferenceTable("dqd_concept_thresholds", "2.6", "OHDSI", "", rows)}
    day = date(2019, 1, 1)
    make(con, "condition_occurrence", CONDITIONS, (1, 2, 194997, day, None, ""), (2, 1, 194997, day, None, ""))
    make(
        con,
        "measurement",
        MEASUREMENTS,
        (1, 1, 3023103, day, 4, None, 8753, ""),
        (2, 1, 3023103, day, 5.5, None, 8840, ""),
    )
    told = look(con, quality, "condition_occurrence", "measurement", reference=reference)
    assert at_fault(told, "condition_occurrence") == {"other_sex": 1}
    assert at_fault(told, "measurement") == {"below_plausible": 1}
    assert {one["state"] for one in told["units"][0]["units"]} == {"expected"}
    assert told["standards"] == ["dqd_concept_thresholds 2.6"]


def test_a_table_is_read_once_however_many_checks(con, quality):
    make(con, "measurement", MEASUREMENTS, (1, 1, 3004249, date(2019, 1, 1), 120, None, 8876, "mm[Hg]"))
    rules = standards(con, quality)
    context.lay_out(con, {"person": "person", "death": "death"}, rules)
    table = given(con, "measurement", "measurement")
    checks = asked(table, RECEIVED, {}, {})
    assert len(checks) >= 9
    plan = con.execute(f"EXPLAIN (FORMAT json) {statement(table, checks)}").fetchall()[0][1]
    scans = [one["extra_info"].get("Table", "") for one in nodes(json.loads(plan)) if "SCAN" in one["name"]]
    assert sum(name.endswith("measurement") for name in scans) == 1


def nodes(plan):
    for node in plan:
        yield node
        yield from nodes(node["children"])


def test_the_figures_of_real_tables_are_those_of_one_query_a_check(shared_data, quality):
    folder = shared_data / "omop" / "GiBleed_5.3_parquet"
    with duckdb.connect() as con:
        views = {path.stem: path.stem for path in folder.glob("*.parquet")}
        for name in views:
            con.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{folder / name}.parquet')")
        rules = standards(con, quality)
        told = examine_tables(con, views, rules, RECEIVED)
        assert len(told["tables"]) == 8
        for found in told["tables"]:
            table = given(con, found["table"], found["table"])
            assert (found["rows"], found["people"]) == counted(con, table, "count(*), count(DISTINCT person_id)")
            columns = ", ".join(c for c in table.columns if c == "person_id" or c != table.roles["key"])
            assert (
                found["duplicates"] == found["rows"] - counted(con, table, "count(*)", f"(SELECT DISTINCT {columns}")[0]
            )
            rows = {one["check"]: one["rows"] for one in found["checks"]}
            for check in asked(table, RECEIVED, {}, rules.bounds.get(found["table"], {})):
                assert rows.get(check.id, 0) == alone(con, table, check.sql), (found["table"], check.id)


def counted(con, table, what, source=None):
    return con.execute(f"SELECT {what} FROM {source + f' FROM {table.view})' if source else table.view}").fetchall()[0]


def alone(con, table, sql):
    concept = f"t.{table.roles['concept']}" if "concept" in table.roles else "NULL"
    unit = f"coalesce(t.{table.roles['unit']}, 0)" if "unit" in table.roles else "0"
    return con.execute(
        f"""SELECT count(*) FROM {table.view} t LEFT JOIN q_person p USING (person_id)
        LEFT JOIN q_sex s ON s.concept_id = {concept}
        LEFT JOIN q_value v ON v.concept_id = {concept} AND v.unit_concept_id = {unit} WHERE {sql}"""
    ).fetchall()[0][0]


def test_the_published_thresholds_are_used(shared_data, con, quality):
    """The Data Quality Dashboard's own tables: conditions of one sex, units of measurements, limits and bounds by field."""
    import csv

    def table(kind, name):
        with open(shared_data / "omop" / "dqd_thresholds" / f"OMOP_CDMv5.4_{name}.csv", encoding="utf-8-sig") as file:
            return ReferenceTable(kind, "5.4", "OHDSI", "", tuple(csv.DictReader(file)))

    pairs = (("dqd_concept_thresholds", "Concept_Level"), ("dqd_field_thresholds", "Field_Level"))
    rules = standards(con, quality, {kind: table(kind, name) for kind, name in pairs})
    assert len(rules.sexes) > 200 and rules.sexes[26662] == 8507
    assert sum(bool(units) for units in rules.units.values()) > 100
    assert rules.limits_of("condition_occurrence")["before_birth"] == 1
    assert rules.bounds["drug_exposure"]["days_supply"] == (1, 365, 1)
    assert rules.limits_of("measurement")["no_concept"] == 5 and rules.limits_of("measurement")["no_unit"] == 15
