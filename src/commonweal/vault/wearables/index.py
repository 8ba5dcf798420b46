"""What is compacted of one table: one small file, replaced in one step, so that a reader sees the old state or the new.

wearables/TABLE/index.json   {"settled": [[first, last], ...], "files": [{bucket, month, name, rows, …}]}
`settled` are the submissions that need not be looked at in their own files any more.
"""

import os
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import orjson

from commonweal.vault.wearables.ranges import Runs


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


@dataclass(frozen=True)
class Index:
    settled: Runs = field(default_factory=list)
    files: tuple[File, ...] = ()

    @property
    def by_bucket(self) -> dict[int, list[File]]:
        """The files of each bucket of people."""
        found: dict[int, list[File]] = {}
        for file in self.files:
            found.setdefault(file.bucket, []).append(file)
        return found

    def replacing(self, places: set[tuple[int, str]], files: list[File], settled: Runs) -> "Index":
        """With `files` instead of all that stood at `places`."""
        kept = [file for file in self.files if file.place not in places]
        return replace(self, settled=settled, files=tuple(sorted([*kept, *files], key=lambda f: (f.place, f.history))))


def load(folder: Path) -> Index:
    """The index of a table's folder; empty where nothing was compacted yet."""
    try:
        told = orjson.loads((folder / "index.json").read_bytes())
    except FileNotFoundError:
        return Index()
    return Index(told["settled"], tuple(File(**one) for one in told["files"]))


def save(folder: Path, index: Index) -> None:
    """Replace the index in one step, after what it names is on the disk."""
    temporary = folder / f".index.{os.getpid()}"
    told = {"settled": index.settled, "files": [asdict(file) for file in index.files]}
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(orjson.dumps(told))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / "index.json")
