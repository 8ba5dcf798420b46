"""FHIR files as blocks of texts of one resource each, with what is wrong in between; nothing of a file is quoted."""

from dataclasses import dataclass, field

FORMATS = ("auto", "fhir-bundle", "fhir-ndjson")
LARGEST = 16 * 1024 * 1024  # bytes of one resource
BLOCK = 4 * 1024 * 1024  # bytes that are read at a time


@dataclass
class Block:
    """Entries in their order. A fault at place 0 is one of the file as a whole."""

    places: list[int] = field(default_factory=list)  # line or entry of the file, from 1
    lines: list[bytes | str | None] = field(default_factory=list)
    urls: list[str | None] = field(default_factory=list)  # an entry's fullUrl
    faults: list[str | None] = field(default_factory=list)
    size: int = 0  # about how many bytes

    def add(self, place: int, line: bytes | str | None, *, url: str | None = None, fault: str | None = None) -> None:
        self.places.append(place)
        self.lines.append(line)
        self.urls.append(url)
        self.faults.append(fault)
        self.size += len(line or b"")

    def __len__(self) -> int:
        return len(self.places)


def problem(fault: str, place: int = 0) -> Block:
    block = Block()
    block.add(place, None, fault=fault)
    return block
