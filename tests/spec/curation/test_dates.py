"""Birth becomes a year, all dates move by one number of days, all tails end on one day."""

from datetime import date, datetime, timedelta

LAST = date(2026, 6, 30) - timedelta(days=364)


def test_of_birth_the_year_of_the_shifted_date_is_left(ruled):
    row = {"year_of_birth": 1960, "month_of_birth": 1, "day_of_birth": 5, "birth_datetime": datetime(1960, 1, 5)}
    out = ruled("dates.birth", "person", [row], p_birth_date=date(1960, 1, 5), p_shift=5)
    assert out.rows[0]["year_of_birth"] == 1959
    assert [out.rows[0][n] for n in ("month_of_birth", "day_of_birth", "birth_datetime")] == [None] * 3


def test_every_date_moves_by_the_same_days_and_keeps_its_time(ruled):
    row = {
        "visit_start_date": date(2020, 3, 1),
        "visit_start_datetime": datetime(2020, 3, 1, 8, 15),
        "visit_end_date": date(2020, 3, 4),
        "visit_end_datetime": None,
    }
    out = ruled("dates.shift", "visit_occurrence", [row], p_shift=1).rows[0]
    assert out["visit_start_date"] == date(2020, 2, 29)
    assert out["visit_start_datetime"] == datetime(2020, 2, 29, 8, 15)
    assert out["visit_end_date"] == date(2020, 3, 3) and out["visit_end_datetime"] is None


def test_no_date_column_of_any_table_is_forgotten(ruled):
    from commonweal.curation.extract.run import TABLES
    from commonweal.omop.tables import tables

    for name in TABLES:
        dated = [c for c in tables()[name].columns if c.type in ("date", "datetime") and c.privacy != "birth"]
        row = {c.name: date(2020, 1, 10) if c.type == "date" else datetime(2020, 1, 10, 5) for c in dated}
        out = ruled("dates.shift", name, [row], p_shift=9).rows[0]
        for c in dated:
            assert out[c.name] == (date(2020, 1, 1) if c.type == "date" else datetime(2020, 1, 1, 5)), (name, c.name)


def test_rows_beyond_the_common_last_day_go(ruled):
    shift = 100
    days = [LAST + timedelta(days=shift), LAST + timedelta(days=shift + 1)]
    rows = [{"measurement_id": n, "measurement_date": day} for n, day in enumerate(days)]
    assert ruled("dates.trim", "measurement", rows, p_shift=shift).column("measurement_id") == [0]


def test_an_end_beyond_it_is_emptied_or_set_to_it(ruled):
    inside, beyond = LAST + timedelta(days=90), LAST + timedelta(days=150)
    condition = {"condition_start_date": inside, "condition_end_date": beyond}
    assert ruled("dates.trim", "condition_occurrence", [condition]).column("condition_end_date") == [None]
    visit = {"visit_start_date": inside, "visit_end_date": beyond}
    assert ruled("dates.trim", "visit_occurrence", [visit]).column("visit_end_date") == [LAST + timedelta(days=100)]
