"""One SHA-256 for all that a protocol folder says; the same on every machine."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

_LEFT_OUT = ("~", ".bak", ".swp", ".orig", ".pyc")


def files(folder: Path) -> Iterator[Path]:
    """The files that count, by their names with slashes: no hidden ones, none that an editor leaves behind."""
    found = {}
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(p.startswith((".", "__")) for p in parts) and not path.name.endswith(_LEFT_OUT):
            found["/".join(parts)] = path
    for name in sorted(found):
        yield found[name]


def digest(folder: Path) -> str:
    """SHA-256 (hex) over each file's name and content, in order of names, with line ends made the same."""
    total = hashlib.sha256()
    for path in files(folder):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        name = path.relative_to(folder).as_posix().encode()
        for part in (name, content):
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()
