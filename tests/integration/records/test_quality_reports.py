"""What is told back after an import: real bundles examined, the next import compared, a failure that loses nothing."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bundles(cohort, shared_data):
    """`bundles(first, last)` imports Synthea bundles of people who joined and answers the report's content."""
    from tests.integration.records.test_synthea import enrol, patients_of, take

    found = list(patients_of(shared_data / "ehr_fhir" / "synthea_r4_bundles"))[:4]
    for _, patient in found[:3]:
        enrol(cohort, patient)

    def send(*chosen):
        answer = take(cohort, *(found[n][0] for n in chosen))
        return json.loads(Path(answer["report"]).read_text())

    return send


def test_what_was_taken_is_examined_and_nothing_else(bundles):
    from commonweal.vault.records.models import QualityReport, Submission

    told = bundles(0, 1, 3)
    quality, tables = told["quality"], {one["table"]: one for one in told["quality"]["tables"]}
    assert told["state"] == "done" and told["change"] is None
    assert quality["people"] == 2 and "person" not in tables  # the third matches nobody
    assert {"visit_occurrence", "condition_occurrence", "measurement"} <= tables.keys()
    assert all(0 < one["people"] <= 2 for one in tables.values())
    assert all(one["of"] >= one["rows"] for table in tables.values() for one in table["checks"])
    assert sum(one["rows"] for one in quality["laboratories"]) > 20
    row = QualityReport.objects.get()
    assert row.state == "done" and row.submissions == list(
        Submission.objects.order_by("id").values_list("id", flat=True)
    )
    assert row.headline["people"] == 2 and row.headline["accepted"] == told["totals"]["accepted"]


def test_the_next_report_says_what_has_changed(bundles):
    first, second = bundles(0), bundles(1, 2)
    assert second["change"]["people"] == {"now": 2, "before": 1}
    before = {one["table"]: one["rows"] for one in first["quality"]["tables"]}
    assert {one["table"]: one["before"] for one in second["change"]["tables"] if one["before"]} == before


def test_the_same_file_again_has_nothing_to_examine(bundles):
    from commonweal.vault.records.models import QualityReport

    bundles(0)
    again = bundles(0)
    assert again["state"] == "nothing" and "quality" not in again
    assert list(QualityReport.objects.order_by("id").values_list("state", flat=True)) == ["done", "nothing"]


def test_a_failure_of_the_report_loses_no_record(bundles, monkeypatch, caplog):
    """And what could not be examined then is examined with the next import of the same file."""
    from commonweal.vault.records.models import QualityReport, Submission
    from commonweal.vault.records.quality import sources

    def fail(*_given):
        raise ValueError("of Mrs. Rivera")

    with monkeypatch.context() as broken:
        broken.setattr(sources, "examine_tables", fail)
        told = bundles(0)
    assert told["state"] == "failed" and told["totals"]["accepted"] > 20
    assert Submission.objects.get().state == "done" and QualityReport.objects.get().state == "failed"
    assert "ValueError" in caplog.text and "Rivera" not in caplog.text
    assert bundles(0)["state"] == "done"
