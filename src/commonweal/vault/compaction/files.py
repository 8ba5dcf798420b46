"""Files that one writer replaces while others read: there whole or not at all, and kept for those who still read them."""

import os
import time
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, told: bytes) -> None:
    """Put `told` in place in one step, on the disk, readable by its owner only."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(told)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    to_disk(path.parent)


def to_disk(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
