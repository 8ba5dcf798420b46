"""Days and ages that can be; moments that agree with their days."""

from datetime import date, datetime

import pytest


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


DAY = date(2020, 3, 1)


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (DAY, datetime(2020, 3, 1, 14, 30), datetime(2020, 3, 1, 14, 30)),  # they agree
        (date(2020, 3, 2), None, datetime(2020, 3, 2)),
        (date(2020, 3, 2), datetime(2020, 3, 3, 0, 0), datetime(2020, 3, 2)),  # another day
        (date(2020, 3, 2), datetime(1970, 1, 1), datetime(2020, 3, 2)),
        (DAY, None, datetime(2020, 3, 1, 8)),  # not before it began
        (None, datetime(2020, 3, 1, 14, 30), None),  # the date counts, and there is none
    ],
)
def test_a_moment_is_of_its_day(ruled, day, before, after):
    row = {"visit_start_date": DAY, "visit_start_datetime": datetime(2020, 3, 1, 8), "visit_end_date": day}
    out = ruled("quality.datetimes", "visit_occurrence", [row | {"visit_end_datetime": before}])
    assert out.column("visit_end_datetime") == [after]
    assert out.column("visit_start_datetime") == [datetime(2020, 3, 1, 8)]
    assert out.cells == (before != after)


def test_a_required_moment_without_a_day_stays(ruled):
    row = {"survey_end_date": None, "survey_end_datetime": datetime(2020, 3, 1, 9)}
    assert ruled("quality.datetimes", "survey_conduct", [row]).column("survey_end_datetime") == [
        datetime(2020, 3, 1, 9)
    ]


def test_nothing_happens_before_birth(ruled):
    days = [date(1990, 5, 19), date(1990, 5, 20)]
    rows = [{"procedure_occurrence_id": n, "procedure_date": day} for n, day in enumerate(days)]
    out = ruled("quality.ages", "procedure_occurrence", rows, p_birth_date=date(1990, 5, 20))
    assert out.column("procedure_occurrence_id") == [1] and out.removed == 1


def test_nobody_is_older_than_150(ruled):
    days = [date(2020, 5, 19), date(2021, 5, 19), date(2021, 5, 20)]
    rows = [{"procedure_occurrence_id": n, "procedure_date": day} for n, day in enumerate(days)]
    out = ruled("quality.ages", "procedure_occurrence", rows, p_birth_date=date(1870, 5, 20))
    assert out.column("procedure_occurrence_id") == [0, 1]  # 149 and 150 years


@pytest.mark.parametrize(
    ("born", "left"),
    [(date(1899, 12, 31), 0), (date(1900, 1, 1), 1), (date(2026, 6, 30), 1), (date(2026, 7, 1), 0)],
)
def test_births_that_cannot_be_take_all_rows(ruled, born, left):
    assert len(ruled("quality.birth_year", "person", [{"person_id": 1}], p_birth_date=born).rows) == left
    assert len(ruled("quality.birth_year", "measurement", [{"measurement_id": 1}], p_birth_date=born).rows) == left


def test_deaths_before_the_program_or_after_the_cutoff_go(ruled):
    days = [None, date(2016, 12, 31), date(2017, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    rows = [{"person_id": n, "death_date": day} for n, day in enumerate(days)]
    assert ruled("quality.death_dates", "death", rows).column("person_id") == [2, 3]


@pytest.mark.parametrize(("died", "left"), [(date(2019, 1, 1), 0), (date(2001, 1, 1), 1), (date(2026, 7, 2), 1)])
def test_what_follows_a_death_that_is_not_believed_stays(ruled, died, left):
    row = {"condition_start_date": date(2020, 1, 1)}
    assert len(ruled("lifecycle.after_death", "condition_occurrence", [row], p_death_date=died).rows) == left
