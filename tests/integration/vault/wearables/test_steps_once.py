"""Steps of a day are told once, though sources tell them by the minute, by the hour, with and without an offset."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest

from .conftest import NOW

DAY = (NOW - timedelta(days=9)).date()


@pytest.fixture
def ana(people):
    return people.add()


@pytest.fixture
def take(home, ana):
    """take({"10:05": steps, …}, offset=…): one delivery of the day, a second after the last."""
    from commonweal.vault.wearables import bulk

    number = iter(range(100))

    def one(steps, offset=None, day=DAY):
        rows = [
            {"participant": ana.pk, "provider": "fitbit", "datetime": at(clock, day), "steps": n}
            | ({} if offset is None else {"utc_offset_minutes": offset})
            for clock, n in steps.items()
        ]
        received = NOW + timedelta(seconds=next(number))
        tables = {"steps_intraday": pa.Table.from_pylist(rows)}
        return bulk.take_in(tables, source="simulation", received_time=received, home=home)

    return one


def at(clock, day=DAY):
    return datetime.combine(day, datetime.strptime(clock, "%H:%M").time())


@pytest.fixture
def told(read):
    """The steps of the day by their minute, those of none left out."""

    def rows():
        return {f"{r['datetime']:%H:%M}": r["steps"] for r in read("steps_intraday") if r["steps"]}

    return rows


MINUTES = {"10:00": 7, "10:05": 20, "11:30": 40}
HOURS = {"10:00": 27, "11:00": 40, "20:00": 500}


def test_hours_add_nothing_to_a_day_that_has_minutes(take, told):
    take(MINUTES)
    assert take(HOURS)["accepted"] == 0 and told() == MINUTES


def test_minutes_take_the_place_of_the_hours_that_they_span(take, told):
    take(HOURS)
    take(MINUTES)
    assert told() == MINUTES | {"20:00": 500}
    assert take(MINUTES)["accepted"] == take(HOURS)["accepted"] == 0 and told() == MINUTES | {"20:00": 500}


def test_hours_of_another_day_come_in(take, read):
    take(MINUTES)
    next_day = DAY + timedelta(days=1)
    assert take({"10:00": 3, "11:00": 4}, day=next_day)["accepted"] == 2
    assert sum(r["steps"] for r in read("steps_intraday")) == 3 + 4 + sum(MINUTES.values())


@pytest.mark.parametrize("first", [None, -300])
def test_a_minute_told_with_its_offset_stands_whichever_comes_first(take, read, first):
    for offset in (first, -300 if first is None else None):
        take({"10:05": 20, "10:06": 1}, offset)
    assert [(r["datetime"].minute, r["utc_offset_minutes"]) for r in read("steps_intraday") if r["steps"]] == [
        (5, -300),
        (6, -300),
    ]


def test_the_hour_that_is_there_twice_stays_twice(take, read):
    take({"01:30": 5}, -240)
    take({"01:30": 6}, -300)
    assert sorted(r["steps"] for r in read("steps_intraday")) == [5, 6]


def test_an_archive_with_both_is_read_by_the_minute(home):
    from commonweal.vault.wearables.normal import Parts, finish, fitabase

    parts = Parts()
    fitabase.read(parts, b"Id,ActivityHour,StepTotal\n7,4/12/2016 10:00:00 AM,27\n7,4/13/2016 9:00:00 AM,5\n")
    fitabase.read(parts, b"Id,ActivityMinute,Steps\n7,4/12/2016 10:00:00 AM,7\n7,4/12/2016 10:05:00 AM,20\n")
    rows = finish(parts, today=date(2026, 1, 1)).tables["steps_intraday"].to_pylist()
    assert [(r["datetime"], r["steps"]) for r in rows] == [
        (datetime(2016, 4, 12, 10), 7),
        (datetime(2016, 4, 12, 10, 5), 20),
        (datetime(2016, 4, 13, 9), 5),
    ]
