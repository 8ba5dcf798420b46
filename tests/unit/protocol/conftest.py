"""A copy of the default program that a test may spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from commonweal import protocol


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(protocol.DEFAULT, tmp_path / "program"))


@pytest.fixture
def spoil(folder: Path) -> Callable[[str, str, str], int]:
    """`spoil(file, old, new)` replaces the first `old`, and gives the line where it stood."""

    def replace(name: str, old: str, new: str) -> int:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace
