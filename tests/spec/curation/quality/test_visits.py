"""Ends before their starts, stays in hospital, and rows of visits that are not there."""

from datetime import date, datetime

from commonweal.curation.findings import visits

START, BEFORE = date(2020, 3, 1), date(2020, 2, 1)
ENDS = next(f for f in visits.FINDINGS if f.id == "quality.visit_ends")


def test_an_end_before_its_start_is_emptied_where_it_may_be(ruled):
    row = {"condition_start_date": START, "condition_end_date": BEFORE}
    assert ruled("quality.end_before_start", "condition_occurrence", [row]).column("condition_end_date") == [None]


def test_a_required_end_before_its_start_or_missing_becomes_the_start(ruled):
    rows = [{"visit_start_date": START, "visit_end_date": end} for end in (BEFORE, None, date(2020, 3, 4))]
    out = ruled("quality.end_before_start", "visit_occurrence", rows)
    assert out.column("visit_end_date") == [START, START, date(2020, 3, 4)] and out.cells == 2


def test_a_stay_ends_with_the_last_that_was_recorded_of_it(ruled):
    row = {"visit_start_date": START, "visit_end_date": BEFORE, "p_visit_end": date(2020, 3, 9)}
    fine = {"visit_start_date": START, "visit_end_date": date(2020, 3, 2), "p_visit_end": date(2020, 3, 9)}
    out = ruled("quality.end_before_start", "visit_occurrence", [row, fine])
    assert out.column("visit_end_date") == [date(2020, 3, 9), date(2020, 3, 2)] and out.cells == 1


def test_the_moment_of_such_an_end_follows(ruled):
    row = {"visit_start_date": START, "visit_end_date": date(2020, 3, 9), "visit_end_datetime": None}
    assert ruled("quality.datetimes", "visit_occurrence", [row]).column("visit_end_datetime") == [datetime(2020, 3, 9)]


def _visit(number, concept, end=BEFORE, person=1):
    return {
        "visit_occurrence_id": number, "person_id": person, "visit_concept_id": concept,
        "visit_start_date": START, "visit_end_date": end,
    }  # fmt: skip


def _in(visit, day, person=1):
    return {"measurement_id": visit * 10, "person_id": person, "measurement_date": day, "visit_occurrence_id": visit}


def test_only_stays_in_hospital_are_looked_at_and_only_their_own_rows_count(finding):
    stays = [
        _visit(1, 9201), _visit(2, 9202), _visit(3, 9203), _visit(4, 9201, date(2020, 3, 2)), _visit(5, 9201),
        _visit(6, 9201), _visit(7, 9201),
    ]  # fmt: skip
    later = date(2020, 3, 9)
    measured = [
        _in(1, later), _in(2, later), _in(3, later), _in(4, later), _in(5, date(2020, 2, 20)),
        _in(6, later, person=2), _in(7, date(2026, 7, 1)),
    ]  # fmt: skip
    drug = {
        "drug_exposure_id": 1, "person_id": 1, "drug_exposure_start_date": START,
        "drug_exposure_end_date": date(2020, 3, 11), "visit_occurrence_id": 1,
    }  # fmt: skip
    assert finding(ENDS, visit_occurrence=stays, measurement=measured, drug_exposure=[drug]) == {
        1: {"p_visit_end": date(2020, 3, 11)}
    }  # 5: before the start; 6: of another person; 7: after the cutoff


def test_a_lost_visit_is_emptied(ruled):
    both = {"visit_occurrence_id": 7, "visit_detail_id": 8}
    rows = [both, both | {"_visit_occurrence": None}, both | {"_visit_detail": None}]
    out = ruled("quality.foreign_keys", "measurement", rows)
    assert out.column("visit_occurrence_id") == [7, None, 7]
    assert out.column("visit_detail_id") == [8, 8, None]
    assert out.cells == 2 and out.removed == 0
