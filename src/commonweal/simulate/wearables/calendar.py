"""The days of which a device tells: when somebody shares, wears it, forgets it, or has none for weeks."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from commonweal.simulate.draws import Draws
from commonweal.simulate.population import EPOCH

LONG, SHORT = (
    400,
    30,
)  # days of history; a long one for the first people of a seed, so that releases have a past to show
FIRST = 5_000  # people of a seed
FEW = 40  # one in so many sends every minute
NIGHTS = 8  # one in so many sends the stages of each night


@dataclass(frozen=True)
class Days:
    """One row a day of which something is told. `person`: position in the chunk; `index`: number of the person.

    `worn`: bool; what is told of other days is that nothing moved. `length`: minutes of the local day (1380, 1440, 1500).
    `weekend`: bool. `offset`: minutes east of UTC at noon.
    """

    person: np.ndarray
    index: np.ndarray
    day: np.ndarray  # days since 1970
    worn: np.ndarray
    length: np.ndarray
    weekend: np.ndarray
    offset: np.ndarray

    def take(self, which: np.ndarray) -> "Days":
        return Days(**{f.name: getattr(self, f.name)[which] for f in fields(self)})

    def __len__(self) -> int:
        return len(self.day)


@cache
def offsets(zone: str, first: int, last: int) -> np.ndarray:
    """Minutes east of UTC at local noon of each day from `first` to `last`."""
    place = ZoneInfo(zone)
    noons = (
        datetime(EPOCH.year, EPOCH.month, EPOCH.day, 12, tzinfo=place) + timedelta(days=d)
        for d in range(first, last + 1)
    )
    return np.array([int((noon.utcoffset() or timedelta()).total_seconds() // 60) for noon in noons], dtype=np.int64)


def days(
    draws: Draws, person: np.ndarray, index: np.ndarray, first: np.ndarray, last: np.ndarray, zones: list[str]
) -> Days:
    """The days of people number `index` (each with a zone), from `first` to `last` (days since 1970, both counted).

    One week in 25 is missing (a lost cable, a lost device); on others a device stays in the drawer, more at weekends.
    """
    count = np.maximum(last - first + 1, 0)
    row = np.repeat(np.arange(len(person)), count)
    day = np.concatenate([np.arange(a, a + n) for a, n in zip(first, count, strict=True)] or [np.empty(0, np.int64)])
    number = index[row]
    there = ~draws.chance("device lost", 0.04, number, day // 7)
    row, day, number = row[there], day[there], number[there]
    weekend = (day + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    often = 0.03 + 0.15 * draws.uniform("device forgotten often", number)
    worn = ~draws.chance("device forgotten", np.where(weekend, 1.5, 1.0) * often, number, day)
    offset, before = _clocks(zones, row, day)
    return Days(person[row], number, day, worn, 1440 - (offset - before), weekend, offset)


def _clocks(zones: list[str], row: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The offset at noon of each day, and of the day before."""
    offset, before = np.zeros(len(day), np.int64), np.zeros(len(day), np.int64)
    names = np.array(zones, object)[row] if len(row) else np.empty(0, object)
    for name in sorted(set(zones)):
        those = names == name
        if those.any():
            first, last = int(day[those].min()) - 1, int(day[those].max())
            known = offsets(name, first, last)
            offset[those], before[those] = known[day[those] - first], known[day[those] - first - 1]
    return offset, before
