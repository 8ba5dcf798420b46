"""Files that are there whole or not at all, and on the disk when a call ends: written beside their place, then moved.

What is written beside its place has a name that begins with a dot. Where writing fails it goes; only a process that is
killed leaves it. `mode` holds from the first byte on, and folders on the way are made for the same readers.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Any

import orjson

PRIVATE = 0o600  # for its owner alone
_STYLE = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


@contextmanager
def whole(path: Path, mode: int = 0o644, *, over: bool = True, synced: bool = True) -> Iterator[IO[bytes]]:
    """A file to write, also by its `name`, that takes the place of `path` once all is written (see `put`)."""
    _make(path.parent, 0o777 if mode & 0o077 else 0o700)
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:
        with open(beside, "xb", opener=partial(os.open, mode=mode)) as file:
            yield file
        put(beside, path, over=over, synced=synced)
    finally:
        beside.unlink(missing_ok=True)


def put(made: Path, place: Path, *, old: Path | None = None, over: bool = True, synced: bool = True) -> None:
    """Move a finished file, or a folder with all that is in it, to its place in one step.

    A file takes the place of an earlier one; with `over` false the earlier one stays (FileExistsError). A folder that is in
    the place is moved to `old`, and removed in the end. With `synced` false nothing waits for the disk: for what nobody
    needs any more, or another call waits for (`sync`), once the machine may have stopped.
    """
    if synced:
        sync(*made.rglob("*"), made)
    if old is not None and place.exists():
        shutil.rmtree(old, ignore_errors=True)
        os.replace(place, old)
    (os.replace if over else os.link)(made, place)
    if synced:
        sync(place.parent)
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)


def sync(*paths: Path) -> None:
    """Wait until files, and the names in folders, are on the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def save(path: Path, content: bytes, mode: int = 0o644, *, over: bool = True) -> None:
    with whole(path, mode, over=over) as file:
        file.write(content)


def save_json(path: Path, value: Any, mode: int = 0o644) -> bytes:
    """The same value gives the same bytes: keys sorted, two spaces. Returns the bytes."""
    content = orjson.dumps(value, option=_STYLE)
    save(path, content, mode)
    return content


def load_json(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


def append(path: Path, line: bytes, mode: int = 0o644) -> None:
    """Add a line, on the disk; what a crash left of one that was never finished goes."""
    with open(path, "r+b", opener=lambda name, flags: os.open(name, flags | os.O_CREAT, mode)) as file:
        end = file.read().rfind(b"\n") + 1
        file.seek(end)
        file.truncate()
        file.write(line + b"\n")
    sync(path, *(() if end else (path.parent,)))


def sweep(folder: Path, seconds: float = 0) -> None:
    """Take away what killed processes began and left anywhere in `folder`, untouched for `seconds`: longer than any writes."""
    for path in folder.rglob(".*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime <= time.time() - seconds:
                path.unlink()


def sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make(folder: Path, mode: int) -> None:
    if not folder.is_dir():
        _make(folder.parent, mode)
        folder.mkdir(mode, exist_ok=True)
        sync(folder.parent)
