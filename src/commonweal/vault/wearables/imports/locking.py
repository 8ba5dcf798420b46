"""One import of a person at a time, in whatever process: the second waits, and then finds what the first has taken."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from commonweal.home import Home


@contextmanager
def one_at_a_time(home: Home, number: int) -> Iterator[None]:
    """Hold the lock of a person (vault id): one byte of a shared file, let go also when the process is killed."""
    folder = home.vault_store / "wearables"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(folder / ".people.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, number)
        yield
