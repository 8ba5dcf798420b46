"""Compaction: many appended files become one file for each bucket of people and month.

Safe against being killed anywhere: new files are written beside the old ones, and count when the index that names them
takes the old index's place. What no index names is swept an hour later, when no reader can still be at it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import duckdb
import pyarrow.parquet as pq

from commonweal import duck, files
from commonweal.home import Home
from commonweal.vault.compaction.keeping import age, remove_older, touch
from commonweal.vault.compaction.ranges import Runs, holds, joined, outside
from commonweal.vault.locking import alone
from commonweal.vault.wearables import index as indexes
from commonweal.vault.wearables import selecting, store
from commonweal.vault.wearables.boxes import Box, are_apart, box_of, of_file
from commonweal.vault.wearables.models import Submission
from commonweal.vault.wearables.tables import DATED, TABLES, bucket_size

MEMORY = "512MB"
GRACE = 3600  # seconds that a reader may take
FEW = 8  # appended files of a table that are left as they are
A_DAY = 86_400
LARGE = 8  # parts of an index: with 64 buckets each, a table of minutes of 100,000 people
MANY = 2_000  # appended files: more would make every reader slow
SWEPT = ".swept"


def compact(home: Home, *, least: int = 1, tables: tuple[str, ...] = tuple(TABLES), often: bool = True) -> int:
    """Compact each table that has `least` appended files or more; answers how many files were taken up.

    Of two at once, the second leaves a table alone that the first is at. `often` false, for who comes round every few
    minutes: a large table waits (see `is_time`), and what nobody needs is swept once in GRACE.
    """
    return sum(_compact_table(home, table, least, often) for table in tables)


def _compact_table(home: Home, table: str, least: int, often: bool) -> int:
    folder = store.folder_of(home, table)
    with alone(folder) as mine:
        if not mine:
            return 0
        settled = indexes.Looked(folder).settled
        final = Submission.objects.exclude(state=Submission.RECEIVED).extra(where=[outside(settled)])
        seen = list(final.values_list("pk", flat=True))
        paths = store.tail(home, table, settled)
        due = len(paths) >= least and (often or is_time(folder, paths))
        if due:
            index = indexes.load(folder)
            new = _taken_up(home, table, index, paths, seen)
            touch([*paths, *_beyond(home, table, index, new)])
            made = _beyond(home, table, new, index)
            files.sync(*made, *{path.parent for path in made}, folder / "month")
            indexes.save(folder, new)
        if often or age(folder / SWEPT) > GRACE:
            sweep(home, table)
        return len(paths) if due else 0


def is_time(folder: Path, paths: list[Path]) -> bool:
    """Whether the files of a table are to be taken up. Compacting writes the months of all people anew whose rows came
    in: of many people that takes long, however little came, so that it is done once a day, or for MANY files."""
    large = (folder / "index.json").exists() and len(indexes.Looked(folder).names) > LARGE
    return not large or len(paths) >= MANY or age(min(paths)) >= A_DAY


def _taken_up(home: Home, table: str, index: indexes.Index, paths: list[Path], seen: list[int]) -> indexes.Index:
    """The index with `paths` in it; `seen`: the submissions that had ended before the paths were listed."""
    read = [path for path in paths if int(path.stem) in set(seen)]
    appended = {path: box_of(path, table) for path in read}
    files: list[indexes.File] = []
    places, standing = set(), index.by_place
    with _duck(home) as con:
        for place in _places(con, table, read):
            places.add(place)
            files += _merged(con, home, table, standing.get(place, []), appended, place)
    return index.replacing(places, files, joined(index.settled, seen))


def _beyond(home: Home, table: str, one: indexes.Index, other: indexes.Index) -> list[Path]:
    """What one index names and the other does not."""
    return [store.file_path(home, table, file) for file in set(one.files) - set(other.files)]


def _places(con: duckdb.DuckDBPyConnection, table: str, paths: list[Path]) -> list[tuple[int, str]]:
    size, day = bucket_size(table), DATED[table]
    found = con.execute(
        f"""SELECT DISTINCT participant // {size}, strftime(date_trunc('month', "{day}"), '%Y-%m-%d')
        FROM ({selecting.scan(table, paths)}) ORDER BY ALL"""
    ).fetchall()
    return [(int(bucket), str(month)) for bucket, month in found]


def _merged(
    con: duckdb.DuckDBPyConnection,
    home: Home,
    table: str,
    standing: list[indexes.File],
    appended: Mapping[Path, Box],
    place: tuple[int, str],
) -> list[indexes.File]:
    """Write the new files of one bucket and month: what counts, and what it replaces (where there is any).

    Where no two of the files that are put together can hold the same unit, nothing needs to be compared.
    """
    old = {store.file_path(home, table, file): of_file(file, table) for file in standing}
    whole = _box(table, place)
    files = old | {path: box for path, box in appended.items() if box.meets(whole)}
    rows = selecting.scan(table, list(files), _within(table, place))
    if are_apart(list(files.values())):
        written = [_written(con, home, table, place, f"FROM ({rows})", False)]
    else:
        con.execute(f"CREATE OR REPLACE TEMP TABLE version AS SELECT *, {selecting.place_of(table)} AS n FROM ({rows})")
        rest = (("= 1", False), ("> 1", True))
        written = [
            _written(con, home, table, place, f"FROM (SELECT * EXCLUDE (n) FROM version WHERE n {which})", history)
            for which, history in rest
        ]
    return [file for file in written if file is not None]


def _box(table: str, place: tuple[int, str]) -> Box:
    first = date.fromisoformat(place[1])
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    size = bucket_size(table)
    return Box(place[0] * size, (place[0] + 1) * size - 1, first, last)


def _within(table: str, place: tuple[int, str]) -> str:
    box = _box(table, place)
    return f" WHERE participant BETWEEN {box.low} AND {box.high} AND {selecting.within(table, box.days)}"


def _written(
    con: duckdb.DuckDBPyConnection, home: Home, table: str, place: tuple[int, str], sql: str, history: bool
) -> indexes.File | None:
    """Write the rows of `sql` as a file of a bucket and month; None where there are none."""
    name = f"{place[1][:7]}.{uuid4().hex[:12]}.parquet"
    path = folder_of_bucket(home, table, place[0]) / name
    ordered = f'SELECT * {sql} ORDER BY participant, provider, "{DATED[table]}"'
    duck.copy(con, ordered, path, files.PRIVATE, group=store.ROW_GROUP, synced=False)
    footer = pq.read_metadata(path)
    if not footer.num_rows:
        path.unlink()
        return None
    first, last = (day.isoformat() for day in box_of(path, table).days)
    return indexes.File(*place, name, footer.num_rows, latest_of(footer).isoformat(), first, last, history)


def latest_of(footer: pq.FileMetaData) -> datetime:
    """The newest moment of receipt in a file."""
    column = footer.schema.names.index("received")
    latest: datetime = max(footer.row_group(n).column(column).statistics.max for n in range(footer.num_row_groups))
    return latest


def folder_of_bucket(home: Home, table: str, bucket: int) -> Path:
    folder = store.folder_of(home, table) / "month" / f"{bucket:06d}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def sweep(home: Home, table: str) -> int:
    """Remove what no reader needs: appended files that are settled, and compacted ones that the index does not name."""
    folder = store.folder_of(home, table)
    looked = indexes.Looked(folder)
    named = {file.name for bucket in looked.buckets for file in looked.of(bucket)}
    gone = [path for path in (folder / "month").glob("*/*") if path.name not in named]
    gone += [path for path in (folder / "append").iterdir() if _is_settled(path, looked.settled)]
    gone += [path for path in folder.glob("index-*.json") if path.name not in looked.names]
    gone += folder.glob(".index*")
    removed = remove_older(gone, GRACE)
    (folder / SWEPT).touch()
    return removed


def _is_settled(path: Path, settled: Runs) -> bool:
    """Also a file that a killed run began and left: its name begins with a dot."""
    if path.name.startswith("."):
        return True
    return holds(settled, int(path.stem))


@contextmanager
def _duck(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    work = home.vault_store / "wearables" / ".work"
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    with TemporaryDirectory(prefix="spill-", dir=work) as spill, duckdb.connect() as con:  # two would mix their files
        folder = spill.replace("'", "''")
        con.execute(f"SET memory_limit = '{MEMORY}'; SET temp_directory = '{folder}'; SET enable_progress_bar = false")
        yield con
