"""One import of a person at a time, in whatever process or thread: the second waits, and finds what the first has taken."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from commonweal.home import Home

LOCKS = 256  # files; people who share one wait for each other, which is rare and does no harm


@contextmanager
def one_at_a_time(home: Home, number: int) -> Iterator[None]:
    """Hold the lock of a person (vault id); it is let go also when the process is killed.

    `flock` belongs to the opened file, and so keeps threads of one process apart too.
    """
    folder = home.vault_store / "wearables" / ".locks"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(folder / f"{number % LOCKS:03d}", os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
