"""Payloads of the Fitbit Web API (dev.fitbit.com, Web API reference), as JSON, whatever the endpoint they came from.

A payload tells what it is by its keys. Times are the wearer's wall clock without offset. The activity summary and the
devices name no day: the caller gives it, from the address that was asked.
"""

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from typing import Any

import orjson
import pyarrow as pa

from commonweal.vault.wearables.normal import cells, clock, fitbit_sleep
from commonweal.vault.wearables.normal.parts import Parts
from commonweal.vault.wearables.tables import ZONES

SUMMARY = {  # column -> name in the activity summary
    "activity_calories": "activityCalories",
    "calories_bmr": "caloriesBMR",
    "calories_out": "caloriesOut",
    "elevation": "elevation",
    "fairly_active_minutes": "fairlyActiveMinutes",
    "floors": "floors",
    "lightly_active_minutes": "lightlyActiveMinutes",
    "marginal_calories": "marginalCalories",
    "sedentary_minutes": "sedentaryMinutes",
    "steps": "steps",
    "very_active_minutes": "veryActiveMinutes",
}
SERIES = {  # name of a daily time series -> column
    "activities-steps": "steps",
    "activities-calories": "calories_out",
    "activities-caloriesBMR": "calories_bmr",
    "activities-activityCalories": "activity_calories",
    "activities-elevation": "elevation",
    "activities-floors": "floors",
    "activities-minutesSedentary": "sedentary_minutes",
    "activities-minutesLightlyActive": "lightly_active_minutes",
    "activities-minutesFairlyActive": "fairly_active_minutes",
    "activities-minutesVeryActive": "very_active_minutes",
}
INTRADAY = {
    "activities-heart-intraday": ("heart_rate_minute_level", "heart_rate_value"),
    "activities-steps-intraday": ("steps_intraday", "steps"),
}
_UTF8_MARK = b"\xef\xbb\xbf"


def parsed(text: bytes) -> Any:
    """The JSON of a file, which may begin with a byte order mark. Raises ValueError where it is not strict JSON."""
    return orjson.loads(text.removeprefix(_UTF8_MARK))


def read(parts: Parts, payload: Any, *, day: date | None = None, zone: tzinfo | None = None, owner: str = "") -> bool:
    """Add what a payload tells; False where it is none that we keep (food, friends, an error of the API).

    `day`: the local day that was asked for, where the payload names none. `zone`: the wearer's, if it is known.
    """
    if isinstance(payload, list):
        return bool(payload) and _devices(parts, payload, day, owner)
    if not isinstance(payload, dict):
        return False
    kept = [key for key in payload if key in _READERS and (key != "summary" or _is_of_activity(payload))]
    for key in kept:
        _READERS[key](parts, payload, key, day, zone, owner)
    return bool(kept)


def _is_of_activity(payload: dict[str, Any]) -> bool:
    """Sleep, food and water have a summary of their own."""
    return isinstance(payload["summary"], dict) and "steps" in payload["summary"]


def _summary(parts: Parts, payload: Any, key: str, day: date | None, zone: tzinfo | None, owner: str) -> None:
    told = payload[key]
    if day is None:
        parts.fault("no_day")
        return
    numbers = {column: cells.number(told.get(name)) for column, name in SUMMARY.items()}
    parts.rows("activity_summary", [{"date": day, **numbers}], owner)
    _zones(parts, day, told.get("heartRateZones"), owner)
    _resting(parts, day, told.get("restingHeartRate"), owner)


def _series(parts: Parts, payload: Any, key: str, day: date | None, zone: tzinfo | None, owner: str) -> None:
    for entry in _dicts(payload[key]):
        on = cells.day(entry.get("dateTime"))
        if on is None:
            parts.fault("no_day")
        else:
            value = {SERIES[key]: cells.number(entry.get("value"))}
            parts.rows("activity_summary", [{"date": on, **value}], owner)


