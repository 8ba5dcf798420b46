"""Single values as providers write them; None where there is none that can be read."""

import math
from datetime import date, datetime
from typing import Any

_YEARS = range(2, 9999)  # the first and the last that a calendar has leave no room for an offset or a length


def number(value: Any) -> float | None:
    """A number, also written as text; never a yes or no."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def text(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


def day(value: Any) -> date | None:
    """An ISO 8601 day, also the day of a moment."""
    try:
        found = date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found and found.year in _YEARS else None


def wall(value: Any) -> datetime | None:
    """A moment on the wearer's wall clock, without its offset."""
    try:
        found = datetime.fromisoformat(value).replace(tzinfo=None) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found and found.year in _YEARS else None


def offset(value: Any) -> int | None:
    """The offset of a moment in minutes east of UTC, where it tells one."""
    try:
        told = datetime.fromisoformat(value).utcoffset() if isinstance(value, str) else None
    except ValueError:
        return None
    return None if told is None else int(told.total_seconds() // 60)


def clock(value: Any) -> tuple[int, int, int] | None:
    """A time of day, such as 23:59:00."""
    try:
        hour, minute, second = (int(part) for part in str(value).split(":"))
    except ValueError:
        return None
    return (hour, minute, second) if 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60 else None
