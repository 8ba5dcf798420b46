"""CSV files as Fitabase and Fitbit's studies export them: many accounts in a file, told apart by the column `Id`.

A file tells what it is by its columns. Times are wall clock without offset, months before days.
"""

from datetime import tzinfo
from io import BytesIO

import pyarrow as pa
from pyarrow import csv

from commonweal.vault.wearables.normal import clock, rates
from commonweal.vault.wearables.normal.duck import query
from commonweal.vault.wearables.normal.parts import Parts

_ACTIVITY = {
    "TotalSteps": "steps",
    "StepTotal": "steps",
    "Calories": "calories_out",
    "VeryActiveMinutes": "very_active_minutes",
    "FairlyActiveMinutes": "fairly_active_minutes",
    "LightlyActiveMinutes": "lightly_active_minutes",
    "SedentaryMinutes": "sedentary_minutes",
}
_FORMATS = "['%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y', '%Y-%m-%d %H:%M:%S', '%Y-%m-%d']"


def read(parts: Parts, text: bytes, *, zone: tzinfo | None = None) -> bool:
    """Add what a CSV file tells; False where it has no columns that we keep. Raises ValueError where it is no table."""
    rows = _rows(parts, text)
    names = set(rows.column_names)
    if {"Id", "ActivityDate"} <= names or {"Id", "ActivityDay"} <= names:
        _daily(parts, rows, "ActivityDate" if "ActivityDate" in names else "ActivityDay")
    elif {"Id", "ActivityHour", "StepTotal"} <= names:
        parts.hourly_steps(_steps(parts, rows, "ActivityHour", "StepTotal", zone))
    elif {"Id", "ActivityMinute", "Steps"} <= names:
        parts.columns("steps_intraday", _steps(parts, rows, "ActivityMinute", "Steps", zone))
    elif {"Id", "Time", "Value"} <= names:
        _heart(parts, rows, zone)
    elif {"Id", "SleepDay", "TotalMinutesAsleep", "TotalTimeInBed"} <= names:
        _nights(parts, rows)
    else:
        return False
    return True


def _rows(parts: Parts, text: bytes) -> pa.Table:
    """All cells as text. A line with too few or too many cells, such as the last one of a file cut off, is counted."""
    cut: list[int] = []

    def skip(row: csv.InvalidRow) -> str:
        cut.append(1)
        return "skip"

    try:
        head = text[: text.find(b"\n") + 1 or None].decode("utf-8-sig").strip().split(",")
        names = [name.strip('"') for name in head]
        if len(set(names)) < len(names):
            raise ValueError("not a table: a column is there twice")
        rows = csv.read_csv(
            BytesIO(text.removeprefix(b"\xef\xbb\xbf")),
            csv.ReadOptions(use_threads=False),
            csv.ParseOptions(invalid_row_handler=skip),
            csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True),
        )
    except (UnicodeDecodeError, pa.ArrowInvalid):
        raise ValueError("not a table") from None
    parts.fault("cut_line", len(cut))
    return rows


def _timed(parts: Parts, rows: pa.Table, column: str, cells: str, code: str) -> pa.Table:
    """owner, at (timestamp) and `cells` of the rows whose time can be read; the others are counted under `code`."""
    found = query(
        f"""SELECT "Id" AS owner, try_strptime("{column}", {_FORMATS}) AS at, {cells}
        FROM (SELECT *, row_number() OVER () AS place FROM rows) ORDER BY place""",
        rows=rows,
    )
    good = found.filter(found["at"].is_valid())
    parts.fault(code, found.num_rows - good.num_rows)
    return good


def _daily(parts: Parts, rows: pa.Table, column: str) -> None:
    kept = {name: _ACTIVITY[name] for name in rows.column_names if name in _ACTIVITY}
    cells = ", ".join(f'TRY_CAST("{name}" AS DOUBLE) AS {to}' for name, to in kept.items()) or "0 AS nothing"
    found = _timed(parts, rows, column, cells, "no_day")
    parts.columns("activity_summary", found.append_column("date", found["at"].cast(pa.date32())))


def _steps(parts: Parts, rows: pa.Table, column: str, value: str, zone: tzinfo | None) -> pa.Table:
    """Of an hourly file, the steps of the whole hour stand at its first minute."""
    return _moments(parts, rows, column, f'TRY_CAST("{value}" AS DOUBLE) AS steps', zone)


def _heart(parts: Parts, rows: pa.Table, zone: tzinfo | None) -> None:
    rates.by_minute(parts, _moments(parts, rows, "Time", 'TRY_CAST("Value" AS DOUBLE) AS heart_rate_value', zone))


def _moments(parts: Parts, rows: pa.Table, column: str, cells: str, zone: tzinfo | None) -> pa.Table:
    found = _timed(parts, rows, column, cells, "no_time")
    at = found["at"].cast(pa.timestamp("us"))
    return found.append_column("datetime", at).append_column("utc_offset_minutes", _offsets(found["owner"], at, zone))


def _offsets(owners: pa.ChunkedArray, walls: pa.ChunkedArray, zone: tzinfo | None) -> pa.Array:
    """A moment of one account says nothing about the repeated hour of another: with several, that hour stays untold."""
    if zone is None or len(owners.unique()) <= 1:
        return clock.offsets(walls, zone)
    told = query(
        "SELECT row_number() OVER () AS place, owner, wall FROM t", t=pa.table({"owner": owners, "wall": walls})
    )
    parts = [
        pa.table({"place": one["place"], "told": clock.offsets(one["wall"].cast(pa.timestamp("us")), zone)})
        for one in (told.filter(pa.compute.equal(told["owner"], who)) for who in owners.unique())
    ]
    return pa.concat_tables(parts).sort_by("place")["told"].combine_chunks()


def _nights(parts: Parts, rows: pa.Table) -> None:
    """The totals of a day's sleeps, which the file does not tell apart: they stand as its main sleep."""
    cells = """TRY_CAST("TotalMinutesAsleep" AS DOUBLE) AS minute_asleep,
        TRY_CAST("TotalTimeInBed" AS DOUBLE) AS minute_in_bed, true AS is_main_sleep"""
    found = _timed(parts, rows, "SleepDay", cells, "no_day")
    found = found.append_column("sleep_date", found["at"].cast(pa.date32()))
    parts.columns("sleep_daily_summary", found.append_column("log", found["at"].cast(pa.string())))
