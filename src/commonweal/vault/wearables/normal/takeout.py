"""Google Takeout's folder of Fitbit data: "Global Export Data", one file a kind and span of days.

Minutes and seconds (steps, heart_rate) are in UTC there; days and sleep on the wearer's clock (Fitbit, "Export your data",
and the readme that Takeout puts beside the files). Without the wearer's time zone the former have no local day.
"""

import csv
import io
import re
from collections.abc import Callable
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault.wearables.normal import cells, clock, fitbit_sleep, rates
from commonweal.vault.wearables.normal.parts import Parts

_NAME = re.compile(r"([a-z_]+)-\d{4}-\d{2}-\d{2}\.json")
_TIME = "%m/%d/%y %H:%M:%S"
_MINUTES = {
    "sedentary_minutes": "sedentary_minutes",
    "lightly_active_minutes": "lightly_active_minutes",
    "moderately_active_minutes": "fairly_active_minutes",
    "very_active_minutes": "very_active_minutes",
}
_ZONES = {
    "BELOW_DEFAULT_ZONE_1": "Out of Range",
    "IN_DEFAULT_ZONE_1": "Fat Burn",
    "IN_DEFAULT_ZONE_2": "Cardio",
    "IN_DEFAULT_ZONE_3": "Peak",
}


def kind_of(name: str) -> str | None:
    """What a file of the export holds, by its name; None where it is none that we keep."""
    found = _NAME.fullmatch(name)
    return found[1] if found and found[1] in _READERS else None


def read(parts: Parts, kind: str, told: Any, *, zone: tzinfo | None) -> None:
    """Add the entries of one file (parsed JSON). Raises ValueError where it is no list of entries."""
    if not isinstance(told, list):
        raise ValueError("not a list")
    entries = [one for one in told if isinstance(one, dict)]
    parts.fault("unreadable_entry", len(told) - len(entries))
    _READERS[kind](parts, kind, entries, zone)


def _steps(parts: Parts, kind: str, entries: list[dict[str, Any]], zone: tzinfo | None) -> None:
    found = _moments(parts, entries, zone, [cells.number(one.get("value")) for one in entries])
    if found is not None:
        parts.totals_from_minutes = True
        parts.columns("steps_intraday", found.rename_columns([*found.column_names[:-1], "steps"]))


def _heart(parts: Parts, kind: str, entries: list[dict[str, Any]], zone: tzinfo | None) -> None:
    values = [one["value"] if isinstance(one.get("value"), dict) else {} for one in entries]
    found = _moments(parts, entries, zone, [cells.number(one.get("bpm")) for one in values])
    if found is not None:
        rates.by_minute(parts, found.rename_columns([*found.column_names[:-1], "heart_rate_value"]))


def _moments(
    parts: Parts, entries: list[dict[str, Any]], zone: tzinfo | None, values: list[float | None]
) -> pa.Table | None:
    """owner, datetime, utc_offset_minutes, value on the wearer's clock; None where the time zone is not known."""
    if zone is None:
        parts.fault("no_time_zone", len(entries))
        return None
    at = _times(entries)
    parts.fault("no_time", at.null_count)
    rows = pa.table({"at": at, "value": pa.array(values, pa.float64())}).filter(at.is_valid())
    walls, offsets = clock.local(rows["at"], zone)
    owner = pa.repeat("", rows.num_rows)
    return pa.table({"owner": owner, "datetime": walls, "utc_offset_minutes": offsets, "value": rows["value"]})


def _times(entries: list[dict[str, Any]]) -> pa.Array:
    text = pa.array(
        [one.get("dateTime") if isinstance(one.get("dateTime"), str) else None for one in entries], pa.string()
    )
    return pc.strptime(text, format=_TIME, unit="us", error_is_null=True)


def _daily(parts: Parts, kind: str, entries: list[dict[str, Any]], zone: tzinfo | None) -> None:
    days = _times(entries)
    parts.fault("no_day", days.null_count)
    values = pa.array([cells.number(one.get("value")) for one in entries], pa.float64())
    rows = pa.table({"date": days.cast(pa.date32()), _MINUTES[kind]: values, "owner": pa.repeat("", len(days))})
    parts.columns("activity_summary", rows.filter(days.is_valid()))


def _resting(parts: Parts, kind: str, entries: list[dict[str, Any]], zone: tzinfo | None) -> None:
    """Days without a rate stand in the file as 0 or null: they are left out."""
    for one, day in zip(entries, _times(entries).to_pylist(), strict=True):
        rate = cells.number(one["value"].get("value")) if isinstance(one.get("value"), dict) else None
        if day and rate:
            parts.rows("resting_heart_rate", [{"date": day.date(), "heart_rate_value": rate}])


def _in_zones(parts: Parts, kind: str, entries: list[dict[str, Any]], zone: tzinfo | None) -> None:
    for one, day in zip(entries, _times(entries).to_pylist(), strict=True):
        value = one.get("value")
        told = value.get("valuesInZones") if isinstance(value, dict) else None
        if day and isinstance(told, dict):
            rows = [
                {"date": day.date(), "zone_name": name, "minute_in_zone": cells.number(told[key])}
                for key, name in _ZONES.items()
                if key in told
            ]
            parts.rows("heart_rate_summary", rows)


def _sleep(parts: Parts, kind: str, entries: list[dict[str, Any]], zone: tzinfo | None) -> None:
    fitbit_sleep.read(parts, entries, zone=zone)


_Reader = Callable[[Parts, str, list[dict[str, Any]], tzinfo | None], None]
_READERS: dict[str, _Reader] = {
    "steps": _steps,
    "heart_rate": _heart,
    "resting_heart_rate": _resting,
    "time_in_heart_rate_zones": _in_zones,
    "sleep": _sleep,
    **dict.fromkeys(_MINUTES, _daily),
}


def profile(text: bytes) -> dict[str, str]:
    """The account's profile (Profile.csv): column -> value; empty where it cannot be read."""
    try:
        return next(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))), {})
    except (UnicodeDecodeError, csv.Error):
        return {}


def zone_named(name: str | None) -> tzinfo | None:
    """The time zone that a profile names, if there is such a one."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
