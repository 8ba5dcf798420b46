"""Compacting: by one at a time, in steps of bounded size, each of which is finished or was never begun."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from django.conf import settings

from commonweal.home import Home
from commonweal.vault.compaction.keeping import age, remove_older
from commonweal.vault.compaction.ranges import Runs, holds
from commonweal.vault.locking import alone
from commonweal.vault.records import places
from commonweal.vault.records.compact import index as indexes
from commonweal.vault.records.compact.folding import fold, is_due
from commonweal.vault.records.compact.gathering import gather

MEMORY, THREADS = "576MB", 2  # beyond it DuckDB uses the working folder; each thread needs its share
FEW = 8  # submissions that are left as they are
AT_ONCE = 2_000_000  # rows that are written in one go of the worker
GRACE = places.DAY  # seconds that a reader may take: a release reads all records
SWEEP = 3_600  # seconds between looks for what nobody needs
SWEPT = ".swept"


def tick() -> int:
    """The worker's part: answers how many submissions were taken up."""
    return compact(settings.COMMONWEAL_HOME, least=FEW, most=AT_ONCE, often=False)


def compact(home: Home, *, least: int = 1, most: int | None = None, often: bool = True) -> int:
    """Take up the submissions that wait, if they are `least` or more, and go on folding; answers how many were taken up.

    `most`: rows after which it ends, the rest being for the next time. Of two at once, the second does nothing. `often`
    false: what nobody needs is looked for once in SWEEP seconds.
    """
    folder = places.made(indexes.folder_of(home))
    with alone(folder) as mine:
        if not mine:
            return 0
        taken = _compact(home, least, most or indexes.LAST)
        if often or age(folder / SWEPT) > SWEEP:
            sweep(home)
        return taken


def _compact(home: Home, least: int, most: int) -> int:
    index, taken, rows = indexes.load(home), 0, 0
    with _duck(home) as con:
        while rows < most:
            index, tail = gather(con, home, index, 1 if taken else least)
            if not tail.ended:
                break
            taken, rows = taken + len(tail.ended), rows + tail.rows
        if rows < most and is_due(index):
            fold(con, home, index, most - rows)
    return taken


@contextmanager
def _duck(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with places.spilling(home) as spill, duckdb.connect() as con:
        folder = str(spill).replace("'", "''")
        con.execute(f"SET memory_limit = '{MEMORY}'; SET threads = {THREADS}; SET temp_directory = '{folder}'")
        con.execute("SET enable_progress_bar = false")
        yield con


def sweep(home: Home) -> int:
    """Remove what nobody has needed for GRACE seconds: files of submissions that are compacted, and compacted ones that
    the index does not name; answers how many."""
    index, folder = indexes.load(home), indexes.folder_of(home)
    named = {one.name for one in index.files}
    gone = [path for path in folder.glob("*.parquet") if path.name not in named]
    gone += folder.glob(".*.*")
    for own in (places.events_path(home), places.superseded_path(home)):
        gone += _settled(own.iterdir(), index.settled)
    removed = remove_older(gone, GRACE)
    (folder / SWEPT).touch()
    return removed


def _settled(paths: Iterable[Path], settled: Runs) -> Iterator[Path]:
    """Also files that a killed run began and left: their names begin with a dot."""
    return (path for path in paths if path.name.startswith(".") or holds(settled, int(path.stem)))
