"""One pass over the files of a submission: parts of it, mapped, lie in a working folder until all is there.

Each part is NUMBER.entries.parquet (a row a resource: what it is, whom it is about, what is wrong), NUMBER.events.parquet
(STAGED: what would be kept of it) and NUMBER.patients.parquet (which participant each Patient is: no name is written),
and counts once NUMBER.done stands beside it. An import that was killed goes on after its last finished part. Memory does
not grow with the files: a few parts are in work at a time, by a thread for each processor, three at most.
"""

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import Any

import duckdb
import numpy as np
import orjson
import pyarrow as pa

from commonweal import duck, files
from commonweal.home import Home
from commonweal.r4 import bundles
from commonweal.r4.blocks import Block
from commonweal.r4.mapping.batches import BATCH, Mapper
from commonweal.r4.mapping.declared import Declared
from commonweal.vault.records import identities, store
from commonweal.vault.records.matching import Matcher
from commonweal.vault.records.parcels import Parcel

ENTRIES = 40_000  # of one part; a part ends with the block in which it reaches this
SIZE = 24 * 1024 * 1024  # bytes of one part, likewise
MOST = (1 << 24) - 1  # resources of one submission: a row of OMOP bears its resource's place in 24 bits
WORKERS = min(3, os.cpu_count() or 1)  # each holds a hundred megabytes
MEMORY = "160MB"  # of each worker; beyond it DuckDB uses the working folder
QUICK = "lz4"  # how parts are packed, which are read soon and thrown away
SAMPLED = 20  # resources of a type that are looked at closely

_ENTRIES_OF = """
    SELECT h.position, h.file, h.place, h.kind, unhex(sha256(h.resource_id)) AS digest, h.subject, h.used,
        coalesce(h.fault, h.late_fault, s.fault) AS fault, h.fault IS NULL AS is_resource, coalesce(s.rows, 0) AS rows,
        CASE WHEN reference_id(h.url) <> h.resource_id THEN h.url END AS url,
        CASE WHEN reference_id(h.url) <> h.resource_id THEN h.resource_id END AS named
    FROM head AS h LEFT JOIN (SELECT position, min(fault) AS fault, count(*) AS rows FROM staged GROUP BY position) AS s
        USING (position) ORDER BY h.position"""
_SAMPLE = f"""SELECT kind, line FROM head WHERE used AND fault IS NULL AND kind NOT IN (SELECT unnest(?))
    QUALIFY row_number() OVER (PARTITION BY kind ORDER BY position) <= {SAMPLED} ORDER BY position"""
_PATIENTS = """SELECT position, file, resource_id, line FROM head
    WHERE kind = 'Patient' AND fault IS NULL AND late_fault IS NULL ORDER BY position"""


@dataclass
class Mapped:
    """A part whose entries and events are written."""

    number: int
    last: int  # position of its last entry
    patients: list[tuple[int, int, str, str]]  # position, file, logical id, text
    sample: list[tuple[str, str]]  # type, text


class Workers:
    """Threads that map parts; kept from one submission to the next, as each prepares the mapping once."""

    def __init__(self, home: Home, declared: Mapping[str, Declared], local_systems: tuple[str, ...] = ()) -> None:
        self._home, self._open = home, ExitStack()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="mapping")
        self._own = local()
        self.declared, self.systems = declared, local_systems

    def start(self, batch: pa.Table, folder: Path, number: int, seen: list[str]) -> "Future[Mapped]":
        return self._pool.submit(self._map, batch, folder, number, seen)

    def _map(self, batch: pa.Table, folder: Path, number: int, seen: list[str]) -> Mapped:
        mapper = self._mapper()
        mapper.take(batch)
        con = mapper.con
        for kind, sql in (("entries", _ENTRIES_OF), ("events", "SELECT * FROM staged WHERE fault IS NULL")):
            store.copy_to(con, sql, _part(folder, number, kind), QUICK, synced=False)
        patients, sample = con.execute(_PATIENTS).fetchall(), con.execute(_SAMPLE, [seen]).fetchall()
        con.execute("DROP TABLE head")
        return Mapped(number, batch["position"][-1].as_py(), patients, sample)

    def _mapper(self) -> Mapper:
        if not hasattr(self._own, "mapper"):
            spill = self._open.enter_context(store.spilling(self._home))
            con = self._open.enter_context(duckdb.connect(config={"threads": 1, "memory_limit": MEMORY}))
            con.execute(f"SET temp_directory = '{str(spill).replace(chr(39), chr(39) * 2)}'")
            self._own.mapper = Mapper(con, self.declared, self.systems)
        return self._own.mapper  # type: ignore[no-any-return]

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._open.close()