def _heart(parts: Parts, payload: Any, key: str, day: date | None, zone: tzinfo | None, owner: str) -> None:
    """Zones of each day: within `value` (version 1 of the series) or beside it (of the intraday series by time)."""
    for entry in _dicts(payload[key]):
        on = cells.day(entry.get("dateTime")) or day
        if on is None:
            parts.fault("no_day")
            continue
        told = entry["value"] if isinstance(entry.get("value"), dict) else entry
        _zones(parts, on, told.get("heartRateZones"), owner)
        _resting(parts, on, told.get("restingHeartRate"), owner)


def _zones(parts: Parts, day: date, zones: Any, owner: str) -> None:
    rows = [
        {
            "date": day,
            "zone_name": zone["name"],
            "min_heart_rate": cells.number(zone.get("min")),
            "max_heart_rate": cells.number(zone.get("max")),
            "minute_in_zone": cells.number(zone.get("minutes")),
            "calorie_count": cells.number(zone.get("caloriesOut")),
        }
        for zone in _dicts(zones)
        if zone.get("name") in ZONES and "minutes" in zone
    ]
    parts.rows("heart_rate_summary", rows, owner)


def _resting(parts: Parts, day: date, value: Any, owner: str) -> None:
    rate = cells.number(value)
    if rate:
        parts.rows("resting_heart_rate", [{"date": day, "heart_rate_value": rate}], owner)


def _intraday(parts: Parts, payload: Any, key: str, day: date | None, zone: tzinfo | None, owner: str) -> None:
    told = payload[key] if isinstance(payload[key], dict) else {}
    points = _dicts(told.get("dataset"))
    series = _dicts(payload.get(key.removesuffix("-intraday")))
    on = (cells.day(series[0].get("dateTime")) if series else None) or day
    if not points:
        return
    if on is None:
        parts.fault("no_day", len(points))
    elif told.get("datasetType", "minute") == "minute" and told.get("datasetInterval", 1) != 1:
        parts.fault("not_by_minute", len(points))
    else:
        _points(parts, key, on, points, zone, owner)


def _points(parts: Parts, key: str, day: date, points: list[Any], zone: tzinfo | None, owner: str) -> None:
    table, column = INTRADAY[key]
    times = [cells.clock(point.get("time")) for point in points]
    parts.fault("no_time", times.count(None))
    walls = [datetime(day.year, day.month, day.day, *at) for at in times if at]
    values = [cells.number(point.get("value")) for point, at in zip(points, times, strict=True) if at]
    at = pa.chunked_array([pa.array(walls, pa.timestamp("us"))])
    own = {"owner": pa.repeat(owner, len(walls)), "datetime": at, "utc_offset_minutes": clock.offsets(at, zone)}
    parts.columns(table, pa.table(own | {column: pa.array(values, pa.float64())}))


def _sleep(parts: Parts, payload: Any, key: str, day: date | None, zone: tzinfo | None, owner: str) -> None:
    fitbit_sleep.read(parts, _dicts(payload[key]), zone=zone, owner=owner)


def _devices(parts: Parts, listed: list[Any], day: date | None, owner: str) -> bool:
    """Devices of the account. Scales are devices too. The day is the one that was asked, else that of the last sync."""
    found = [one for one in _dicts(listed) if "deviceVersion" in one and cells.text(one.get("id"))]
    for one in found:
        synced = cells.wall(one.get("lastSyncTime"))
        on = day or (synced.date() if synced else None)
        if on is None:
            parts.fault("no_day")
            continue
        row = {
            "device_id": cells.text(one["id"]),
            "device_date": on,
            "battery": cells.text(one.get("battery")),
            "battery_level": cells.number(one.get("batteryLevel")),
            "device_version": cells.text(one["deviceVersion"]),
            "device_type": cells.text(one.get("type")),
            "last_sync_time": synced,
        }
        parts.rows("device", [row], owner)
    return bool(found)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


_Reader = Callable[[Parts, Any, str, date | None, tzinfo | None, str], None]
_READERS: dict[str, _Reader] = {
    "summary": _summary,
    "activities-heart": _heart,
    "sleep": _sleep,
    **dict.fromkeys(SERIES, _series),
    **dict.fromkeys(INTRADAY, _intraday),
}
