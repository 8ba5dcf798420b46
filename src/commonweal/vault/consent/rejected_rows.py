"""Rows that could not be taken, with their reasons, in a file that only the vault's owner can read."""

import csv
import filecmp
import os
from pathlib import Path
from types import TracebackType
from typing import IO

from commonweal import files
from commonweal.vault.people.csv_rows import Row


class RejectedRows:
    """Collects rows in `folder`; `keep` names the file by the next free number. Without `keep` nothing stays."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.count = 0
        self._folder = folder
        self._path = folder / f".rows.{os.getpid()}"
        self._file: IO[str] | None = None

    def __enter__(self) -> "RejectedRows":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()
        self._path.unlink(missing_ok=True)

    def add(self, row: Row, reason: str) -> None:
        if self._file is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            self._file = os.fdopen(os.open(self._path, flags, 0o600), "w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(["line", "reason", "row"])
        self.count += 1
        csv.writer(self._file).writerow([row.line, reason, row.text])

    def keep(self) -> Path | None:
        """The numbered file with the rows; None where there are none. The same rows again are the same file."""
        if not self.count:
            return None
        self._close()
        kept = sorted(self._folder.glob("[0-9]*.csv"))
        for path in kept:
            if filecmp.cmp(path, self._path, shallow=False):
                return path
        number = int(kept[-1].stem) + 1 if kept else 1
        while True:
            path = self._folder / f"{number:06}.csv"
            try:
                files.put(self._path, path, over=False)  # fails where another import has just taken the number
                return path
            except FileExistsError:
                number += 1

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
