"""Rules for what devices tell: the field's words, rare models, research ids, and no trace of the night clocks change."""

from datetime import date, datetime, timedelta

import pytest

SUNDAY, MONDAY = date(2025, 3, 9), date(2025, 3, 10)  # in the United States clocks were set forward on this Sunday
LEVELS = ("awake", "light", "asleep", "deep", "restless", "wake", "rem", "unknown")


def at(day, hour, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute)


def test_stages_of_sleep_that_the_field_does_not_know_go(ruled):
    rows = [{"sleep_date": MONDAY, "level": level} for level in (*LEVELS, "Deep", "dreaming", None)]
    outcome = ruled("wearables.sleep_levels", "sleep_level", rows)
    assert outcome.column("level") == list(LEVELS) and outcome.removed == 3


@pytest.mark.parametrize(
    ("table", "column", "kept", "gone"),
    [
        (
            "heart_rate_summary",
            "zone_name",
            ("Out of Range", "Fat Burn", "Cardio", "Peak"),
            ("Anna's zone", "fat burn"),
        ),
        ("sleep_daily_summary", "is_main_sleep", ("true", "false"), ("maybe",)),
        ("device", "battery", ("High", "Medium", "Low", "Empty"), ("call me at 555-0100",)),
        ("device", "battery_level", ("0", "7", "100"), ("101", "07", "full")),
        ("device", "device_type", ("TRACKER", "SCALE"), ("anna's watch",)),
    ],
)
def test_words_of_somebodys_own_are_emptied(ruled, table, column, kept, gone):
    outcome = ruled("wearables.words", table, [{column: word} for word in (*kept, *gone, None)])
    assert outcome.column(column) == [*kept, *[None] * (len(gone) + 1)] and outcome.cells == len(gone)


def test_a_rare_model_is_not_told(ruled):
    rows = [{"device_version": "Charge 5", "p_rare_model": rare} for rare in (False, True, None)]
    assert ruled("wearables.models", "device", rows).column("device_version") == ["Charge 5", None, None]


def test_of_a_device_the_newest_day_stays(ruled):
    rows = [
        {"device_date": day, "p_newest": newest} for day, newest in ((SUNDAY, MONDAY), (MONDAY, MONDAY), (SUNDAY, None))
    ]
    assert ruled("wearables.devices", "device", rows).column("device_date") == [MONDAY]


@pytest.mark.parametrize(
    ("synced", "kept"),
    [(at(MONDAY, 7), True), (at(MONDAY - timedelta(days=300), 7), True), (datetime(1970, 1, 1), False),
     (datetime(2000, 1, 1), False), (at(MONDAY + timedelta(days=1), 0), False), (None, False)],
)  # fmt: skip
def test_a_clock_that_was_never_set_does_not_tell_the_shift(ruled, synced, kept):
    outcome = ruled("wearables.syncs", "device", [{"device_date": MONDAY, "last_sync_time": synced}])
    assert outcome.column("last_sync_time") == [synced if kept else None]


def test_a_device_goes_by_its_research_id(ruled):
    outcome = ruled("identifiers.devices", "device", [{"device_id": "4711"}])
    assert outcome.column("device_id") == ["0b5c7e5e-5f3a-4f0e-8a55-7d4f3a0c9d11"] and outcome.cells == 1


