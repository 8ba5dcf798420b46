"""One at a time, in whatever process or thread: the second waits, and finds what the first has done."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(folder: Path, name: str) -> Iterator[None]:
    """Hold the lock `name` in `folder`; it is let go also when the process is killed.

    `flock` belongs to the opened file, and so keeps threads of one process apart too.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / hashlib.sha256(name.encode()).hexdigest()[:16]
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
