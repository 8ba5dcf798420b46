"""The rows of a stream, brought together by concept in one pass over people: each part of people fills, for each concept,
the places after those of the people before. Nothing is sorted beyond one part, so memory does not grow with the release."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from commonweal.commons.index.layout import NOBODY, NONE, Part
from commonweal.commons.index.streams import CODED, Stream


@dataclass(frozen=True)
class Extent:
    """What has to be known of a stream before its first row is written."""

    concepts: np.ndarray  # int64, ascending; NONE stands for rows without
    rows: np.ndarray  # rows of each
    sources: np.ndarray
    source_rows: np.ndarray
    first_day: int
    last_day: int
    longest: int  # greatest distance of a start and an end, in days
    most: int  # rows of the person with the most
    codes: dict[str, np.ndarray] = field(default_factory=dict)  # of each coded column: its concepts, ascending

    @property
    def total(self) -> int:
        return int(self.rows.sum())


def narrow(largest: int) -> type:
    """The smallest unsigned type that holds 0 to `largest`."""
    return np.min_scalar_type(max(largest, 0)).type


class Clustered:
    """Opens the files of a stream at their full length and takes its rows part by part, persons ascending."""

    def __init__(self, folder: Path, stream: Stream, extent: Extent) -> None:
        folder.mkdir(parents=True)
        self.folder, self.stream, self.extent = folder, stream, extent
        kinds: dict[str, type] = {
            "person": np.uint32,
            "start": narrow(extent.last_day - extent.first_day),
            "order": narrow(extent.most),
            "end": np.int16 if extent.longest < 2**15 - 1 else np.int32,
            "visit": np.uint32,
            "number": np.float64,
        } | {name: narrow(len(ids)) for name, ids in extent.codes.items()}
        self._files = {
            name: np.lib.format.open_memmap(
                folder / f"{name}.npy", "w+", np.dtype(kinds[name]), (max(extent.total, 1),)
            )
            for name in ("person", "order", *stream.columns)
        }
        self._next = np.concatenate(([0], np.cumsum(extent.rows)[:-1])) if len(extent.rows) else np.zeros(0, np.int64)
        self._begin = self._next.copy()
        self._source_next = np.concatenate(([0], np.cumsum(extent.source_rows)[:-1])) if stream.sourced else self._next
        self._source_begin = self._source_next.copy()
        if stream.sourced:
            shape = (max(int(extent.source_rows.sum()), 1),)
            self._files["source.rows"] = np.lib.format.open_memmap(folder / "source.rows.npy", "w+", np.uint32, shape)

    def take(self, rows: pa.Table, persons: np.ndarray) -> None:
        """Rows of people after those taken before, in the order person, start, id; `persons`: all person ids."""
        if not rows.num_rows:
            return
        person = np.searchsorted(persons, ints(rows["person_id"])).astype(np.uint32)
        opens = np.concatenate(([True], person[1:] != person[:-1]))
        begins = np.flatnonzero(opens)
        order = np.arange(len(person)) - np.repeat(begins, np.diff(np.append(begins, len(person))))
        code = np.searchsorted(self.extent.concepts, ints(rows["concept"]))
        by_concept = np.argsort(code, kind="stable")
        places = _places(code[by_concept], self._next)
        start = days(rows["start"])
        for name, values in self._values(rows, person, order, start):
            self._files[name][places] = values[by_concept]
        if self.stream.sourced:
            self._sources(rows, by_concept, places)

    def _values(
        self, rows: pa.Table, person: np.ndarray, order: np.ndarray, start: np.ndarray
    ) -> Iterable[tuple[str, np.ndarray]]:
        yield "person", person
        yield "order", order
        for name in self.stream.columns:
            column = rows[name]
            if name == "start":
                yield name, start - self.extent.first_day
            elif name == "end":
                none = np.iinfo(self._files[name].dtype).min
                yield name, np.where(valid(column), days(column) - start, none)
            elif name == "visit":
                yield name, np.where(valid(column), ints(column), NOBODY)
            elif name in CODED:
                ids = self.extent.codes[name]
                yield name, np.where(valid(column), np.searchsorted(ids, ints(column)), len(ids))
            else:
                yield name, column.to_numpy(zero_copy_only=False).astype(np.float64)

    def _sources(self, rows: pa.Table, by_concept: np.ndarray, places: np.ndarray) -> None:
        where = np.empty(rows.num_rows, dtype=np.uint32)
        where[by_concept] = places
        known = valid(rows["source"])
        code = np.searchsorted(self.extent.sources, ints(rows["source"])[known])
        by_source = np.argsort(code, kind="stable")
        target = _places(code[by_source], self._source_next)
        self._files["source.rows"][target] = where[known][by_source]

    def close(self) -> None:
        """Writes which rows belong to which concept."""
        for file in self._files.values():
            file.flush()
        for by, ids, begin, rows in (
            ("concept", self.extent.concepts, self._begin, self.extent.rows),
            ("source", self.extent.sources, self._source_begin, self.extent.source_rows),
        ):
            if by == "concept" or self.stream.sourced:
                part = Part(self.folder, f"{by}.rows_of")
                np.save(part.file("ids"), ids)
                np.save(part.file("begin"), np.append(begin, begin[-1] + rows[-1] if len(rows) else 0).astype(np.int64))


def _places(codes: np.ndarray, following: np.ndarray) -> np.ndarray:
    """Where rows of these codes (ascending) go: after the last of their code. `following` moves on."""
    counts = np.bincount(codes, minlength=len(following))
    begins = np.cumsum(counts) - counts
    places = np.arange(len(codes)) + (following - begins)[codes]
    following += counts
    return places


def ints(column: pa.ChunkedArray) -> np.ndarray:
    """int64; NONE where there is no value."""
    return column.cast(pa.int64()).fill_null(NONE).to_numpy()


def valid(column: pa.ChunkedArray) -> np.ndarray:
    return column.is_valid().to_numpy()


def days(column: pa.ChunkedArray) -> np.ndarray:
    """int64 days since 1970; 0 where there is no value."""
    return column.cast(pa.date32()).cast(pa.int32()).fill_null(0).to_numpy().astype(np.int64)
