"""What is compacted of one table: one small file, replaced in one step, so that a reader sees the old state or the new.

wearables/TABLE/index.json             {"settled": [[first, last], ...], "parts": {"0": "index-0.DIGEST.json", ...}}
wearables/TABLE/index-PART.DIGEST.json   [{bucket, month, name, rows, …}, ...]   of PART_BUCKETS buckets, never changed
`settled` are the submissions that need not be looked at in their own files any more. The index of a million people has
files by the hundred thousand: who reads of one person reads one part, and what has not changed is not written again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from commonweal import files as disk
from commonweal.vault.compaction.keeping import touch
from commonweal.vault.compaction.ranges import Runs

PART_BUCKETS = 64


@dataclass(frozen=True)
class File:
    """One compacted file: the people of a bucket in a month (first day, ISO).

    `history`: rows that newer ones have replaced, kept for readers who ask what was known earlier. `latest`: the newest
    moment of receipt among the rows (ISO, UTC); `first` and `last`: the days that they span.
    """

    bucket: int
    month: str
    name: str
    rows: int
    latest: str
    first: str
    last: str
    history: bool = False

    @property
    def place(self) -> tuple[int, str]:
        return self.bucket, self.month

    @property
    def days(self) -> tuple[date, date]:
        return date.fromisoformat(self.first), date.fromisoformat(self.last)

    @property
    def received(self) -> datetime:
        return datetime.fromisoformat(self.latest)


Place = tuple[int, str]


@dataclass(frozen=True)
class Index:
    settled: Runs = field(default_factory=list)
    files: tuple[File, ...] = ()

    @property
    def by_place(self) -> dict[Place, list[File]]:
        """The files of each bucket and month."""
        found: dict[Place, list[File]] = {}
        for file in self.files:
            found.setdefault(file.place, []).append(file)
        return found

    def replacing(self, places: set[Place], files: list[File], settled: Runs) -> "Index":
        """With `files` instead of all that stood at `places`."""
        kept = [file for file in self.files if file.place not in places]
        return replace(self, settled=settled, files=tuple(sorted([*kept, *files], key=lambda f: (f.place, f.history))))


class Looked:
    """The index of a table as it stood when it was looked at, read part by part as buckets are asked for.

    Parts that a newer index has replaced stay for as long as files that it has replaced.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        told = _head(folder)
        self.settled: Runs = told["settled"]
        self._parts: dict[int, str] = {int(part): name for part, name in told["parts"].items()}
        self._read: dict[int, dict[int, list[File]]] = {}
        if "files" in told:  # as it was written before there were parts
            self._read = {part: _by_bucket(files) for part, files in _grouped(_files(told["files"])).items()}

    @property
    def names(self) -> set[str]:
        """The names of its parts."""
        return set(self._parts.values())

    @property
    def buckets(self) -> list[int]:
        return sorted(bucket for part in {*self._parts, *self._read} for bucket in self._part(part))

    def of(self, bucket: int) -> list[File]:
        """The files of a bucket of people."""
        return self._part(bucket // PART_BUCKETS).get(bucket, [])

    def _part(self, part: int) -> dict[int, list[File]]:
        if part not in self._read:
            name = self._parts.get(part)
            self._read[part] = _by_bucket(_files(orjson.loads((self.folder / name).read_bytes()))) if name else {}
        return self._read[part]


def _head(folder: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = orjson.loads((folder / "index.json").read_bytes())
    except FileNotFoundError:
        return {"settled": [], "parts": {}}
    return {"parts": {}, **told}


def _files(told: Iterable[dict[str, Any]]) -> list[File]:
    return [File(**one) for one in told]


def _by_bucket(files: Iterable[File]) -> dict[int, list[File]]:
    found: dict[int, list[File]] = {}
    for file in files:
        found.setdefault(file.bucket, []).append(file)
    return found


def _grouped(files: Iterable[File]) -> dict[int, list[File]]:
    found: dict[int, list[File]] = {}
    for file in files:
        found.setdefault(file.bucket // PART_BUCKETS, []).append(file)
    return found


def load(folder: Path) -> Index:
    """The whole index of a table's folder; empty where nothing was compacted yet."""
    looked = Looked(folder)
    return Index(looked.settled, tuple(file for bucket in looked.buckets for file in looked.of(bucket)))


def save(folder: Path, index: Index) -> None:
    """Replace the index in one step, after what it names is on the disk. A part that has not changed keeps its file."""
    parts = {}
    for part, files in _grouped(index.files).items():
        told = orjson.dumps([asdict(file) for file in files])
        parts[str(part)] = name = f"index-{part}.{hashlib.sha256(told).hexdigest()[:16]}.json"
        if not (folder / name).exists():
            disk.save(folder / name, told, disk.PRIVATE)
    old = Looked(folder).names - set(parts.values())
    disk.save(folder / "index.json", orjson.dumps({"settled": index.settled, "parts": parts}), disk.PRIVATE)
    touch(folder / name for name in old)
