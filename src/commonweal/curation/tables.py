"""The tables of a release as files: the same rows give the same bytes."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from commonweal import files
from commonweal.curation.duck import quote
from commonweal.omop import tables as cdm
from commonweal.omop.tables import Table

GROUP = 1 << 17  # rows in a Parquet row group
_FORM = f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {GROUP}"


@dataclass
class Built:
    """A finished table: rows, what each rule did, and its files (path in the tier's folder, bytes, sha256)."""

    name: str
    rows: int
    counters: list[dict[str, Any]] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)


def place(name: str, number: int) -> str:
    """Where file `number` of a table lies in a tier's folder."""
    return f"tables/{name}/part-{number:04d}.parquet"


def write(folder: Path, name: str, table: pa.Table) -> Built:
    """A whole table that no rule concerns (vocabulary, periods)."""
    writer = Writer(folder, cdm.tables()[name])
    for start in range(0, table.num_rows, GROUP):
        writer.write(table.slice(start, GROUP))
    return Built(name, table.num_rows, [], [writer.close()])


class Writer:
    """Writes one Parquet file; the same rows give the same bytes."""

    def __init__(self, folder: Path, spec: Table, number: int = 0) -> None:
        self.spec, self.rows = spec, 0
        self.relative = place(spec.name, number)
        self.path = folder / self.relative
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(self.path, spec.schema, compression="zstd", version="2.6")

    def write(self, chunk: pa.Table) -> None:
        self._writer.write_table(chunk.select(self.spec.schema.names).cast(self.spec.schema), row_group_size=GROUP)
        self.rows += chunk.num_rows

    def close(self) -> dict[str, Any]:
        self._writer.close()
        return _described(self.path, self.relative)


def copy(con: duckdb.DuckDBPyConnection, query: str, folder: Path, name: str, number: int) -> Built:
    """The rows of `query`, which has the columns of table `name` in their order, as file `number` of the table.

    The same rows in the same order give the same bytes: the engine writes with one thread.
    """
    relative = place(name, number)
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = con.execute(f"COPY ({query}) TO {quote(path)} ({_FORM})").fetchall()[0][0]
    return Built(name, rows, [], [_described(path, relative)])


def adopt(path: Path, folder: Path, name: str, number: int) -> Built:
    """A Parquet file that another engine wrote, moved to its place as file `number` of the table."""
    relative = place(name, number)
    target = folder / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    files.put(path, target, synced=False)  # `done` waits for it
    return Built(name, pq.read_metadata(target).num_rows, [], [_described(target, relative)])


def done(folder: Path, pieces: list[Built], mark: Path, key: str) -> None:
    """Leave `mark` behind, once the files of the pieces are on the disk: a later run goes on from there."""
    written = [folder / file["path"] for piece in pieces for file in piece.files]
    files.sync(*written, *{path.parent for path in written})
    files.save_json(mark, {"key": key, "built": [asdict(piece) for piece in pieces]}, files.PRIVATE)


def joined(pieces: Iterable[Built]) -> list[Built]:
    """Tables of the pieces that parts of a tier made of them, in the order of the parts."""
    found: dict[str, Built] = {}
    for piece in pieces:
        whole = found.setdefault(piece.name, Built(piece.name, 0))
        whole.rows += piece.rows
        whole.files += piece.files
        whole.counters = _added(whole.counters, piece.counters)
    return list(found.values())


def _added(before: list[dict[str, Any]], more: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each rule did, over all parts so far."""
    if not before:
        return more
    return [
        {name: value if name == "rule" else a[name] + value for name, value in b.items()}
        for a, b in zip(before, more, strict=True)
    ]


def _described(path: Path, relative: str) -> dict[str, Any]:
    return {"path": relative, "bytes": path.stat().st_size, "sha256": files.sha256(path)}
