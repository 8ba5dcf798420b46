"""The GiBleed set of OHDSI (CDM 5.3, Parquet) as a site's submission: counts by table against a count of another kind."""

import csv
import shutil
from collections import Counter
from datetime import date

import duckdb
import pyarrow.parquet as pq
import pytest

from commonweal.omop import submission
from commonweal.vault.records.tables.store import current_tables
from tests.integration.records.omop_folder import bring, held, report

pytestmark = pytest.mark.django_db(transaction=True)
ENROLLED, SHARING = 30, 25
TYPES_OF_CDM = {"integer": "BIGINT", "float": "DOUBLE", "date": "DATE", "datetime": "TIMESTAMP"}


@pytest.fixture
def folder(shared_data, tmp_path):
    """The set with invented names: those of the first persons are participants, all but five of whom share records."""
    source, target = shared_data / "omop" / "GiBleed_5.3_parquet", tmp_path / "submission"
    target.mkdir()
    for name in (*submission.stored(), "concept", "cost"):
        shutil.copy(source / f"{name}.parquet", target)
    return target


def persons(folder):
    rows = pq.read_table(folder / "person.parquet").to_pylist()
    return sorted(rows, key=lambda row: row["person_id"])


def enrol(cohort, folder):
    """Returns person id -> participant's number, of those who share."""
    found = {}
    with (
        open(folder / "pii_name.csv", "w", newline="") as names,
        open(folder / "pii_mrn.csv", "w", newline="") as numbers,
    ):
        name, number = csv.writer(names), csv.writer(numbers)
        name.writerow(["person_id", "first_name", "last_name"])
        number.writerow(["person_id", "health_system", "MRN"])
        for count, row in enumerate(persons(folder)):
            key = row["person_id"]
            name.writerow([key, f"Given{key}", f"Family{key}"])
            number.writerow([key, "clinic", key])
            if count < ENROLLED:
                born = date(row["year_of_birth"], row["month_of_birth"], row["day_of_birth"])
                person = cohort.add(
                    given=f"Given{key}", family=f"Family{key}", born=born, mrn=str(key), ehr=count < SHARING
                )
                found |= {key: person.pk} if count < SHARING else {}
    return found


def first_of_each_key(table, rows, mine):
    """Keys are not unique in this set: 4,384 rows of drug_exposure have one that another row has."""
    key, seen = submission.tables()[table].key.name, {}
    for row in rows:
        if row["person_id"] in mine:
            seen.setdefault(row[key], row)
    return seen.values()


def hold_to_source(home, folder, mine):
    """Every value of the rows that are kept is the source's; a visit that the set does not have is nobody's."""
    visits = {row["visit_occurrence_id"] for row in held(home, "visit_occurrence")}
    for table in ("condition_occurrence", "measurement", "visit_occurrence", "drug_exposure"):
        key, columns = submission.tables()[table].key.name, submission.tables()[table].kept
        source = {
            r[key]: r for r in first_of_each_key(table, pq.read_table(folder / f"{table}.parquet").to_pylist(), mine)
        }
        for row in held(home, table):
            given = {c.name: source[row[key]].get(c.before or c.name) or None for c in columns}
            if table != "visit_occurrence" and given["visit_occurrence_id"] not in visits:
                given["visit_occurrence_id"] = None
            for name, said in given.items():
                if name not in ("person_id", "preceding_visit_occurrence_id"):
                    assert (row[name] or None) == (pytest.approx(said) if isinstance(said, float) else said), (
                        table,
                        name,
                    )


def hold_to_specification(home, shared_data):
    """What is stored, by OHDSI's own field specification of CDM 5.4: fields, types, required, keys, and links among tables."""
    path = shared_data / "omop" / "cdm54_spec" / "OMOP_CDMv5.4_Field_Level.csv"
    with open(path, newline="", encoding="utf-8-sig") as file:
        fields = [{k: v.lower() for k, v in row.items()} for row in csv.DictReader(file)]
    kept = {table: {c.name for c in submission.tables()[table].kept} for table in submission.stored()}
    asked = [f for f in fields if f["cdmFieldName"] in kept.get(f["cdmTableName"], ())]
    assert {(table, name) for table, names in kept.items() for name in names} == {
        (f["cdmTableName"], f["cdmFieldName"]) for f in asked
    }
    with duckdb.connect() as con:
        views = current_tables(con, home)
        for field in asked:
            table, name = field["cdmTableName"], field["cdmFieldName"]
            view, kind = views[table], TYPES_OF_CDM.get(field["cdmDatatype"], "VARCHAR")
            wrong = [f"typeof({name}) <> '{kind}' AND {name} IS NOT NULL"]
            wrong += [f"{name} IS NULL"] * (field["isRequired"] == "yes")
            if field["isForeignKey"] == "yes" and (target := field["fkTableName"]) in views and target != "person":
                wrong.append(
                    f"{name} IS NOT NULL AND {name} NOT IN (SELECT {field['fkFieldName']} FROM {views[target]})"
                )
            found = con.execute(f"SELECT {', '.join(f'count(*) FILTER ({w})' for w in wrong)} FROM {view}").fetchall()
            assert set(found[0]) == {0}, (table, name)
            if field["isPrimaryKey"] == "yes":
                assert con.execute(f"SELECT count(*) = count(DISTINCT {name}) FROM {view}").fetchall() == [(True,)]


def test_counts_by_table_are_those_of_another_count_and_values_those_of_the_source(cohort, folder, shared_data):
    mine = enrol(cohort, folder)
    answer = bring(cohort.home, folder, format="omop-csv")
    told, total = report(answer), 0
    for table in submission.stored():
        rows = pq.read_table(folder / f"{table}.parquet").to_pylist()
        expected = Counter(mine[row["person_id"]] for row in first_of_each_key(table, rows, mine))
        kept = held(cohort.home, table)
        assert Counter(row["person_id"] for row in kept) == expected, table
        assert told["tables"].get(table, {}).get("accepted", 0) == sum(expected.values()), table
        total += len(rows)
    assert sum(answer[key] for key in ("accepted", "unchanged", "rejected", "unmatched")) == total
    assert any(t["code"] in ("row_twice", "key_twice") and t["table"] == "drug_exposure" for t in told["troubles"])
    assert told["persons"] == {"kept": SHARING, "no_authorisation": ENROLLED - SHARING, "unmatched": 2694 - ENROLLED}
    hold_to_source(cohort.home, folder, mine)
    hold_to_specification(cohort.home, shared_data)


def test_a_second_submission_replaces_the_first_and_the_same_one_changes_nothing(cohort, folder):
    enrol(cohort, folder)
    first = bring(cohort.home, folder)
    again = bring(cohort.home, folder)
    assert again["accepted"] == 0 and again["unchanged"] == first["accepted"]
    assert report(again)["state"] == "known" and report(again)["submission"] == report(first)["submission"]
    (folder / "procedure_occurrence.parquet").unlink()
    third = bring(cohort.home, folder)
    assert third["accepted"] == 0 and third["unchanged"] < first["accepted"]
    assert held(cohort.home, "procedure_occurrence") == [] and held(cohort.home, "condition_occurrence")
