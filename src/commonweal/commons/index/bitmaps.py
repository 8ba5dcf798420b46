"""Sets of people in one file: written once, read by place. Portable roaring format, so that any language can read them."""

from collections.abc import Iterable
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import IO

import numpy as np
from pyroaring import BitMap

from commonweal.commons.index.layout import Part

Ordinals = np.ndarray  # of uint32


class Writer:
    """Appends bitmaps. Whoever keeps the place of a set can name it under several ids: it is stored once."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = open(path, "wb")  # noqa: SIM115 (closed by `close`)
        self.at = 0

    def add(self, people: BitMap) -> tuple[int, int, int]:
        """Stores a set; returns its place: first byte, length in bytes, how many people."""
        people.run_optimize()
        content = people.serialize()
        begin = self.at
        self._file.write(content)
        self.at += len(content)
        return begin, len(content), len(people)

    def close(self) -> None:
        self._file.close()


def save_lookup(part: Part, places: dict[int, tuple[int, int, int]]) -> None:
    """Writes which set stands where, by id."""
    ids = sorted(places)
    np.save(part.file("ids"), np.array(ids, dtype=np.int64))
    np.save(part.file("places"), np.array([places[i] for i in ids], dtype=np.int64).reshape(-1, 3))


class Lookup:
    """Sets by id. An id that is not there is the empty set."""

    def __init__(self, part: Part, content: mmap | bytes) -> None:
        self.ids: list[int] = np.load(part.file("ids")).tolist()
        self._places = dict(zip(self.ids, np.load(part.file("places")).tolist(), strict=True))
        self._content = content

    def get(self, wanted: int) -> BitMap:
        if wanted not in self._places:
            return BitMap()
        begin, length, _ = self._places[wanted]
        return BitMap.deserialize(self._content[begin : begin + length])

    def any_of(self, wanted: Iterable[int]) -> BitMap:
        found = [self.get(i) for i in wanted if i in self._places]
        return BitMap.union(*found) if found else BitMap()


def load(path: Path) -> mmap | bytes:
    """The bytes of all sets, mapped; an empty file cannot be mapped and is empty."""
    if path.stat().st_size == 0:
        return b""
    with open(path, "rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_READ)
