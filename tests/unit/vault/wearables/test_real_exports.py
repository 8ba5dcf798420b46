"""Real exports, and the exact figures that they hold."""

from collections import Counter
from datetime import date
from zoneinfo import ZoneInfo

import pyarrow.compute as pc
import pytest

from commonweal.vault.wearables.normal import Parts, finish, fitabase, fitbit_api, takeout

TODAY = date(2026, 11, 1)
NOT_JSON = {
    "ApiSubscriptionNotification", "GetSleepOld", "ListApiSubscriptions", "ListApiSubscriptionsResponseMultiple",
    "ListApiSubscriptionsResponseSingle", "SleepLogList",
}  # fmt: skip
PAYLOADS = {
    "GetActivities": {"activity_summary": 1, "heart_rate_summary": 4, "resting_heart_rate": 1, "wear_day": 1},
    "GetDevices-Double": {"device": 2},
    "GetDevices-Single": {"device": 1},
    "GetHeartRateIntradayTimeSeries": {
        "heart_rate_summary": 4, "heart_rate_minute_level": 1157, "resting_heart_rate": 1, "wear_day": 1,
    },
    "GetHeartRateIntradayTimeSeries1.1": {"heart_rate_summary": 4, "wear_day": 1},
    "GetHeartRateTimeSeries": {"heart_rate_summary": 28, "resting_heart_rate": 7, "wear_day": 7},
    "GetSleep": {"sleep_daily_summary": 1, "sleep_level": 2, "wear_day": 1},
    "GetSleepRange": {"sleep_daily_summary": 1, "sleep_level": 2, "wear_day": 1},
    "IntradayActivitiesCalories": {"activity_summary": 1, "wear_day": 1},
    "IntradayActivitiesSteps": {"activity_summary": 1, "steps_intraday": 1084, "wear_day": 1},
    "TimeSeries-ActivitiesSteps": {"activity_summary": 7, "wear_day": 7},
}  # fmt: skip


def counted(normal):
    return {name: rows.num_rows for name, rows in normal.tables.items()}


@pytest.fixture(scope="module")
def users(request):
    """The 33 users' export, normalised once."""
    folder = request.getfixturevalue("shared_data") / "wearables" / "furberg_fitbit_33users"
    parts = Parts()
    kept = {path.stem: fitabase.read(parts, path.read_bytes()) for path in sorted(folder.glob("*.csv"))}
    return kept, finish(parts, today=TODAY)


def test_payloads_of_the_web_api_tell_what_they_are(shared_data):
    found, faulty = {}, set()
    for path in sorted((shared_data / "wearables" / "fitbit_net_sampledata").glob("*.json")):
        parts = Parts()
        try:
            payload = fitbit_api.parsed(path.read_bytes())
        except ValueError:
            faulty.add(path.stem)
            continue
        if fitbit_api.read(parts, payload, day=None if "Devices" in path.stem else date(2014, 9, 25)):
            found[path.stem] = counted(finish(parts, today=TODAY))
    assert faulty == NOT_JSON
    assert {name: tables for name, tables in found.items() if tables} == PAYLOADS


def test_a_summary_without_a_day_is_told(shared_data):
    parts = Parts()
    path = shared_data / "wearables" / "fitbit_net_sampledata" / "GetActivities.json"
    fitbit_api.read(parts, fitbit_api.parsed(path.read_bytes()))
    assert finish(parts, today=TODAY).faults == {"no_day": 1}


def test_each_cell_of_an_activity_summary(shared_data):
    parts = Parts()
    path = shared_data / "wearables" / "fitbit_net_sampledata" / "GetActivities.json"
    fitbit_api.read(parts, fitbit_api.parsed(path.read_bytes()), day=date(2014, 9, 25), owner="x")
    tables = finish(parts, today=TODAY).tables
    assert tables["activity_summary"].to_pylist() == [
        {
            "owner": "x", "date": date(2014, 9, 25), "activity_calories": 1457.0, "calories_bmr": 1623.0,
            "calories_out": 2828.0, "elevation": 79.25, "fairly_active_minutes": 63, "floors": 26,
            "lightly_active_minutes": 59, "marginal_calories": 1067.0, "sedentary_minutes": 1155, "steps": 15720,
            "very_active_minutes": 91,
        }
    ]  # fmt: skip
    assert [(row["zone_name"], row["minute_in_zone"]) for row in tables["heart_rate_summary"].to_pylist()] == [
        ("Cardio", 11), ("Fat Burn", 192), ("Out of Range", 1198), ("Peak", 0),
    ]  # fmt: skip
    assert tables["wear_day"].to_pylist()[0]["minutes_worn"] == 1401
    assert tables["resting_heart_rate"]["heart_rate_value"].to_pylist() == [73.0]


def test_thirty_three_users_of_a_study(users):
    kept, normal = users
    assert {name for name, one in kept.items() if not one} == {
        "hourlyCalories_merged", "hourlyIntensities_merged", "weightLogInfo_merged",
    }  # fmt: skip
    assert counted(normal) == {
        "activity_summary": 940, "steps_intraday": 22_099, "sleep_daily_summary": 410, "wear_day": 940,
    }  # fmt: skip
    assert normal.faults == {"twice": 3}  # three nights stand in the file twice, word for word
    assert len(normal.tables["activity_summary"]["owner"].unique()) == 33
    assert pc.sum(normal.tables["activity_summary"]["steps"]).as_py() == 7_179_636


def test_days_in_a_drawer_are_told_from_days_of_rest(users):
    _, normal = users
    assert Counter(normal.tables["wear_day"]["status"].to_pylist()) == {"worn": 864, "not_worn": 72, "unknown": 4}


def test_resting_heart_rates_of_a_takeout(shared_data):
    parts = Parts()
    for path in sorted((shared_data / "wearables" / "fitout_takeout").glob("*.json")):
        takeout.read(parts, takeout.kind_of(path.name), fitbit_api.parsed(path.read_bytes()), zone=ZoneInfo("UTC"))
    rows = finish(parts, today=TODAY).tables["resting_heart_rate"].to_pylist()
    assert [(row["date"], round(row["heart_rate_value"], 2)) for row in rows] == [
        (date(2024, 2, 28), 52.27), (date(2024, 2, 29), 53.27), (date(2024, 3, 1), 54.01), (date(2024, 3, 2), 55.07),
    ]  # fmt: skip
