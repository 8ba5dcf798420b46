"""Values that no body and no day has, and rows that are there twice."""

import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from commonweal.vault.wearables.normal import Parts, finish, fitabase, fitbit_api

TODAY = date(2026, 11, 1)
DAY = date(2026, 3, 14)


def finished(table, *rows):
    parts = Parts()
    parts.rows(table, rows)
    found = finish(parts, today=TODAY)
    return found.tables[table].to_pylist() if table in found.tables else [], found.faults


def minute(number, rate):
    return {"datetime": datetime(2026, 3, 14, 9, number), "heart_rate_value": rate}


def test_heart_rates_of_0_and_400_are_left_out_and_counted():
    rows, faults = finished(
        "heart_rate_minute_level", *(minute(n, r) for n, r in enumerate((0, 19, 20, 250, 251, 400)))
    )
    assert [row["heart_rate_value"] for row in rows] == [20, 250]
    assert faults == {"implausible_heart_rate": 4}


def test_a_zero_does_not_spoil_the_mean_of_its_minute():
    text = b"Id,Time,Value\n7,4/12/2016 7:21:00 AM,97\n7,4/12/2016 7:21:05 AM,0\n7,4/12/2016 7:21:10 AM,101\n"
    parts = Parts()
    fitabase.read(parts, text)
    found = finish(parts, today=TODAY)
    assert found.tables["heart_rate_minute_level"]["heart_rate_value"].to_pylist() == [99]
    assert found.faults == {"implausible_heart_rate": 1}


@pytest.mark.parametrize(
    ("cells", "left", "code"),
    [
        ({"steps": -5}, None, "negative"),
        ({"steps": 2_000_000}, None, "implausible"),
        ({"steps": 7, "sedentary_minutes": 1501}, 7, "implausible"),
        ({"steps": 7, "sedentary_minutes": 1400, "lightly_active_minutes": 101}, 7, "more_minutes_than_a_day"),
    ],
)
def test_a_cell_that_no_day_has_is_emptied_and_the_rest_stays(cells, left, code):
    rows, faults = finished("activity_summary", {"date": DAY, "floors": 3} | cells)
    assert (rows[0]["steps"], rows[0]["floors"], faults) == (left, 3, {code: 1})
    assert rows[0]["sedentary_minutes"] is None


@pytest.mark.parametrize(
    ("day", "code"),
    [(TODAY + timedelta(days=2), "in_the_future"), (date(1970, 1, 1), "too_long_ago"), (None, "no_day")],
)
def test_days_that_cannot_be(day, code):
    assert finished("activity_summary", {"date": day, "steps": 1}) == ([], {code: 1})


def test_tomorrow_has_begun_somewhere():
    assert len(finished("activity_summary", {"date": TODAY + timedelta(days=1), "steps": 1})[0]) == 1


def test_only_levels_of_the_reference():
    log = {
        "logId": 1, "dateOfSleep": "2026-03-14", "startTime": "2026-03-13T23:00:00.000", "isMainSleep": True,
        "levels": {"data": [
            {"dateTime": "2026-03-13T23:00:00.000", "level": "LIGHT", "seconds": 60},
            {"dateTime": "2026-03-13T23:01:00.000", "level": "dreaming", "seconds": 60},
            {"dateTime": "whenever", "level": "rem", "seconds": 60},
        ]},
    }  # fmt: skip
    parts = Parts()
    fitbit_api.read(parts, {"sleep": [log]})
    found = finish(parts, today=TODAY)
    assert found.tables["sleep_level"]["level"].to_pylist() == ["light"]
    assert found.faults == {"unknown_sleep_level": 1, "unreadable_level": 1}


def log(number, day="2026-03-14", main=True, bed=400, **more):
    told = {"logId": number, "dateOfSleep": day, "isMainSleep": main, "timeInBed": bed, "minutesAsleep": bed - 20}
    return told | {"startTime": f"{day}T00:00:00.000"} | more


def nights(*logs):
    parts = Parts()
    for one in logs:
        fitbit_api.read(parts, {"sleep": [one]})
    found = finish(parts, today=TODAY)
    rows = found.tables["sleep_daily_summary"].to_pylist()
    return [(row["is_main_sleep"], row["minute_in_bed"]) for row in rows], found.faults


def test_a_log_that_is_there_twice_counts_once_and_naps_add_up():
    assert nights(log(1), log(1, bed=410), log(2, main=False, bed=30), log(3, main=False, bed=40)) == (
        [(False, 70), (True, 410)], {"twice": 1},
    )  # fmt: skip


def test_two_devices_on_one_night_the_longer_stands():
    assert nights(log(1, bed=300), log(2, bed=420)) == ([(True, 420)], {"twice": 1})


def test_where_none_is_called_main_the_longest_is():
    assert nights(log(1, main=None, bed=60), log(2, main=None, bed=420)) == ([(False, 60), (True, 420)], {})


