"""Which compacted files count: one small file, replaced in one step, so that a reader sees the old state or the new.

records/compacted/index.json   {"settled": [[first, last], ...], "files": [{name, kind, low, high, rows, marks, cut}, ...]}
`settled` are the submissions whose own files need not be looked at any more.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import orjson

from commonweal import files
from commonweal.home import Home
from commonweal.vault.compaction.ranges import Runs
from commonweal.vault.records.scanning import People

RECENT, FOLDING, BASE = "recent", "folding", "base"
LAST = (1 << 63) - 1  # beyond every participant


@dataclass(frozen=True)
class File:
    """One compacted file, about participants from `low` to `high`.

    `marks`: rows that say that a row elsewhere is replaced. `cut`: rows of people below `low` do not count any more, because
    another file has them now.
    """

    name: str
    kind: str
    low: int
    high: int
    rows: int
    marks: int = 0
    cut: bool = False

    def meets(self, low: int, high: int) -> bool:
        return self.low <= high and low <= self.high

    def is_about(self, people: People) -> bool:
        """Whether it may have something of these people."""
        if people is None:
            return True
        if isinstance(people, range):
            return self.meets(people.start, people.stop - 1)
        return any(self.low <= one <= self.high for one in people)

    def after(self, high: int) -> "File":
        """The same without the people up to `high`."""
        return self if self.low > high else replace(self, low=high + 1, cut=True)


@dataclass(frozen=True)
class Index:
    settled: Runs = field(default_factory=list)
    files: tuple[File, ...] = ()

    def of(self, *kinds: str) -> list[File]:
        """The files of these kinds, by their first participant."""
        return sorted((one for one in self.files if one.kind in kinds), key=lambda one: (one.low, one.name))

    def without(self, gone: Iterable[File], new: Iterable[File], settled: Runs | None = None) -> "Index":
        """With `new` files in the place of those that are `gone`."""
        left = set(gone)
        files = (*(one for one in self.files if one not in left), *new)
        return Index(self.settled if settled is None else settled, files)


def folder_of(home: Home) -> Path:
    return home.vault_store / "records" / "compacted"


def path_of(home: Home, file: File) -> Path:
    return folder_of(home) / file.name


def load(home: Home) -> Index:
    """The index; empty where nothing was compacted yet."""
    try:
        told = orjson.loads((folder_of(home) / "index.json").read_bytes())
    except FileNotFoundError:
        return Index()
    return Index(told["settled"], tuple(File(**one) for one in told["files"]))


def save(home: Home, index: Index) -> None:
    """Replace the index in one step, after what it names is on the disk."""
    told = {"settled": index.settled, "files": [asdict(one) for one in index.files]}
    files.save(folder_of(home) / "index.json", orjson.dumps(told), files.PRIVATE)
