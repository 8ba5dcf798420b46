"""What submissions brought becomes recent files, each as wide as all people, and soon few."""

from itertools import islice

import duckdb

from commonweal.home import Home
from commonweal.vault.compaction.keeping import touch
from commonweal.vault.compaction.ranges import joined
from commonweal.vault.records.compact import index as indexes
from commonweal.vault.records.compact.index import RECENT, File, Index
from commonweal.vault.records.compact.merging import PIECE, Merging
from commonweal.vault.records.compact.tail import Ended, Tail, waiting

MANY = 500  # submissions that are taken together: each open file takes memory
MOST = 2 * PIECE  # rows that are; more only of one submission


def gather(con: duckdb.DuckDBPyConnection, home: Home, index: Index, least: int) -> tuple[Index, Tail]:
    """Take up what waits, if it is `least` submissions or more; answers the new index and what was taken up."""
    tail = _next(home, index, least)
    if not tail.ended:
        return index, tail
    files = _no_larger(index, tail.rows)
    merging = Merging(con, home, files, tail)
    new = [file for piece in merging.pieces() for file in merging.write(*piece, RECENT)] if tail.paths else []
    gone = files if tail.paths else []
    after = index.without(gone, new, joined(index.settled, tail.numbers))
    touch([*tail.paths, *(indexes.path_of(home, one) for one in gone)])
    indexes.save(home, after)
    return after, tail


def _next(home: Home, index: Index, least: int) -> Tail:
    """The first submissions that wait, up to a limit; none where fewer than `least` do."""
    some = list(islice(waiting(home, index.settled), MANY))
    ended: list[Ended] = []
    rows = 0
    for one in some if len(some) >= least else []:
        count = one.rows
        if ended and rows + count > MOST:
            break
        ended.append(one)
        rows += count
    return Tail(ended, rows)


def _no_larger(index: Index, rows: int) -> list[File]:
    """Recent files that are taken up with so many new rows: each no larger than all smaller ones together.

    So a row is written anew each time that what it lies with has doubled, and recent files are as few as doublings.
    """
    taken = []
    for file in sorted(index.of(RECENT), key=lambda one: one.rows):
        if file.cut or file.rows > rows or file.rows >= PIECE // 2:
            break
        taken.append(file)
        rows += file.rows
    return taken
