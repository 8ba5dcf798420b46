"""What cannot be true, or is there twice, goes."""

from datetime import date, datetime


def test_a_row_without_a_date_or_out_of_all_time_goes(ruled):
    days = [None, date(1979, 1, 1), date(1980, 12, 31), date(1981, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    rows = [{"condition_occurrence_id": n, "condition_start_date": day} for n, day in enumerate(days)]
    assert ruled("quality.dates", "condition_occurrence", rows).column("condition_occurrence_id") == [3, 4]


def test_observations_may_be_older(ruled):
    days = [date(1900, 12, 31), date(1901, 1, 1), date(1979, 1, 1)]
    rows = [{"observation_id": n, "observation_date": day} for n, day in enumerate(days)]
    assert ruled("quality.dates", "observation", rows).column("observation_id") == [1, 2]


def test_an_optional_date_after_the_cutoff_is_emptied_and_counted(ruled):
    row = {
        "condition_start_date": date(2026, 6, 1),
        "condition_end_date": date(2026, 7, 2),
        "condition_end_datetime": datetime(2026, 6, 30, 23, 59),
    }
    out = ruled("quality.other_dates", "condition_occurrence", [row])
    assert out.removed == 0 and out.cells == 1
    assert out.rows[0]["condition_end_date"] is None
    assert out.rows[0]["condition_end_datetime"] == datetime(2026, 6, 30, 23, 59)


def test_nothing_happens_before_birth(ruled):
    days = [date(1990, 5, 19), date(1990, 5, 20)]
    rows = [{"procedure_occurrence_id": n, "procedure_date": day} for n, day in enumerate(days)]
    out = ruled("quality.before_birth", "procedure_occurrence", rows, p_birth_date=date(1990, 5, 20))
    assert out.column("procedure_occurrence_id") == [1] and out.removed == 1


def test_an_end_before_its_start_is_emptied_where_it_may_be(ruled):
    row = {"condition_start_date": date(2020, 3, 1), "condition_end_date": date(2020, 2, 1)}
    assert ruled("quality.end_before_start", "condition_occurrence", [row]).column("condition_end_date") == [None]


def test_a_required_end_before_its_start_or_missing_becomes_the_start(ruled):
    start = date(2020, 3, 1)
    rows = [{"visit_start_date": start, "visit_end_date": end} for end in (date(2020, 2, 1), None, date(2020, 3, 4))]
    out = ruled("quality.end_before_start", "visit_occurrence", rows)
    assert out.column("visit_end_date") == [start, start, date(2020, 3, 4)] and out.cells == 2


def test_of_rows_with_one_id_one_stays(ruled):
    rows = [{"measurement_id": n} for n in (7, 7, 8)]
    ruled.facts = {"duplicated": frozenset({"measurement"})}
    out = ruled("quality.duplicate_ids", "measurement", rows)
    assert sorted(out.column("measurement_id")) == [7, 8] and out.removed == 1
