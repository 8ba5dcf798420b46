"""Where wearable data lie: Parquet in the vault's store, appended by submission and compacted by people and month.

wearables/TABLE/append/NUMBER.parquet     what one submission brought, sorted by person and time
wearables/TABLE/month/BUCKET/MONTH.*      compacted (see `compacting`); wearables/TABLE/index.json names what counts
An appended file counts only once its submission is done in the database: one left by a killed run does not.
The latest delivery of a unit (see `tables.UNIT`) wins; what it replaces is kept for `known_at`.
"""

import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from commonweal import duck, files
from commonweal.home import Home
from commonweal.vault.compaction.ranges import Runs, outside
from commonweal.vault.wearables import index as indexes
from commonweal.vault.wearables.boxes import Box, are_apart, box_of, of_file
from commonweal.vault.wearables.models import Submission
from commonweal.vault.wearables.normal.resolving import is_ascending
from commonweal.vault.wearables.selecting import Days, newest, scan, where, within
from commonweal.vault.wearables.tables import DATED, TABLES, arrived_columns, bucket_size, key_of

__all__ = ["TABLES", "Stock", "append", "current", "folder_of"]

ROW_GROUP = 50_000  # rows: what is read at least for one person
LOOK = 1800  # seconds for which what was looked up holds: half of what swept files are left for


