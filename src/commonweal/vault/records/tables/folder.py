"""The files of a submission in OMOP form: which table each holds, by its name."""

import hashlib
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from commonweal.files import sha256
from commonweal.omop import submission

_NAME = re.compile(r"([a-z_]+?)(?:[._-]?\d+)*\.(csv|tsv|txt|parquet)(\.gz)?", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    """One file of a table; `number` counts the files of its table from 1 in the order of their names."""

    table: str
    number: int
    path: Path

    @property
    def is_parquet(self) -> bool:
        return self.path.suffix.lower() == ".parquet"


@dataclass(frozen=True)
class Folder:
    """The tables of a submission, and how many files are of no use here (tables that are not read; of other names)."""

    files: tuple[File, ...]
    not_used: tuple[str, ...] = ()
    not_known: int = 0

    def of(self, table: str) -> list[File]:
        return [file for file in self.files if file.table == table]


def is_submission(path: Path) -> bool:
    """Whether a folder looks like tables of OMOP: it has a person table, or one with who persons are."""
    return path.is_dir() and any(table in ("person", "pii_name") for table, _ in _named(path))


def folder(path: Path) -> Folder:
    """What the folder holds. A table may come in several files: `measurement_1.csv`, `measurement_2.csv`."""
    files: list[File] = []
    not_used, counts, not_known = [], dict.fromkeys(submission.tables(), 0), 0
    for table, file in _named(path):
        if table in counts:
            counts[table] += 1
            files.append(File(table, counts[table], file))
        elif table in submission.NOT_USED:
            not_used.append(table)
        else:
            not_known += 1
    return Folder(tuple(files), tuple(not_used), not_known)


def _named(path: Path) -> list[tuple[str, Path]]:
    """(table or '', file), by name; hidden files are nobody's."""
    found = []
    for file in sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith(".")):
        name = _NAME.fullmatch(file.name)
        found.append((name[1].lower() if name else "", file))
    return found


def digest(files: Iterable[File]) -> str:
    """SHA-256 over each file's table and contents: the same tables in files of other names are the same submission."""
    listed = list(files)
    with ThreadPoolExecutor(2) as pool:  # hashing lets other threads run
        each = list(pool.map(lambda file: f"{file.table} {sha256(file.path)}", listed))
    return hashlib.sha256("\n".join(sorted(each)).encode()).hexdigest()
