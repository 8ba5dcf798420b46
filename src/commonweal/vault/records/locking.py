"""One submission of a site at a time, in whatever process or thread: what is new is judged by what is held."""

from collections.abc import Iterator
from contextlib import contextmanager

from commonweal.home import Home
from commonweal.vault.locking import held


@contextmanager
def one_at_a_time(home: Home, site: str) -> Iterator[None]:
    """Hold the lock of a site; it is let go also when the process is killed."""
    with held(home.vault_store / "records" / ".locks", site):
        yield