def folder_of(home: Home, table: str) -> Path:
    """The folder of one table, made where it is not there."""
    folder = home.vault_store / "wearables" / table
    for part in ("append", "month"):
        (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def append(home: Home, table: str, rows: pa.Table, submission: Submission) -> Path:
    """Write what a submission brought for one table: one file, there whole or not at all, readable by its owner only.

    `rows`: `tables.arrived_columns(table)`, one row a key. It counts once the submission is done.
    """
    rows = rows.select(arrived_columns(table).names).cast(arrived_columns(table))
    at = submission.received_time.astimezone(UTC).replace(tzinfo=None)
    rows = rows.append_column("submission", pa.repeat(pa.scalar(submission.pk, pa.int64()), rows.num_rows))
    rows = rows.append_column("received", pa.repeat(pa.scalar(at, pa.timestamp("us")), rows.num_rows))
    path = append_path(home, table, submission.pk)
    if not is_ascending(rows, list(key_of(table))):
        rows = rows.sort_by([("participant", "ascending"), (DATED[table], "ascending")])
    write(rows, path)
    return path


def append_path(home: Home, table: str, submission: int) -> Path:
    return folder_of(home, table) / "append" / f"{submission:010d}.parquet"


def discard(home: Home, submission: Submission) -> None:
    """Remove what an earlier attempt at the same submission left, which was killed before it was done."""
    for table in TABLES:
        append_path(home, table, submission.pk).unlink(missing_ok=True)


def write(rows: pa.Table, path: Path) -> None:
    with files.whole(path, files.PRIVATE) as file:
        pq.write_table(rows, file, compression="zstd", row_group_size=ROW_GROUP)


def tail(home: Home, table: str, settled: Runs, known_at: datetime | None = None) -> list[Path]:
    """The appended files that count and are not `settled` (compacted), by number; those received by `known_at`."""
    done = Submission.objects.filter(state=Submission.DONE).extra(where=[outside(settled)])
    if known_at is not None:
        done = done.filter(received_time__lte=known_at)
    paths = (append_path(home, table, number) for number in done.order_by("pk").values_list("pk", flat=True))
    return [path for path in paths if path.exists()]


def current(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    table: str,
    *,
    known_at: datetime | None = None,
    participants: Iterable[int] | None = None,
    days: Days | None = None,
) -> str:
    """Make the view `current_TABLE` on `con` and answer its name: `TABLES[table]`, each key once, the latest received.

    `known_at` (aware): as it was known then. `participants` (vault ids): of these people alone; a range is of all in it.
    `days`: dated from the first to the last. People who have left are in it: whoever reads asks for the grants. Whatever is appended or
    compacted meanwhile, the view stays readable for an hour.
    """
    return Stock(home, table, known_at).view(con, participants=participants, days=days)


class Stock:
    """What the store holds of one table, looked up once for any number of views (see `current`) within half an hour."""

    def __init__(self, home: Home, table: str, known_at: datetime | None = None) -> None:
        self.home, self.table, self.known_at = home, table, known_at
        self.moment = None if known_at is None else known_at.astimezone(UTC).replace(tzinfo=None)
        self._look()

    def _look(self) -> None:
        self._until = time.monotonic() + LOOK
        self._index = indexes.Looked(folder_of(self.home, self.table))
        paths = tail(self.home, self.table, self._index.settled, self.known_at)
        self._new = [(path, box_of(path, self.table)) for path in paths]

    def view(
        self, con: duckdb.DuckDBPyConnection, *, participants: Iterable[int] | None = None, days: Days | None = None
    ) -> str:
        """Make the view `current_TABLE` on `con`, as `current` does, and answer its name. What is swept an hour after it
        was compacted is looked up anew before that."""
        if time.monotonic() >= self._until:
            self._look()
        people = _ordered(participants)
        new = [one for one in self._new if _is_within(one[1], people, days)]
        old = [file for file in self._files(people) if days is None or _touches(file.days, days)]
        sql = self._reading(new, old, where(self.table, moment=self.moment, people=people, days=days))
        con.execute(f"CREATE OR REPLACE TEMP VIEW current_{self.table} AS {sql}")
        return f"current_{self.table}"

    def _files(self, people: Sequence[int] | None) -> list[indexes.File]:
        buckets = self._index.buckets if people is None else _buckets(people, bucket_size(self.table))
        return [file for bucket in buckets for file in self._index.of(bucket)]

    def _reading(self, new: list[tuple[Path, Box]], old: list[indexes.File], condition: str) -> str:
        """SQL of the newest rows. Versions are compared only where there can be several.

        Compacted files alone hold each key once, and appended ones change nothing outside of the days that they span.
        """
        table, paths, boxes = self.table, [path for path, _ in new], [box for _, box in new]
        past = self.moment is not None and any(file.received > self.moment for file in old)
        kept = [file_path(self.home, table, file) for file in old if past or not file.history]
        if past:
            return newest(table, scan(table, [*kept, *paths], condition))
        every = scan(table, kept, condition)
        if not new:
            return every
        if are_apart([*boxes, *(of_file(file, table) for file in old if not file.history)]):
            return f"{every} UNION ALL {scan(table, paths, condition)}"
        days = min(box.first for box in boxes), max(box.last for box in boxes)
        touched = f"SELECT * FROM ({every}) WHERE {within(table, days)}"
        compared = newest(table, f"{touched} UNION ALL {scan(table, paths, condition)}")
        return f"SELECT * FROM ({every}) WHERE NOT {within(table, days)} UNION ALL {compared}"


def _ordered(people: Iterable[int] | None) -> Sequence[int] | None:
    return people if people is None or isinstance(people, range) else sorted(set(people))


def _buckets(people: Sequence[int], size: int) -> Iterable[int]:
    if isinstance(people, range):
        return range(people.start // size, -(-people.stop // size))
    return dict.fromkeys(one // size for one in people)


def _is_within(box: Box, people: Sequence[int] | None, days: Days | None) -> bool:
    """Whether a file may hold something of these people on these days."""
    if days is not None and not _touches(box.days, days):
        return False
    if people is None:
        return True
    place = bisect_left(people, box.low)
    return place < len(people) and people[place] <= box.high


def _touches(one: Days, other: Days) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def file_path(home: Home, table: str, file: indexes.File) -> Path:
    return folder_of(home, table) / "month" / f"{file.bucket:06d}" / file.name


def days_of(home: Home, participant: int) -> int:
    """On how many days the store holds something of a person."""
    if not (home.vault_store / "wearables").is_dir():
        return 0
    with duck.passing() as con:
        views = (current(con, home, table, participants=[participant]) for table in TABLES)
        every = " UNION ".join(f'SELECT "{DATED[view.removeprefix("current_")]}"::DATE FROM {view}' for view in views)
        (count,) = con.execute(f"SELECT count(*) FROM ({every})").fetchone() or (0,)
    return int(count)
