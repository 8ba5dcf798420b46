"""Days on which the clock is changed: New York, 8 March and 1 November 2026."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from commonweal.vault.wearables.normal import Parts, apple, clock, finish, fitbit_api, takeout

NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2026, 12, 1)


def steps_payload(day, times):
    points = [{"time": time, "value": number} for number, time in enumerate(times, 1)]
    return {"activities-steps": [{"dateTime": day, "value": "9"}], "activities-steps-intraday": {"dataset": points}}


def minutes_of(payload, zone):
    parts = Parts()
    fitbit_api.read(parts, payload, zone=zone)
    found = finish(parts, today=TODAY)
    rows = found.tables["steps_intraday"].to_pylist()
    return [(row["datetime"].strftime("%H:%M"), row["utc_offset_minutes"], row["steps"]) for row in rows], found.faults


def test_without_a_time_zone_no_offset_is_made_up():
    assert minutes_of(steps_payload("2026-07-01", ["12:00:00"]), None)[0] == [("12:00", None, 1)]


def test_an_hour_that_is_repeated_is_there_twice():
    times = ["00:59:00", "01:30:00", "01:30:00", "02:00:00"]
    assert minutes_of(steps_payload("2026-11-01", times), NEW_YORK)[0] == [
        ("00:59", -240, 1), ("01:30", -300, 3), ("01:30", -240, 2), ("02:00", -300, 4),
    ]  # fmt: skip


def test_a_moment_of_the_repeated_hour_that_stands_alone_is_not_guessed():
    assert minutes_of(steps_payload("2026-11-01", ["01:30:00"]), NEW_YORK)[0] == [("01:30", None, 1)]


def test_a_moment_that_was_never_on_the_clock_has_no_offset():
    times = ["01:59:00", "02:30:00", "03:00:00"]
    assert [row[1] for row in minutes_of(steps_payload("2026-03-08", times), NEW_YORK)[0]] == [-300, None, -240]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-11-01", 25), ("2026-07-01", 24)])
def test_minutes_in_utc_fall_on_the_wearers_day(day, hours):
    """An export in UTC, a step a minute over three days: the local day has as many steps as it has minutes."""
    start = datetime.fromisoformat(day) - timedelta(days=1)
    entries = [
        {"dateTime": (start + timedelta(minutes=m)).strftime("%m/%d/%y %H:%M:%S"), "value": "1"}
        for m in range(3 * 1440)
    ]
    parts = Parts()
    takeout.read(parts, "steps", entries, zone=NEW_YORK)
    found = finish(parts, today=TODAY).tables
    days = {row["date"].isoformat(): row["steps"] for row in found["activity_summary"].to_pylist()}
    assert days[day] == hours * 60 == 60 * clock.hours_of(date.fromisoformat(day), NEW_YORK)
    assert found["steps_intraday"].num_rows == 3 * 1440  # none falls onto another


def test_minutes_in_utc_without_a_time_zone_are_told():
    parts = Parts()
    takeout.read(parts, "steps", [{"dateTime": "03/08/26 05:00:00", "value": "1"}], zone=None)
    assert finish(parts, today=TODAY).faults == {"no_time_zone": 1}


def test_apple_tells_both_times_of_a_repeated_hour():
    records = "".join(
        f'<Record type="{apple.STEPS}" sourceName="Watch" startDate="2026-11-01 01:30:00 {offset}" '
        f'endDate="2026-11-01 01:31:00 {offset}" value="{value}"/>'
        for offset, value in (("-0400", 10), ("-0500", 20))
    )
    parts = Parts()
    apple.read(parts, [f"<HealthData>{records}</HealthData>".encode()])
    found = finish(parts, today=TODAY).tables
    assert [(row["utc_offset_minutes"], row["steps"]) for row in found["steps_intraday"].to_pylist()] == [
        (-300, 20), (-240, 10),
    ]  # fmt: skip
    assert found["activity_summary"]["steps"].to_pylist() == [30]


def test_offsets_agree_with_the_calendar_over_a_year():
    """Every quarter of an hour of a year against the plain rule of the standard library."""
    walls = [datetime(2026, 1, 1) + timedelta(minutes=15 * n) for n in range(365 * 96)]
    told = clock.offsets(pa.chunked_array([pa.array(walls, pa.timestamp("us"))]), NEW_YORK).to_pylist()
    for wall, offset in zip(walls, told, strict=True):
        both = {int(wall.replace(tzinfo=NEW_YORK, fold=fold).utcoffset().total_seconds() // 60) for fold in (0, 1)}
        assert (offset in both) if len(both) == 1 else (offset is None)
