"""Files that one writer replaces while others read are kept for those who still read them."""

import os
import time
from collections.abc import Iterable
from pathlib import Path


def touch(paths: Iterable[Path]) -> None:
    """From now on, time runs for those who still read these files."""
    for path in paths:
        os.utime(path)


def age(path: Path) -> float:
    """Seconds since a file was written or touched; without end where it is not there."""
    return time.time() - path.stat().st_mtime if path.exists() else float("inf")


def remove_older(paths: Iterable[Path], seconds: float) -> int:
    """Remove those of `paths` that nobody has needed for so long; answers how many."""
    old = [path for path in paths if seconds < age(path) < float("inf")]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
