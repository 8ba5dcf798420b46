"""An export as it lies before us: a folder, a zip file, or one file. Nothing is unpacked to disk.

Members are read by name through a counter: what an archive claims of its sizes is not believed. Names that lead out of
the archive are left out; they could harm nobody here, and no export has them.
"""

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from commonweal.files import sha256
from commonweal.vault.wearables.imports.refusals import NotTaken

MOST_FILES = 200_000
MOST_BYTES = 30 * 2**30  # unpacked, all files together: ten years of an Apple Watch are 5 GiB
MOST_IN_MEMORY = 256 * 2**20  # a file that is read whole
MOST_RATIO = 1000  # deflate cannot do more than 1032; real exports are at 10 to 40
_SMALL = 50 * 2**20  # up to here any ratio is harmless
BLOCK = 2**20


@dataclass
class Member:
    """One file of an archive: its path within, and a way to read it."""

    name: str
    opened: Callable[[], IO[bytes]]
    budget: "Budget"

    @property
    def base(self) -> str:
        return PurePosixPath(self.name).name

    def blocks(self) -> Iterator[bytes]:
        """Its bytes. Raises EOFError where it is damaged, NotTaken where all together are too much."""
        try:
            with self.opened() as file:
                while block := file.read(BLOCK):
                    self.budget.spend(len(block))
                    yield block
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise EOFError from None
        except NotImplementedError:  # a RuntimeError, so it stands before it
            raise NotTaken("packed_otherwise") from None
        except RuntimeError:  # what zipfile raises for a password
            raise NotTaken("encrypted") from None

    def read(self) -> bytes:
        """All of it. Raises EOFError where it is damaged, ValueError where it is too large to be one of an export."""
        parts, size = [], 0
        for block in self.blocks():
            size += len(block)
            if size > MOST_IN_MEMORY:
                raise ValueError("too large")
            parts.append(block)
        return b"".join(parts)


@dataclass
class Budget:
    """How much may still be read from one archive."""

    left: int = field(default_factory=lambda: MOST_BYTES)

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise NotTaken("too_large")


@contextmanager
def opened(path: Path) -> Iterator[list[Member]]:
    """The members of an export, by name. Raises NotTaken."""
    if path.is_dir():
        yield _of_folder(path)
    elif zipfile.is_zipfile(path):
        with _zip(path) as archive:
            yield _of_zip(archive)
    elif path.suffix.lower() == ".zip":  # the table of contents is at the end: without it nothing can be found
        raise NotTaken("cut_off")
    else:
        yield [Member(path.name, partial(_open, path), Budget())]


@contextmanager
def _zip(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except NotImplementedError:  # of a version of the format that is newer than what can be read
        raise NotTaken("packed_otherwise") from None
    except (zipfile.BadZipFile, OSError, ValueError):
        raise NotTaken("cut_off") from None
    with archive:
        yield archive


def _of_zip(archive: zipfile.ZipFile) -> list[Member]:
    told = [one for one in archive.infolist() if not one.is_dir() and _is_inside(one.filename) and not _is_link(one)]
    if len(told) > MOST_FILES or sum(one.file_size for one in told) > MOST_BYTES:
        raise NotTaken("too_large")
    if any(one.file_size > _SMALL and one.file_size > MOST_RATIO * max(one.compress_size, 1) for one in told):
        raise NotTaken("too_large")
    budget = Budget()
    members = [Member(one.filename, partial(archive.open, one), budget) for one in told]
    return sorted(members, key=lambda member: member.name)


def _is_inside(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.parts and parts.parts[0] == "__MACOSX":  # what macOS keeps of its own in each zip file
        return False
    return not parts.is_absolute() and ".." not in parts.parts and ":" not in name and "\x00" not in name


def _is_link(one: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(one.external_attr >> 16)


def _of_folder(folder: Path) -> list[Member]:
    """Its files; links out of it are not followed."""
    budget, root = Budget(), folder.resolve()
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p.resolve().is_relative_to(root))
    if len(found) > MOST_FILES:
        raise NotTaken("too_large")
    return [Member(p.relative_to(folder).as_posix(), partial(_open, p), budget) for p in found]


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def digest_of(path: Path) -> str:
    """SHA-256 of a file, or of the names and digests of a folder's files."""
    if path.is_dir():
        told = "".join(f"{p.relative_to(path)}\n{sha256(p)}\n" for p in sorted(path.rglob("*")) if p.is_file())
        return hashlib.sha256(told.encode()).hexdigest()
    return sha256(path)