class Staging:
    """The parts of one submission in their working folder."""

    def __init__(self, folder: Path, parcel: Parcel, site: str, workers: Workers) -> None:
        self.folder, self.parcel, self.site, self.workers = folder, parcel, site, workers
        folder.mkdir(mode=0o700, exist_ok=True)

    def run(
        self, told: Callable[[int], None], look: Callable[[str, dict[str, Any]], None], seen: Callable[[], list[str]]
    ) -> None:
        """Read what is not read yet. `told` hears of entries, `look` gets some resources of each type not in `seen`."""
        with Matcher(self.site) as matcher:
            self._run(told, lambda part: self._finish(part, matcher, look), seen)

    def _run(
        self, told: Callable[[int], None], finish: Callable[[Mapped], None], seen: Callable[[], list[str]]
    ) -> None:
        waiting: deque[Future[Mapped]] = deque()
        number, done = self._finished()
        try:
            for batch in batches(self.parcel, done):
                number += 1
                waiting.append(self.workers.start(batch, self.folder, number, seen()))
                if len(waiting) > WORKERS:
                    finish(waiting.popleft().result())
                told(len(batch))
            while waiting:
                finish(waiting.popleft().result())
        finally:
            for future in waiting:
                future.cancel()

    def _finished(self) -> tuple[int, int]:
        """(how many parts are finished, the position up to which they reach)."""
        number = last = 0
        while (marker := _part(self.folder, number + 1, "done")).exists():
            number, last = number + 1, files.load_json(marker)["last"]
        return number, last

    def _finish(self, part: Mapped, matcher: Matcher, look: Callable[[str, dict[str, Any]], None]) -> None:
        matched = identities.matched(part.patients, matcher, self.parcel.holders)
        with duck.passing() as con:
            con.register("matched", matched)
            store.copy_to(con, "SELECT * FROM matched", _part(self.folder, part.number, "patients"), synced=False)
        for kind, text in part.sample:
            look(kind, orjson.loads(text))
        files.sync(*(_part(self.folder, part.number, kind) for kind in ("entries", "events", "patients")))
        files.save_json(_part(self.folder, part.number, "done"), {"last": part.last}, files.PRIVATE)

    def files(self, kind: str) -> list[Path]:
        return [_part(self.folder, number, kind) for number in range(1, self._finished()[0] + 1)]

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _part(folder: Path, number: int, kind: str) -> Path:
    return folder / f"{number:06d}.{kind}{'' if kind == 'done' else '.parquet'}"


def batches(parcel: Parcel, done: int = 0) -> Iterator[pa.Table]:
    """The entries of all files as tables of BATCH, cut at the same places each time; the first `done` are passed over.

    Nothing is read on beyond MOST, by which the submission is refused.
    """
    position, held, size = 0, [], 0
    for file, path in enumerate(parcel.paths, start=1):
        for block in bundles.read(path, parcel.format):
            start, position = position, position + len(block)
            if position <= done:
                continue
            held.append((start, file, block))
            size += block.size
            if size >= SIZE or position - held[0][0] >= ENTRIES:
                yield _table(held)
                held, size = [], 0
            if position > MOST:
                break
    if held:
        yield _table(held)


def _table(held: list[tuple[int, int, Block]]) -> pa.Table:
    return pa.concat_tables([_block(*one) for one in held])


def _block(start: int, file: int, block: Block) -> pa.Table:
    count = len(block)
    places = np.arange(start + 1, start + count + 1), np.full(count, file)
    columns = [*places, block.places, block.urls, block.lines, block.faults]
    return pa.table([_column(c, f.type) for c, f in zip(columns, BATCH, strict=True)], schema=BATCH)


def _column(cells: Any, kind: pa.DataType) -> pa.Array:
    return cells.cast(kind) if isinstance(cells, pa.Array) else pa.array(cells, kind)
