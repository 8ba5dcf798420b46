"""Files that are whole or not there: written beside, synced to disk, then renamed."""

import hashlib
import os
from pathlib import Path
from typing import Any

import orjson

_STYLE = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


def save(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace `path` by `content`; after a crash it is the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def sweep(folder: Path) -> None:
    """Take away what `save` had not finished in `folder` when its process was killed."""
    for path in folder.rglob(".*"):
        if path.is_file():
            path.unlink()


def save_json(path: Path, value: Any, mode: int = 0o644) -> bytes:
    """The same value gives the same bytes: keys sorted, two spaces. Returns the bytes."""
    content = orjson.dumps(value, option=_STYLE)
    save(path, content, mode)
    return content


def load_json(path: Path) -> Any:
    return orjson.loads(path.read_bytes())


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(value: Any) -> str:
    """SHA-256 of a value as canonical JSON."""
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