class TestClockChange:
    @pytest.mark.parametrize("table", ["heart_rate_minute_level", "steps_intraday"])
    def test_minutes_of_the_hours_in_which_clocks_change_go_on_every_sunday(self, ruled, table):
        moments = [at(day, hour, minute) for day in (SUNDAY, MONDAY, SUNDAY + timedelta(days=7))
                   for hour, minute in ((0, 59), (1, 0), (2, 59), (3, 0))]  # fmt: skip
        outcome = ruled("wearables.clock_change", table, [{"datetime": m} for m in moments])
        gone = set(moments) - set(outcome.column("datetime"))
        assert gone == {at(day, *time) for day in (SUNDAY, SUNDAY + timedelta(days=7)) for time in ((1, 0), (2, 59))}

    def test_stages_of_the_night_to_sunday_go_whole(self, ruled):
        rows = [
            {"sleep_date": SUNDAY, "start_datetime": at(SUNDAY - timedelta(days=1), 23)},
            {"sleep_date": SUNDAY, "start_datetime": at(SUNDAY, 14)},
            {"sleep_date": MONDAY, "start_datetime": at(SUNDAY, 2)},  # a provider that counts another day
            {"sleep_date": MONDAY, "start_datetime": at(SUNDAY, 23)},
            {"sleep_date": MONDAY, "start_datetime": at(MONDAY, 2)},
        ]
        outcome = ruled("wearables.clock_change", "sleep_level", rows)
        assert outcome.column("start_datetime") == [at(SUNDAY, 23), at(MONDAY, 2)]

    def test_cells_that_follow_the_length_of_the_day_are_emptied(self, ruled):
        told = {"sedentary_minutes": 700.0, "calories_bmr": 1500.0, "calories_out": 2100.0, "steps": 9}
        outcome = ruled("wearables.clock_change", "activity_summary", [told | {"date": d} for d in (SUNDAY, MONDAY)])
        assert [r["steps"] for r in outcome.rows] == [9, 9] and outcome.cells == 3
        assert outcome.column("sedentary_minutes") == [None, 700.0]

    def test_of_heart_rates_only_the_zone_of_rest_is_emptied(self, ruled):
        zones = ("Out of Range", None, "Cardio")
        rows = [
            {"date": d, "zone_name": z, "minute_in_zone": 60, "calorie_count": 9.0}
            for d in (SUNDAY, MONDAY)
            for z in zones
        ]
        outcome = ruled("wearables.clock_change", "heart_rate_summary", rows)
        assert outcome.column("minute_in_zone") == [None, None, 60, 60, 60, 60]
        assert outcome.column("calorie_count") == [None, None, 9.0, 9.0, 9.0, 9.0]


class TestDays:
    """The rules of every table, where the day is that of a moment on the wearer's clock."""

    def test_the_last_minute_of_the_cutoff_day_counts(self, ruled):
        last = at(date(2026, 6, 30), 23, 59)
        outcome = ruled(
            "quality.dates", "steps_intraday", [{"datetime": m} for m in (last, last + timedelta(minutes=1), None)]
        )
        assert outcome.column("datetime") == [last]

    def test_nothing_before_birth_or_long_after_death(self, ruled):
        assert ruled("quality.ages", "steps_intraday", [{"datetime": at(date(1960, 5, 19), 23)}]).removed == 1
        rows = [{"datetime": at(date(2025, 5, 31), hour)} for hour in (0, 23)] + [{"datetime": at(date(2025, 6, 1), 0)}]
        assert ruled("lifecycle.after_death", "steps_intraday", rows, p_death_date=date(2025, 5, 1)).removed == 1

    @pytest.mark.parametrize(("hour", "stays"), [(11, [1]), (13, [1, 2])])
    def test_the_day_of_a_deactivation_goes_whole(self, ruled, hour, stays):
        rows = [{"date": date(2025, 4, d)} for d in (1, 2, 3, 4)]
        outcome = ruled("lifecycle.deactivated", "activity_summary", rows, p_deactivated_at=at(date(2025, 4, 3), hour))
        assert [d.day for d in outcome.column("date")] == stays

    def test_a_minute_is_shifted_by_whole_days_and_the_tail_is_trimmed(self, ruled):
        outcome = ruled("dates.shift", "heart_rate_minute_level", [{"datetime": at(MONDAY, 7, 31)}], p_shift=10)
        assert outcome.column("datetime") == [at(MONDAY, 7, 31) - timedelta(days=10)]
        last = date(2026, 6, 30) - timedelta(days=364 - 100)  # with a shift of 100 days
        rows = [{"datetime": at(last, 23, 59)}, {"datetime": at(last + timedelta(days=1), 0)}]
        assert ruled("dates.trim", "steps_intraday", rows).column("datetime") == [at(last, 23, 59)]
