"""The tables of one chunk of people, as the bulk door of wearables takes them."""

import numpy as np
import pyarrow as pa

from commonweal.simulate.draws import Draws
from commonweal.simulate.population import People
from commonweal.simulate.wearables import daily, minutes
from commonweal.simulate.wearables.calendar import FEW, FIRST, LONG, NIGHTS, SHORT, Days, days

MINUTE_DAYS = 7  # at each end of what is told
MODELS = {"fitbit": ["Charge 5", "Charge 6", "Inspire 3", "Versa 4", "Sense 2"], "apple": ["Watch7,1", "Watch6,1"]}


def wearables(
    draws: Draws, folk: People, row: np.ndarray, first: np.ndarray, last: np.ndarray, zones: list[str]
) -> dict[str, pa.Table]:
    """`vault.wearables.tables` of those who share a device; `participant` holds `row` (the position in the chunk).

    `folk` are these people alone; `first` and `last` the days (since 1970) from which and until which each shares; `zones`
    the time zone of each. Told are the last days of it, many for the first people of a seed.
    """
    reach = np.where(folk.index < FIRST, LONG, SHORT)
    place = np.arange(len(folk))
    told = days(draws, place, folk.index, np.maximum(first, last - reach + 1), last, zones)
    own = daily.body(draws, folk)
    night = daily.nights(draws, told, own)
    tables = {
        "activity_summary": daily.activity(draws, told, own),
        "heart_rate_summary": daily.hearts(draws, told, own),
        "sleep_daily_summary": daily.sleep(night),
        "sleep_level": minutes.stages(draws, _some(draws, night)),
        **minutes.by_minute(draws, told.take(_every_minute(draws, told, last)), own),
        "device": _devices(draws, folk, told),
    }
    provider = np.where(draws.chance("apple", 0.2, folk.index), "apple", "fitbit").astype(object)
    return {name: _named(table, row, provider) for name, table in tables.items()}


def _named(table: pa.Table, row: np.ndarray, provider: np.ndarray) -> pa.Table:
    """With the position in the chunk for the place among those who share, and their provider."""
    place = table["participant"].to_numpy()
    named = table.set_column(0, "participant", pa.array(row[place], pa.int64()))
    return named.add_column(1, "provider", pa.array(provider[place], pa.string()))


def _some(draws: Draws, night: daily.Nights) -> daily.Nights:
    """The nights of those whose device sends its stages."""
    those = draws.pick("sends stages", [1, NIGHTS - 1], night.days.index) == 0
    rest = (getattr(night, name)[those] for name in ("start", "bed", "deep", "rem", "wake"))
    return daily.Nights(night.days.take(those), *rest)


def _every_minute(draws: Draws, told: Days, last: np.ndarray) -> np.ndarray:
    """bool: days of which every minute is told: of one in FEW people, a week at either end of a year."""
    few = draws.pick("sends minutes", [1, FEW - 1], told.index) == 0
    ago = last[told.person] - told.day
    return few & ((ago < MINUTE_DAYS) | ((ago >= 365) & (ago < 365 + MINUTE_DAYS)))


def _devices(draws: Draws, folk: People, told: Days) -> pa.Table:
    """Each device once a month, as it last reported; some people changed to another one on the way."""
    month = told.day // 30
    _, at = np.unique(np.stack([told.person, month]), axis=1, return_index=True)
    some = told.take(np.sort(at))
    second = draws.chance("second device", 0.15, some.index) & (some.day % 720 > 360)
    which = second.astype(np.int64)
    number = draws.bits("device", some.index, which) % np.uint64(10**10)
    apple = draws.chance("apple", 0.2, some.index)
    model = [
        MODELS["apple" if a else "fitbit"][n % (2 if a else 5)] for a, n in zip(apple, number.tolist(), strict=True)
    ]
    level = draws.between("battery", 4, 100, some.index, some.day)
    sync = some.day * minutes.DAY + draws.between("synced", 420, 1380, some.index, some.day) * minutes.MINUTE
    words = np.array(["Empty", "Low", "Medium", "High"], object)[np.digitize(level, [8, 25, 60])]
    return pa.table(
        {
            "participant": some.person,
            "device_id": pa.array(number).cast(pa.string()),
            "device_date": pa.array(some.day.astype(np.int32), pa.int32()).cast(pa.date32()),
            "battery": pa.array(words, pa.string()),
            "battery_level": level.astype(np.int16),
            "device_version": pa.array(model, pa.string()),
            "device_type": pa.repeat("TRACKER", len(some)),
            "last_sync_time": pa.array(sync.astype("datetime64[us]"), pa.timestamp("us")),
        }
    )
