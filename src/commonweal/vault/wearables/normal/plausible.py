"""What no day and no body can be: such a cell is emptied, or its row left out, and counted.

Works on whole columns, for one archive and for a million people alike.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault.wearables.normal.rates import HIGHEST, LOWEST
from commonweal.vault.wearables.tables import COLUMNS, DATED, LEVELS

EARLIEST = date(2000, 1, 1)  # before any of these devices: what a clock that lost its time writes
DAY = 1440  # minutes
# The day on which daylight saving ends. Of any day as much is believed: where a wearer was, and so which day was long,
# is not told with a day, and a day on which somebody flew west is long too.
LONG_DAY = 1500
_MINUTES = ("fairly_active_minutes", "lightly_active_minutes", "sedentary_minutes", "very_active_minutes")


# Cells that are emptied where they lie outside of their bounds, both included.
CELLS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "activity_summary": {
        **dict.fromkeys(_MINUTES, (0, LONG_DAY)),
        "steps": (0, 500_000),  # 200 miles
        "floors": (0, 10_000),
        "elevation": (0, 30_000),
        **dict.fromkeys(("activity_calories", "calories_bmr", "calories_out", "marginal_calories"), (0, 50_000)),
    },
    "heart_rate_summary": {"min_heart_rate": (0, 300), "max_heart_rate": (0, 300), "calorie_count": (0, 50_000)},
    "sleep_daily_summary": {
        name: (0, 2 * DAY) for name, _ in COLUMNS["sleep_daily_summary"] if name.startswith("minute_")
    },
    "device": {"battery_level": (0, 100)},
}
# Rows that say nothing without this cell, or with one out of bounds; and the code under which they are counted.
ROWS: Mapping[str, tuple[str, float, float, str]] = {
    "heart_rate_minute_level": ("heart_rate_value", LOWEST, HIGHEST, "implausible_heart_rate"),
    "resting_heart_rate": ("heart_rate_value", LOWEST, HIGHEST, "implausible_heart_rate"),
    "heart_rate_summary": ("minute_in_zone", 0, LONG_DAY, "implausible_minutes"),
    "steps_intraday": ("steps", 0, 30_000, "implausible_steps"),  # an hour's, where the source has hours
    "sleep_level": ("duration_in_min", 0, 2 * DAY, "implausible_minutes"),
}


def plausible(table: str, rows: pa.Table, today: date) -> tuple[pa.Table, Counter[str]]:
    """The rows with what is implausible taken out, and how often each code occurred. Bad days and times go first."""
    faults: Counter[str] = Counter()
    rows = _dated(table, rows, today, faults)
    if table in ROWS:
        rows = _rows(rows, *ROWS[table], faults)
    for name, bounds in CELLS.get(table, {}).items():
        rows = _cells(rows, name, *bounds, faults)
    if table == "activity_summary":
        rows = _day_has_its_minutes(rows, faults)
    if table == "sleep_level":
        rows = _kept(rows, pc.is_in(rows["level"], pa.array(LEVELS)), "unknown_sleep_level", faults)
    return rows, faults


def _dated(table: str, rows: pa.Table, today: date, faults: Counter[str]) -> pa.Table:
    """Some clocks are a day ahead of UTC, so that tomorrow may have begun there; nothing is later."""
    column = rows[DATED[table]]
    last = today + timedelta(days=1)
    first, after = (pa.scalar(_as(column.type, day), column.type) for day in (EARLIEST, last + timedelta(days=1)))
    rows = _kept(rows, column.is_valid(), "no_day", faults)
    rows = _kept(rows, pc.less(rows[DATED[table]], after), "in_the_future", faults)
    return _kept(rows, pc.greater_equal(rows[DATED[table]], first), "too_long_ago", faults)


def _as(kind: pa.DataType, day: date) -> date | datetime:
    return datetime(day.year, day.month, day.day) if pa.types.is_timestamp(kind) else day


def _rows(rows: pa.Table, name: str, low: float, high: float, code: str, faults: Counter[str]) -> pa.Table:
    return _kept(rows, pc.fill_null(_within(rows[name], low, high), False), code, faults)


def _within(column: pa.ChunkedArray, low: float, high: float) -> pa.ChunkedArray:
    numbers = column if pa.types.is_floating(column.type) else column.cast(pa.float64())
    return pc.and_(pc.greater_equal(numbers, low), pc.less_equal(numbers, high))


def _kept(rows: pa.Table, good: pa.ChunkedArray, code: str, faults: Counter[str]) -> pa.Table:
    if pc.all(good, min_count=0).as_py():
        return rows
    left = rows.filter(good)
    faults[code] += rows.num_rows - left.num_rows
    return left


def _cells(rows: pa.Table, name: str, low: float, high: float, faults: Counter[str]) -> pa.Table:
    below = pc.fill_null(pc.less(rows[name], 0), False)
    above = pc.and_(pc.invert(below), pc.invert(pc.fill_null(_within(rows[name], low, high), True)))
    rows = _emptied(rows, (name,), below, "negative", faults)
    return _emptied(rows, (name,), above, "implausible", faults)


def _emptied(rows: pa.Table, names: tuple[str, ...], bad: pa.ChunkedArray, code: str, faults: Counter[str]) -> pa.Table:
    if not pc.any(bad, min_count=0).as_py():
        return rows
    faults[code] += pc.sum(bad).as_py()
    for name in names:
        empty = pa.scalar(None, rows.schema.field(name).type)
        rows = rows.set_column(rows.column_names.index(name), name, pc.if_else(bad, empty, rows[name]))
    return rows


def _day_has_its_minutes(rows: pa.Table, faults: Counter[str]) -> pa.Table:
    """Four kinds of minutes that add up to more than the longest day are all doubtful: none is kept."""
    total = None
    for name in _MINUTES:
        one = pc.fill_null(rows[name].cast(pa.float64()), 0)
        total = one if total is None else pc.add(total, one)
    return _emptied(rows, _MINUTES, pc.greater(total, LONG_DAY), "more_minutes_than_a_day", faults)
