"""Submissions that are not compacted yet: their own files, in the form of `rows`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from commonweal.home import Home
from commonweal.r4.events import EVENT_SCHEMA
from commonweal.vault.compaction.ranges import Runs, outside
from commonweal.vault.records import places
from commonweal.vault.records.compact.rows import KEY, ROWS, naive
from commonweal.vault.records.models import Submission
from commonweal.vault.records.scanning import empty, names, quoted, reading


@dataclass(frozen=True)
class Ended:
    """A submission that ended, with what it left: `number`, `received` (naive UTC), and its files that are there."""

    number: int
    received: datetime
    events: tuple[Path, ...] = ()
    superseded: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        return self.events + self.superseded

    @property
    def rows(self) -> int:
        return sum(pq.read_metadata(path).num_rows for path in self.paths)


@dataclass(frozen=True)
class Tail:
    """Some submissions that ended, by number, and how many rows they have together."""

    ended: Sequence[Ended] = field(default_factory=list)
    rows: int = 0

    @property
    def numbers(self) -> list[int]:
        return [one.number for one in self.ended]

    @property
    def paths(self) -> list[Path]:
        return [path for one in self.ended for path in one.paths]

    def prepare(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make the tables on `con` that the SQL of `events` and `marks` needs."""
        at = pa.array([one.received for one in self.ended], pa.timestamp("us"))
        told = {"submission": pa.array(self.numbers, pa.int64()), "at": at}
        con.register("tail_moments", pa.table(told))
        con.execute("CREATE OR REPLACE TEMP TABLE tail_moment AS FROM tail_moments")
        con.unregister("tail_moments")

    def events(self, condition: str = "") -> str:
        """SQL of their events as ROWS."""
        paths = [path for one in self.ended for path in one.events]
        if not paths:
            return empty(ROWS)
        return f"""SELECT {names(EVENT_SCHEMA)}, "at" AS received, NULL::TIMESTAMP AS replaced, false AS mark
            FROM ({reading(paths, EVENT_SCHEMA, condition)}) JOIN tail_moment USING (submission)"""

    def marks(self, condition: str = "") -> str:
        """SQL of what they replaced or took away, as MARKS."""
        paths = [path for one in self.ended for path in one.superseded]
        if not paths:
            return f"SELECT {KEY}, replaced FROM ({empty(ROWS)})"
        listed = ", ".join(map(quoted, paths))
        limit = f" WHERE {condition}" if condition else ""
        return f"""SELECT s.* EXCLUDE (by_number), m."at" AS replaced FROM (
                SELECT {KEY}, parse_filename(filename, true)::BIGINT AS by_number
                FROM read_parquet([{listed}], filename = true){limit}) AS s
            JOIN tail_moment AS m ON m.submission = s.by_number"""


def waiting(home: Home, settled: Runs, site: str | None = None, known_at: datetime | None = None) -> Iterator[Ended]:
    """The submissions that ended and are not compacted, by number: of one site or all, received by a moment or at all."""
    found = Submission.objects.exclude(state="received").extra(where=[outside(settled)]).order_by("id")
    found = found.filter(site=site) if site else found
    found = found.filter(received_time__lte=known_at) if known_at else found
    for number, state, received in found.values_list("id", "state", "received_time").iterator():
        yield _ended(home, number, received) if state in places.TAKEN else Ended(number, naive(received))


def _ended(home: Home, number: int, received: datetime) -> Ended:
    folders = places.events_path(home), places.superseded_path(home)
    events, superseded = (_there(folder / places.file_name(number)) for folder in folders)
    return Ended(number, naive(received), events, superseded)


def _there(path: Path) -> tuple[Path, ...]:
    return (path,) if path.exists() else ()
