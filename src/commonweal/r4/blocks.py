"""FHIR files as blocks of texts of one resource each, with what is wrong in between; nothing of a file is quoted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa

FORMATS = ("auto", "fhir-bundle", "fhir-ndjson")
LARGEST = 16 * 1024 * 1024  # bytes of one resource
BLOCK = 4 * 1024 * 1024  # bytes that are read at a time


@dataclass
class Block:
    """Entries in their order. A fault at place 0 is one of the file as a whole."""

    places: Sequence[int] = field(default_factory=list)  # line or entry of the file, from 1
    lines: Sequence[str | None] | pa.Array = field(default_factory=list)  # JSON texts, null where there is a fault
    urls: Sequence[str | None] | pa.Array = field(default_factory=list)  # an entry's fullUrl
    faults: Sequence[str | None] | pa.Array = field(default_factory=list)
    size: int = 0  # about how many bytes

    def add(self, place: int, line: str | None, *, url: str | None = None, fault: str | None = None) -> None:
        """One more, to a block that is made one by one."""
        for cells, value in ((self.places, place), (self.lines, line), (self.urls, url), (self.faults, fault)):
            cells.append(value)  # type: ignore[union-attr]
        self.size += len(line or "")

    def __len__(self) -> int:
        return len(self.places)


def problem(fault: str, place: int = 0) -> Block:
    block = Block()
    block.add(place, None, fault=fault)
    return block
