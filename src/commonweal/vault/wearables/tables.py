"""The tables of wearable data: columns of the reference's Fitbit tables, and our own beside them.

Every table begins with `participant` (vault id) and `provider`, and ends with `submission` and `received` (UTC). Days are
the wearer's local days. Moments are the wall clock that the wearer saw, with `utc_offset_minutes` beside them: minutes
east of UTC, null where the source does not tell, so that the hour that daylight saving repeats is there twice.
Source of names and of the table of sleep levels: All of Us, registered tier data dictionary, Fitbit tables.
"""

from collections.abc import Mapping

import pyarrow as pa

_WHOSE = [("participant", pa.int64()), ("provider", pa.string())]
_WHENCE = [("submission", pa.int64()), ("received", pa.timestamp("us"))]
_DAY, _MOMENT, _OFFSET = pa.date32(), pa.timestamp("us"), ("utc_offset_minutes", pa.int16())

COLUMNS: dict[str, list[tuple[str, pa.DataType]]] = {
    "activity_summary": [
        ("date", _DAY),
        ("activity_calories", pa.float64()),  # kcal, as all calories
        ("calories_bmr", pa.float64()),
        ("calories_out", pa.float64()),
        ("elevation", pa.float64()),  # metres
        ("fairly_active_minutes", pa.int32()),
        ("floors", pa.int32()),
        ("lightly_active_minutes", pa.int32()),
        ("marginal_calories", pa.float64()),
        ("sedentary_minutes", pa.int32()),
        ("steps", pa.int32()),
        ("very_active_minutes", pa.int32()),
    ],
    "heart_rate_summary": [
        ("date", _DAY),
        ("zone_name", pa.string()),  # Out of Range | Fat Burn | Cardio | Peak
        ("min_heart_rate", pa.int16()),  # beats a minute
        ("max_heart_rate", pa.int16()),
        ("minute_in_zone", pa.int32()),
        ("calorie_count", pa.float64()),
    ],
    "heart_rate_minute_level": [("datetime", _MOMENT), _OFFSET, ("heart_rate_value", pa.int16())],
    "steps_intraday": [("datetime", _MOMENT), _OFFSET, ("steps", pa.int32())],
    "sleep_daily_summary": [
        ("sleep_date", _DAY),  # the day on which the sleep ended, as the provider counts it
        ("is_main_sleep", pa.bool_()),
        ("minute_in_bed", pa.int32()),
        ("minute_asleep", pa.int32()),
        ("minute_after_wakeup", pa.int32()),
        ("minute_awake", pa.int32()),
        ("minute_restless", pa.int32()),
        ("minute_deep", pa.int32()),
        ("minute_light", pa.int32()),
        ("minute_rem", pa.int32()),
        ("minute_wake", pa.int32()),
    ],
    "sleep_level": [
        ("sleep_date", _DAY),
        ("is_main_sleep", pa.bool_()),
        ("level", pa.string()),  # one of LEVELS
        ("start_datetime", _MOMENT),
        _OFFSET,
        ("duration_in_min", pa.float64()),
    ],
    "device": [
        ("device_id", pa.string()),  # the provider's own: curation puts a research id in its place
        ("device_date", _DAY),
        ("battery", pa.string()),
        ("battery_level", pa.int16()),  # per cent
        ("device_version", pa.string()),
        ("device_type", pa.string()),
        ("last_sync_time", _MOMENT),
    ],
    "wear_day": [  # ours: whether the device was worn, told apart from a day without movement
        ("date", _DAY),
        ("status", pa.string()),  # worn | not_worn | unknown
        ("minutes_worn", pa.int32()),  # null where it cannot be told
    ],
    "resting_heart_rate": [("date", _DAY), ("heart_rate_value", pa.float64())],  # ours
}
TABLES: dict[str, pa.Schema] = {name: pa.schema([*_WHOSE, *own, *_WHENCE]) for name, own in COLUMNS.items()}
OF_THE_REFERENCE = tuple(name for name in TABLES if name not in ("wear_day", "resting_heart_rate"))

# The column that dates a row, and what one delivery replaces as a whole: all rows of a unit come from the same
# submission, so that nothing of an older version of a night stays behind.
DATED: Mapping[str, str] = {
    "activity_summary": "date",
    "heart_rate_summary": "date",
    "heart_rate_minute_level": "datetime",
    "steps_intraday": "datetime",
    "sleep_daily_summary": "sleep_date",
    "sleep_level": "sleep_date",
    "device": "device_date",
    "wear_day": "date",
    "resting_heart_rate": "date",
}
UNIT: Mapping[str, tuple[str, ...]] = {
    "activity_summary": ("date",),
    "heart_rate_summary": ("date",),
    "heart_rate_minute_level": ("datetime", "utc_offset_minutes"),
    "steps_intraday": ("datetime", "utc_offset_minutes"),
    "sleep_daily_summary": ("sleep_date",),
    "sleep_level": ("sleep_date",),
    "device": ("device_id", "device_date"),
    "wear_day": ("date",),
    "resting_heart_rate": ("date",),
}
# Columns that tell the rows of a unit apart, where it may have several.
WITHIN: Mapping[str, tuple[str, ...]] = {
    "heart_rate_summary": ("zone_name",),
    "sleep_daily_summary": ("is_main_sleep",),
    "sleep_level": ("is_main_sleep", "start_datetime", "utc_offset_minutes"),
}
LEVELS = ("awake", "light", "asleep", "deep", "restless", "wake", "rem", "unknown")
ZONES = ("Out of Range", "Fat Burn", "Cardio", "Peak")


def unit_of(table: str) -> tuple[str, ...]:
    """The columns that name what one delivery replaces."""
    return ("participant", "provider", *UNIT[table])


def key_of(table: str) -> tuple[str, ...]:
    """The columns by which one row of a table is told from another."""
    return (*unit_of(table), *WITHIN.get(table, ()))


def arrived_columns(table: str) -> pa.Schema:
    """A table as it comes in: without submission and received, which the store adds."""
    return pa.schema([f for f in TABLES[table] if f.name not in ("submission", "received")])


_PEOPLE = {"heart_rate_minute_level": 200, "steps_intraday": 200}  # a few million rows a month at most


def bucket_size(table: str) -> int:
    """How many neighbouring people share a compacted file."""
    return _PEOPLE.get(table, 10_000)