def test_minutes_of_the_first_version_become_levels():
    told = log(1) | {"startTime": "2026-03-14T23:58:00.000"}
    told["minuteData"] = [{"dateTime": "23:58:00", "value": value} for value in "112331"]
    parts = Parts()
    fitbit_api.read(parts, {"sleep": [told]})
    rows = finish(parts, today=TODAY).tables["sleep_level"].to_pylist()
    assert [(r["level"], r["duration_in_min"]) for r in rows] == [
        ("asleep", 2), ("restless", 1), ("awake", 2), ("asleep", 1),
    ]  # fmt: skip
    assert rows[2]["start_datetime"] == datetime(2026, 3, 15, 0, 1)


@pytest.mark.parametrize("seed", range(30))
def test_the_fuller_row_stands_cell_by_cell(seed):
    """Against a plain rule: for each cell the first that is told, in the order of fullness, steps, later in the file."""
    chance = random.Random(seed)
    names = ("steps", "floors", "calories_out", "sedentary_minutes")
    rows = [
        {"date": DAY + timedelta(days=chance.randint(0, 2))}
        | {name: chance.choice((None, chance.randint(0, 300))) for name in names}
        for _ in range(chance.randint(1, 12))
    ]
    found, _ = finished("activity_summary", *rows)
    assert [tuple(row[name] for name in ("date", *names)) for row in found] == plainly(rows, names)


def plainly(rows, names):
    def rank(place):
        row = rows[place]
        steps = -1 if row["steps"] is None else row["steps"]
        return sum(row[name] is not None for name in names), steps, place

    days = {}
    for place in sorted(range(len(rows)), key=rank, reverse=True):
        cells = days.setdefault(rows[place]["date"], dict.fromkeys(names))
        for name in names:
            if cells[name] is None:
                cells[name] = rows[place][name]
    return [(day, *days[day].values()) for day in sorted(days)]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_last_day_of_all_are_told_and_nothing_breaks(day):
    parts, zone = Parts(), ZoneInfo("Europe/Berlin")
    points = {"dataset": [{"time": "00:00:00", "value": 60}, {"time": "23:59:00", "value": 60}]}
    log = {"startTime": f"{day}T23:59:00.000", "duration": 86_400_000, "minuteData": [{"value": "1"}] * 5}
    fitbit_api.read(parts, {"activities-heart": [{"dateTime": day}], "activities-heart-intraday": points}, zone=zone)
    fitbit_api.read(parts, {"sleep": [log, log | {"dateOfSleep": "2026-01-01"}]}, zone=zone)
    found = finish(parts, today=TODAY)
    assert found.faults["no_day"] and set(found.tables) <= {"sleep_daily_summary", "wear_day"}


@pytest.mark.parametrize("text", [b"", b"\xff\xfe\x00\xff", b"Id,Id,Time,Value\n1,1,1/1/2016 1:00:00 AM,60\n"])
def test_a_file_that_is_no_table_is_refused(text):
    with pytest.raises(ValueError, match="table"):
        fitabase.read(Parts(), text)


@pytest.mark.parametrize("text", [b"Id,ActivityDate\n", b"a,b\n1,2\n"])
def test_a_table_without_anything_of_ours_adds_nothing(text):
    parts = Parts()
    fitabase.read(parts, text)
    assert not finish(parts, today=TODAY).tables


def test_the_last_line_of_a_file_cut_off_is_counted():
    text = b"Id,ActivityDate,TotalSteps\n7,4/12/2016,100\n7,4/13"
    parts = Parts()
    fitabase.read(parts, text)
    found = finish(parts, today=TODAY)
    assert (found.tables["activity_summary"].num_rows, found.faults) == (1, {"cut_line": 1})


@pytest.mark.parametrize(
    ("row", "status", "minutes"),
    [
        ({"steps": 0, "sedentary_minutes": 1440}, "not_worn", 0),
        ({"steps": 0, "sedentary_minutes": 700}, "unknown", None),
        ({"steps": 12, "sedentary_minutes": 1440}, "worn", None),
        ({"steps": 0, "lightly_active_minutes": 3}, "worn", None),
        ({"calories_out": 1800.0}, "unknown", None),
    ],
)
def test_worn_or_not_by_the_day_alone(row, status, minutes):
    parts = Parts()
    parts.rows("activity_summary", [{"date": DAY} | row])
    (found,) = finish(parts, today=TODAY).tables["wear_day"].to_pylist()
    assert (found["status"], found["minutes_worn"]) == (status, minutes)


def test_worn_or_not_by_the_heart_rate():
    parts = Parts()
    parts.rows("activity_summary", [{"date": DAY + timedelta(days=n), "steps": 0} for n in range(2)])
    parts.rows("heart_rate_minute_level", [minute(n, 60) for n in range(40)])
    rows = finish(parts, today=TODAY).tables["wear_day"].to_pylist()
    assert [(row["status"], row["minutes_worn"]) for row in rows] == [("worn", 40), ("not_worn", 0)]
