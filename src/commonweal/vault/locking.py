"""One at a time, in whatever process or thread. The operating system lets go also when a process is killed."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock `name` in `folder`: the second waits, and finds what the first has done.

    `flock` belongs to the opened file, and so keeps threads of one process apart too.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / hashlib.sha256(name.encode()).hexdigest()[:16]
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else holds the lock of `folder` now; nobody waits."""
    with open(os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
