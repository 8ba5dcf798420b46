"""Minute by minute, and stage by stage: what only a few people's devices send here, because it is so much.

Moments are the wall clock with its offset: where clocks are set forward an hour is missing, where back it is there twice.
"""

import numpy as np
import pyarrow as pa

from commonweal.simulate.draws import Draws
from commonweal.simulate.wearables.calendar import Days
from commonweal.simulate.wearables.daily import Body, Nights

MINUTE = 60_000_000  # microseconds
DAY = 1440 * MINUTE
CHANGE = 120  # minutes of the day, counted on a clock that does not change, after which the wall clock has changed
CYCLES = 5
_WALKS = np.array(
    [0, 0, 0, 0, 0, 0.2, 0.8, 1.6, 1.7, 1.2, 1, 1, 1.4, 1.2, 1, 1, 1.2, 1.8, 1.6, 1.2, 0.9, 0.6, 0.3, 0.1]
)
_BEATS = np.array([-6, -7, -8, -8, -7, -4, 2, 8, 10, 10, 10, 11, 12, 11, 10, 10, 12, 14, 12, 9, 6, 3, 0, -3])


def by_minute(draws: Draws, days: Days, own: Body) -> dict[str, pa.Table]:
    """heart_rate_minute_level and steps_intraday of the worn days; a device charges for an hour of each."""
    days = days.take(days.worn)
    row = np.repeat(np.arange(len(days)), days.length)
    since = np.concatenate([np.arange(n) for n in days.length] or [np.empty(0, np.int64)])
    charging = draws.between("charges at", 6, 21, days.index, days.day)[row] == since // 60
    row, since = row[~charging], since[~charging]
    key = days.index[row], days.day[row], since
    hour = np.minimum(since // 60, 23)
    walking = draws.chance("walks now", np.clip(0.11 * _WALKS[hour], 0, 0.6), key[0], key[1], since // 4)
    pace = own.steps[days.person[row]] / 8000 * (35 + 60 * draws.uniform("pace", *key))
    steps = np.where(walking, np.round(pace), 0).astype(np.int64)
    beats = (
        own.resting[days.person[row]] + _BEATS[hour] + 0.35 * np.minimum(steps, 120) + 4 * draws.normal("beats", *key)
    )
    told = _moments(days.day[row], since, days.length[row], days.offset[row]) | {"participant": days.person[row]}
    told = {name: told[name] for name in ("participant", "datetime", "utc_offset_minutes")}
    rates = np.clip(np.round(beats), 38, 200).astype(np.int64)
    return {
        "heart_rate_minute_level": pa.table(told | {"heart_rate_value": rates}),
        "steps_intraday": pa.table(told | {"steps": steps}),
    }


def stages(draws: Draws, night: Nights) -> pa.Table:
    """sleep_level: cycles of light, deep, light and dreaming sleep, with waking between (Carskadon and Dement 2011)."""
    days, light = night.days, night.bed - night.deep - night.rem - night.wake
    parts = []
    for cycle in range(CYCLES):  # deep sleep early in the night, dreams towards the morning
        early, late = (0.38, 0.28, 0.18, 0.1, 0.06)[cycle], (0.06, 0.12, 0.2, 0.28, 0.34)[cycle]
        parts += [
            ("light", light * 0.1),
            ("deep", night.deep * early),
            ("light", light * 0.1),
            ("rem", night.rem * late),
        ]
        parts.append(("wake", night.wake * 0.2))
    ends = np.round(np.cumsum([minutes for _, minutes in parts], axis=0)).astype(np.int64)
    starts = np.vstack([np.zeros(ends.shape[1], np.int64), ends[:-1]]) if len(ends) else ends
    levels = np.repeat(np.array([level for level, _ in parts], object), ends.shape[1])
    since = (night.start + starts).ravel()
    tile = np.tile(np.arange(len(days)), len(parts))
    told = _moments(days.day[tile], since, days.length[tile], days.offset[tile])
    table = pa.table(
        {
            "participant": days.person[tile],
            "sleep_date": pa.array(days.day[tile].astype(np.int32), pa.int32()).cast(pa.date32()),
            "is_main_sleep": np.ones(len(tile), bool),
            "level": pa.array(levels, pa.string()),
            "start_datetime": told["datetime"],
            "utc_offset_minutes": told["utc_offset_minutes"],
            "duration_in_min": (ends - starts).ravel().astype(float),
        }
    )
    return table.filter((ends - starts).ravel() > 0)


def _moments(day: np.ndarray, since: np.ndarray, length: np.ndarray, offset: np.ndarray) -> dict[str, pa.Array]:
    """The wall clock `since` minutes after local midnight, on a day of this length whose offset at noon is known.

    An hour lost or won is lost or won after two o'clock (as in the United States).
    """
    change = length - 1440
    after = since >= CHANGE
    wall = since - np.where(after, change, 0)
    stamps = day * DAY + wall * MINUTE
    east = offset + np.where(after, 0, change)
    return {
        "datetime": pa.array(stamps.astype("datetime64[us]"), pa.timestamp("us")),
        "utc_offset_minutes": pa.array(east.astype(np.int16), pa.int16()),
    }
