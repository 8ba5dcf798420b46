"""Building the index of a release from its tables. It appears whole, or not at all."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from commonweal import files
from commonweal.commons.index import layout
from commonweal.commons.index.bitmaps import Writer
from commonweal.commons.index.families import save_families
from commonweal.commons.index.layout import BITMAPS, NAME, VERSION, Part
from commonweal.commons.index.measuring import count, measure, measured, of_people
from commonweal.commons.index.people import save_people
from commonweal.commons.index.streams import Stream, streams
from commonweal.commons.index.terms import save_terms
from commonweal.commons.index.writing import Clustered, Extent
from commonweal.commons.release import Release

ROWS_AT_ONCE = 4_000_000
Told = Callable[[str, int, int], None]  # what is worked on, parts done, parts in all


def build(release: Release, target: Path, told: Told = lambda *_: None) -> dict[str, Any]:
    """Index `release` into the folder `target`, in place of what is there; returns what index.json says.

    Of two at once the second waits. Memory: some ROWS_AT_ONCE rows and the sets of one stream. Raises BadInput where a
    person is there twice or files of genotypes do not fit, OSError where nothing can be written; then what was there stays.
    """
    work = target.with_name(f".{target.name}.new")
    with _alone(target.parent):
        shutil.rmtree(work, ignore_errors=True)  # of one that was killed
        work.mkdir()
        try:
            contents = _filled(release, work, told)
            _open_to_whom_the_tables_are(work, target.parent)
            files.put(work, target, old=target.with_name(f".{target.name}.old"))
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return contents


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _filled(release: Release, work: Path, told: Told) -> dict[str, Any]:
    if release.call_sets.files:
        release.call_sets.save(work)
    sets = Writer(work / BITMAPS)
    persons, people = save_people(release, work, sets)
    kinds = streams(release)
    about = {}
    for number, stream in enumerate(kinds):
        told(stream.name, number, len(kinds))
        about[stream.name] = _stream(release, work / stream.name, stream, persons, sets)
    sets.close()
    contents: dict[str, Any] = {
        "version": VERSION,
        "release": stamp(release),
        "persons": len(persons),
        "people": people,
    }
    contents |= {"streams": about, "terms": save_terms(release, work)}
    contents["bytes"] = layout.sizes(work)
    files.save_json(work / NAME, contents)
    told("", len(kinds), len(kinds))
    return contents


def _open_to_whom_the_tables_are(work: Path, beside: Path) -> None:
    """Whoever may read the folder beside may read the index."""
    mode = beside.stat().st_mode & 0o777
    for path in [work, *work.rglob("*")]:
        path.chmod(mode if path.is_dir() else mode & 0o666)


def stamp(release: Release) -> str:
    """What an index was built from: the digest of the release; of a plain folder, the sizes and times of its files."""
    if release.manifest:
        return release.digest
    return release.fingerprint


def _stream(release: Release, folder: Path, stream: Stream, persons: np.ndarray, sets: Writer) -> dict[str, object]:
    extent, parts = _read(release, stream, persons)
    clustered = Clustered(folder, stream, extent)
    for rows in parts:
        clustered.take(rows, persons)
    clustered.close()
    for name, ids in extent.codes.items():
        np.save(folder / f"{name}.codes.npy", ids)
    for by in ("concept", "source") if stream.sourced else ("concept",):
        save_families(release, folder, by, _own(folder, by), sets)
    facts = {"rows": extent.total, "concepts": len(extent.concepts), "first_day": extent.first_day}
    return facts | {"columns": list(stream.columns), "sourced": stream.sourced}


def _read(release: Release, stream: Stream, persons: np.ndarray) -> tuple[Extent, Iterable[pa.Table]]:
    """What has to be known of the rows beforehand, and the rows by parts of people, in order."""
    with release.cursor() as cursor:
        total = count(cursor, stream)
        if total > ROWS_AT_ONCE:
            return measure(cursor, stream), _parts(release, stream, np.array_split(persons, -(-total // ROWS_AT_ONCE)))
        rows = cursor.execute(_ordered(stream)).to_arrow_table()
    return measured(rows, stream), [rows]


def _ordered(stream: Stream, where: str = "TRUE") -> str:
    return f"{of_people(stream, where)} ORDER BY person_id, start, id"


def _parts(release: Release, stream: Stream, bounds: list[np.ndarray]) -> Iterator[pa.Table]:
    """The next part is read while the one before is written."""

    def read(part: np.ndarray) -> pa.Table:
        with release.cursor() as cursor:
            asked = _ordered(stream, f"person_id BETWEEN {int(part[0])} AND {int(part[-1])}")
            return cursor.execute(asked).to_arrow_table()

    with ThreadPoolExecutor(1) as ahead:
        waiting = ahead.submit(read, bounds[0])
        for part in bounds[1:]:
            rows, waiting = waiting.result(), ahead.submit(read, part)
            yield rows
        yield waiting.result()


def _own(folder: Path, by: str) -> dict[int, BitMap]:
    """The people of each concept, and of rows without one (NONE), from the rows as they were written."""
    part = Part(folder, f"{by}.rows_of")
    ids, begin = np.load(part.file("ids")), np.load(part.file("begin"))
    person = np.load(folder / "person.npy", mmap_mode="r")
    rows = np.load(folder / "source.rows.npy", mmap_mode="r") if by == "source" else None
    found = {}
    for n, concept in enumerate(ids):
        mine = slice(int(begin[n]), int(begin[n + 1]))
        people = person[mine] if rows is None else person[rows[mine]]
        found[int(concept)] = BitMap(people[np.concatenate(([True], people[1:] != people[:-1]))] if len(people) else [])
    return found
