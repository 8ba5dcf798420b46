"""Recent files are folded into the base, span by span of people, so that one person's records are in one file."""

from dataclasses import replace

import duckdb

from commonweal.home import Home
from commonweal.vault.compaction.keeping import touch
from commonweal.vault.records.compact import index as indexes
from commonweal.vault.records.compact.index import BASE, FOLDING, LAST, RECENT, File, Index
from commonweal.vault.records.compact.merging import PIECE, Merging
from commonweal.vault.records.compact.tail import Tail
from commonweal.vault.records.scanning import quoted


def is_due(index: Index) -> bool:
    """Whether there is enough in recent files that writing the base anew is worth it, or folding has begun."""
    recent, base = (sum(one.rows for one in index.of(kind)) for kind in (RECENT, BASE))
    return bool(index.of(FOLDING)) or recent >= max(PIECE, base // 2)


def fold(con: duckdb.DuckDBPyConnection, home: Home, index: Index, most: int) -> Index:
    """Fold until about `most` rows are written or nothing is left; the index is saved after each piece.

    Files that are gathered meanwhile wait for the next folding: else the base would be gone through for each of them.
    """
    if not index.of(FOLDING):
        recent = index.of(RECENT)
        index = index.without(recent, [replace(one, kind=FOLDING) for one in recent])
    written = 0
    while index.of(FOLDING) and written < most:
        low, high = _span(index)
        merging = Merging(con, home, [one for one in index.of(FOLDING, BASE) if one.meets(low, high)], Tail())
        for first, last in merging.pieces(low, high):
            new = merging.write(first, last, BASE)
            index = _moved(con, home, index, (first, last), new)
            written += sum(one.rows for one in new)
            if written >= most:
                break
    return index


def _span(index: Index) -> tuple[int, int]:
    """The people up to the next base file, from the first one of whom something is to be folded: base files of people
    of whom nothing came stay as they are."""
    first, bases = index.of(FOLDING)[0].low, index.of(BASE)
    place = max((n for n, one in enumerate(bases) if one.low <= first), default=0)
    low = min(first, bases[place].low) if bases else first
    return low, bases[place + 1].low - 1 if place + 1 < len(bases) else LAST


def _moved(con: duckdb.DuckDBPyConnection, home: Home, index: Index, piece: tuple[int, int], new: list[File]) -> Index:
    """The index once all that was about the people of a piece is in `new` files of the base; it is saved."""
    read = [one for one in index.of(FOLDING, BASE) if one.meets(*piece)]
    left = [file for one in read if (file := _after(con, home, one, piece[1]))]
    after = index.without(read, [*left, *new])
    kept = {one.name for one in left}
    touch(indexes.path_of(home, one) for one in read if one.name not in kept)
    indexes.save(home, after)
    return after


def _after(con: duckdb.DuckDBPyConnection, home: Home, file: File, high: int) -> File | None:
    """A file without its people up to `high`; None where nobody is left."""
    if file.high <= high:
        return None
    path = quoted(indexes.path_of(home, file))
    (low,) = con.execute(
        f"SELECT min(participant) FROM read_parquet({path}) WHERE participant > {high}"
    ).fetchone() or (None,)
    return replace(file, low=low, cut=True)
