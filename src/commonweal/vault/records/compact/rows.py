"""SQL of what compacted files and files of submissions hold, in one form.

ROWS: the columns of an event; `received`, when its submission came in; `replaced`, when the one came in that replaced it or
took it away, as far as both are in one file. A row with `mark` is no event: it says when the resource of an earlier submission
that it names was replaced, which is in another file.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import pyarrow as pa

from commonweal.home import Home
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.vault.records.compact.index import File, path_of
from commonweal.vault.records.scanning import reading

_TIME = pa.timestamp("us")
ROWS = pa.schema([*EVENT_SCHEMA, ("received", _TIME), ("replaced", _TIME), ("mark", pa.bool_())])
MARKS = pa.schema(
    [
        ("submission", pa.int64()),
        ("participant", pa.int64()),
        ("resource_type", pa.string()),
        ("resource_id", pa.string()),
        ("replaced", _TIME),
    ]
)
KEY = "submission, participant, resource_type, resource_id"


def naive(moment: datetime) -> datetime:
    """As it stands in a file: UTC without offset."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def events(home: Home, files: Iterable[File], condition: str = "", known_at: datetime | None = None) -> str:
    """The events (EVENT_SCHEMA and `replaced`, `received`) of compacted files that counted at a moment; None: now."""
    in_force = "replaced IS NULL"
    if known_at is not None:
        in_force = f"{_until('received', known_at)} AND (replaced IS NULL OR NOT {_until('replaced', known_at)})"
    return of(home, files, f"NOT mark AND {in_force}{_and(condition)}")


def marks(home: Home, files: Iterable[File], condition: str = "", known_at: datetime | None = None) -> str:
    """The marks (MARKS) in compacted files that were set by a moment; None: all."""
    until = "" if known_at is None else f" AND {_until('replaced', known_at)}"
    rows = of(home, [one for one in files if one.marks], f"mark{until}{_and(condition)}")
    return f"SELECT {KEY}, replaced FROM ({rows})"


def of(home: Home, files: Iterable[File], condition: str = "") -> str:
    """ROWS of compacted files, of those people for whom each counts."""
    listed = list(files)
    whole = [path_of(home, one) for one in listed if not one.cut]
    parts = [reading(whole, ROWS, condition)]
    for one in (one for one in listed if one.cut):
        parts.append(reading([path_of(home, one)], ROWS, f"participant >= {one.low}{_and(condition)}"))
    return " UNION ALL ".join(parts)


def within(low: int, high: int) -> str:
    return f"participant BETWEEN {low} AND {high}"


def _until(column: str, moment: datetime) -> str:
    return f"{column} <= TIMESTAMP '{naive(moment).isoformat(sep=' ')}'"


def _and(condition: str) -> str:
    return f" AND {condition}" if condition else ""
