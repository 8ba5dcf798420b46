"""One submission of a site at a time, in whatever process or thread: what is new is judged by what is held."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

from commonweal.home import Home
from commonweal.vault.records import store


@contextmanager
def one_at_a_time(home: Home, site: str) -> Iterator[None]:
    """Hold the lock of a site; it is let go also when the process is killed."""
    folder = store.made(home.vault_store / "records" / ".locks")
    name = hashlib.sha256(site.encode()).hexdigest()[:16]
    with open(os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
