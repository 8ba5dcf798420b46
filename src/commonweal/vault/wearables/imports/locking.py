"""One import of a person at a time, in whatever process or thread: the second waits, and finds what the first has taken."""

from collections.abc import Iterator
from contextlib import contextmanager

from commonweal.home import Home
from commonweal.vault.locking import held

LOCKS = 256  # files; people who share one wait for each other, which is rare and does no harm


@contextmanager
def one_at_a_time(home: Home, number: int) -> Iterator[None]:
    """Hold the lock of a person (vault id); it is let go also when the process is killed."""
    with held(home.vault_store / "wearables" / ".locks", str(number % LOCKS)):
        yield
