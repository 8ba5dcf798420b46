"""Offsets of a wall clock, where the time zone is known and the source tells none.

An hour that daylight saving skipped never was on the clock: such a moment keeps no offset. In the hour that is repeated
the first of two equal moments is the earlier one; a moment that stands there once may be either, and keeps no offset.
"""

from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MICROSECONDS = 60_000_000  # in a minute
UNTOLD = np.iinfo(np.int16).min


def offsets(walls: pa.ChunkedArray, zone: tzinfo | None) -> pa.Array:
    """Minutes east of UTC (int16) of wall moments (timestamp[us], in the order of the source); null where untold."""
    if zone is None or not len(walls):
        return pa.nulls(len(walls), pa.int16())
    minutes = walls.cast(pa.int64()).to_numpy() // _MICROSECONDS
    quarters, place = np.unique(minutes // 15, return_inverse=True)
    told = np.array([_both(int(q) * 15, zone) for q in quarters], dtype=np.int16)
    first, second = told[place, 0], told[place, 1]
    found = np.where(first == second, first, UNTOLD)
    twice = (first != second) & (first != UNTOLD)
    if twice.any():
        found[twice] = _by_order(walls.to_numpy()[twice], first[twice], second[twice])
    return pa.array(found, mask=found == UNTOLD)


def _both(minute: int, zone: tzinfo) -> tuple[int, int]:
    """The offsets of a wall minute (counted from 1970) at its first and second occurrence; UNTOLD twice for a gap."""
    wall = datetime(1970, 1, 1) + timedelta(minutes=minute)
    both = [_offset(wall.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)]
    back = wall - timedelta(minutes=both[0])
    seen = back.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return (both[0], both[1]) if seen == wall else (UNTOLD, UNTOLD)


def _offset(moment: datetime) -> int:
    told = moment.utcoffset()
    return int(told.total_seconds() // 60) if told is not None else UNTOLD


def _by_order(walls: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Of each pair of equal moments the earlier and the later; who stands alone is untold."""
    _, where, counts = np.unique(walls, return_inverse=True, return_counts=True)
    sorted_ = np.argsort(where, kind="stable")
    is_later = np.zeros(len(walls), dtype=bool)
    is_later[sorted_[1:]] = where[sorted_[1:]] == where[sorted_[:-1]]
    return np.where(counts[where] == 2, np.where(is_later, second, first), UNTOLD)


def local(moments: pa.ChunkedArray, zone: tzinfo) -> tuple[pa.ChunkedArray, pa.Array]:
    """Wall moments and offsets (minutes) of moments in UTC (timestamp[us], naive)."""
    minutes = moments.cast(pa.int64()).to_numpy() // _MICROSECONDS
    quarters, place = np.unique(minutes // 15, return_inverse=True)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    told = [_offset((epoch + timedelta(minutes=int(q) * 15)).astimezone(zone)) for q in quarters]
    found = np.array(told, dtype=np.int16)[place] if len(place) else np.array([], dtype=np.int16)
    shifted = pc.add(moments.cast(pa.int64()), pa.array(found.astype(np.int64) * _MICROSECONDS))
    return shifted.cast(pa.timestamp("us")), pa.array(found)


def hours_of(day: date, zone: tzinfo) -> float:
    """How long a local day is: 24 hours, 23 or 25 where daylight saving begins or ends."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    next_day = day + timedelta(days=1)
    end = datetime(next_day.year, next_day.month, next_day.day, tzinfo=zone)
    return (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() / 3600
