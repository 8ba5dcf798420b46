"""What a power cut would take at a moment: files, and names in folders, that nobody has waited for."""

import os
import stat
from collections.abc import Callable, Iterable
from fnmatch import fnmatch
from pathlib import Path


class Disk:
    """Knows from now on which files and folders were synced as they are."""

    def __init__(self, monkeypatch) -> None:
        self._synced: dict[int, int] = {}
        self._marks: list[tuple[str, Callable[[Path], Iterable[Path]], list[list[str]]]] = []
        self._wait, self._move = os.fsync, os.replace
        monkeypatch.setattr(os, "fsync", self._fsync)
        monkeypatch.setattr(os, "replace", self._replace)

    def lost(self, paths: Iterable[Path]) -> list[str]:
        """The names of those that are not on the disk as they are. There must be some to ask for."""
        there = [(path.name, path.stat()) for path in paths]
        assert there
        return [name for name, is_ in there if self._synced.get(is_.st_ino) != _state(is_)]

    def lost_at(self, mark: str, named: Callable[[Path], Iterable[Path]]) -> list[list[str]]:
        """What is lost of the paths that are `named`, each time that a file or folder called `mark` is moved to its place."""
        told: list[list[str]] = []
        self._marks.append((mark, named, told))
        return told

    def _fsync(self, descriptor):
        self._wait(descriptor)
        found = os.fstat(descriptor)
        self._synced[found.st_ino] = _state(found)

    def _replace(self, made, place):
        for mark, named, told in self._marks:
            if fnmatch(Path(place).name, mark):
                told.append(self.lost(named(Path(place))))
        self._move(made, place)


def _state(found: os.stat_result) -> int:
    """What changes with the names in a folder; how long a file is."""
    return found.st_mtime_ns if stat.S_ISDIR(found.st_mode) else found.st_size
