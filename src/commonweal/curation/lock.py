"""One at a time: builds and publications of one home do not run side by side."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from commonweal.errors import Refused
from commonweal.home import Home


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Hold the bridge's lock; Refused where another process holds it. It goes when the process does."""
    path = home.vault_store / "curation" / ".lock"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(path, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                "another process is building or publishing a release of this home; try again when it is done"
            ) from None
        yield
