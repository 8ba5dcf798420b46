"""What simulated devices tell: the same whoever asks, with the rhythm and the holes of real ones."""

from datetime import date, timedelta

import duckdb
import numpy as np
import pytest

from commonweal.simulate.draws import Draws
from commonweal.simulate.population import EPOCH, people
from commonweal.simulate.wearables import daily, minutes, wearables
from commonweal.simulate.wearables.calendar import days
from commonweal.simulate.wearables.stream import BY_MINUTE, DAILY, stream
from commonweal.vault.wearables.tables import TABLES

UNTIL = date(2026, 11, 20)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


def number(day):
    return (day - EPOCH).days


@pytest.fixture(scope="module")
def told():
    """Tables of 60 people over 400 days."""
    folk = people(Draws(3), 0, 60, until=UNTIL, site_states=frozenset())
    first, last = np.full(60, number(UNTIL) - 399), np.full(60, number(UNTIL))
    return wearables(Draws(3), folk, np.arange(60), first, last, ["America/Chicago"] * 60)


def test_columns_are_those_of_the_store(told):
    assert set(told) == set(TABLES) - {"wear_day", "resting_heart_rate"}
    for name, table in told.items():
        wanted = [f for f in TABLES[name] if f.name in table.column_names]
        assert set(table.column_names) == {f.name for f in wanted}
        assert all(table[f.name].cast(f.type) is not None for f in wanted)


def test_a_person_is_the_same_alone_and_among_others(told):
    folk = people(Draws(3), 17, 1, until=UNTIL, site_states=frozenset())
    first, last = np.array([number(UNTIL) - 399]), np.array([number(UNTIL)])
    alone = wearables(Draws(3), folk, np.array([17]), first, last, ["America/Chicago"])
    for name, table in told.items():
        mine = table.filter(np.equal(table["participant"].to_numpy(), 17)).sort_by(KEYS[name])
        assert mine.equals(alone[name].sort_by(KEYS[name]))


KEYS = {
    "activity_summary": "date", "heart_rate_summary": [("date", "ascending"), ("zone_name", "ascending")],
    "heart_rate_minute_level": [("datetime", "ascending"), ("utc_offset_minutes", "ascending")],
    "steps_intraday": [("datetime", "ascending"), ("utc_offset_minutes", "ascending")], "sleep_daily_summary": "sleep_date",
    "sleep_level": [("sleep_date", "ascending"), ("start_datetime", "ascending"), ("utc_offset_minutes", "ascending"), ("level", "ascending")],
    "device": "device_date",
}  # fmt: skip


def test_days_have_the_rhythm_and_the_holes_of_real_ones(told):
    activity = told["activity_summary"]  # noqa: F841 - read by the query
    steps, idle, lost = duckdb.sql("""
    SELECT quantile_cont(steps, 0.5) FILTER (steps > 0), count(*) FILTER (steps = 0) / count(*), 1 - count(*) / (60 * 400)
    FROM activity""").fetchall()[0]
    assert 4000 < steps < 10_000 and 0.05 < idle < 0.25 and 0.02 < lost < 0.07
    ((together,),) = duckdb.sql("""
    SELECT max(abs(sedentary_minutes + lightly_active_minutes + fairly_active_minutes + very_active_minutes - 1440))
    FROM activity WHERE steps = 0 AND date NOT IN ('2026-03-08', '2025-11-02', '2026-11-01')""").fetchall()
    assert together == 0  # a day in the drawer is told as 1,440 minutes without moving


def test_a_night_has_its_minutes_once(told):
    stages, nights = told["sleep_level"], told["sleep_daily_summary"]  # noqa: F841
    ((apart,),) = duckdb.sql("""
    SELECT max(abs(s.m - n.minute_in_bed)) FROM (
      SELECT participant, sleep_date, sum(duration_in_min) AS m FROM stages GROUP BY ALL) s JOIN nights n USING (participant, sleep_date)
    """).fetchall()
    assert stages.num_rows > 1000 and apart <= 1


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (SPRING + timedelta(days=1), 24)])
def test_the_hour_that_clocks_lose_or_repeat(day, hours):
    draws, folk = Draws(3), people(Draws(3), 0, 40, until=UNTIL, site_states=frozenset())
    one = np.full(40, number(day))
    told = days(draws, np.arange(40), folk.index, one, one, ["America/Chicago"] * 40)
    rates = minutes.by_minute(draws, told, daily.body(draws, folk))["heart_rate_minute_level"]  # noqa: F841
    found = duckdb.sql("""
    SELECT count(*), count(DISTINCT (datetime, utc_offset_minutes)), count(DISTINCT datetime),
           count(*) FILTER (hour(datetime) = 2) FROM rates GROUP BY participant""").fetchall()
    assert found and {n for n, *_ in found} == {hours * 60 - 60}  # an hour on the charger
    assert all(n == unique for n, unique, _, _ in found)
    assert (hours == 25) == all(moments < n for n, _, moments, _ in found)
    assert (hours == 23) == all(at_two == 0 for *_, at_two in found)


def test_a_stream_has_everybody_chunk_by_chunk():
    whole = list(stream(250, 3, until=UNTIL, chunk=100))
    assert len(whole) == 3 and all(tuple(part) == DAILY for part in whole)
    seen = np.concatenate([part["activity_summary"]["participant"].to_numpy() for part in whole])
    assert len(set(seen)) > 220 and seen.min() >= 1 and seen.max() <= 250 and len(seen) > 650
    (few,) = list(stream(5, 1, until=UNTIL, by_minute=True))
    assert tuple(few) == BY_MINUTE and few["steps_intraday"].num_rows % 1380 == 0
