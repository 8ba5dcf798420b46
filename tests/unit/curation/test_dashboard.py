"""Which limit a check of the Data Quality Dashboard has, and when a column is beyond it."""

import csv
from types import SimpleNamespace

import pytest

from commonweal import protocol
from commonweal.curation.checks import dashboard
from commonweal.curation.checks.dashboard import Judged
from commonweal.protocol.reference import ReferenceTable


@pytest.fixture(scope="module")
def default():
    return protocol.load(protocol.DEFAULT)


def imported(*tables):
    reference = {kind: ReferenceTable(kind, "1", "", "", tuple(rows)) for kind, rows in tables}
    return SimpleNamespace(quality=protocol.load(protocol.DEFAULT).quality, reference=reference)


def test_the_program_decides_where_no_table_was_imported(default):
    limits = dashboard.limits(default)
    assert limits.of("plausibleAfterBirth", "measurement", "measurement_date") == 1
    assert limits.of("measureValueCompleteness", "measurement", "value_as_number") is None
    assert limits.stops >= {"quality.plausibleStartBeforeEnd", "drift.people"}


def test_an_imported_table_wins_where_it_speaks():
    row = {
        "cdmTableName": "DEATH",
        "cdmFieldName": "death_date",
        "plausibleAfterBirth": "Yes",
        "plausibleAfterBirthThreshold": "3",
    }
    limits = dashboard.limits(imported(("dqd_field_thresholds", [row])))
    assert limits.of("plausibleAfterBirth", "death", "death_date") == 3
    assert limits.of("plausibleStartBeforeEnd", "death", "death_date") is None  # it speaks of the column, not of this
    assert limits.of("plausibleAfterBirth", "specimen", "specimen_date") == 1


def test_the_dashboards_own_tables_are_read(shared_data):
    def rows(level):
        path = shared_data / "omop" / "dqd_thresholds" / f"OMOP_CDMv5.4_{level}_Level.csv"
        with open(path, newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    limits = dashboard.limits(
        imported(("dqd_field_thresholds", rows("Field")), ("dqd_table_thresholds", rows("Table")))
    )
    assert limits.of("standardConceptRecordCompleteness", "condition_occurrence", "condition_concept_id") == 5
    assert limits.of("fkDomain", "drug_exposure", "drug_concept_id") == 0
    assert limits.of("measureValueCompleteness", "measurement", "value_as_number") == 100
    assert limits.of("measurePersonCompleteness", "observation_period", "") == 0
    assert limits.of("plausibleStartBeforeEnd", "visit_occurrence", "visit_start_date") == 1
    named = {check for check, *_ in limits.imported}
    assert named <= set(dashboard.NAMES) and len(named) >= 10


@pytest.mark.parametrize(
    ("asked", "fault", "limit", "beyond"), [(0, 0, 0, False), (100, 1, 1, False), (100, 2, 1, True), (9, 1, 0, True)]
)
def test_a_column_is_beyond_when_more_than_its_percent_is_at_fault(asked, fault, limit, beyond):
    assert Judged("fkDomain", "death", "cause_concept_id", asked, fault, limit).beyond is beyond
