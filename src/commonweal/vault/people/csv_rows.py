"""Reading a CSV of people line by line: a broken line is told by its number and costs no other line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from commonweal.errors import BadInput
from commonweal.files import sha256

MOST_LINES = 20  # physical lines of one row: an address may hold a line break, but not a whole file
MOST_CHARACTERS = 20_000


@dataclass(frozen=True)
class Row:
    """One row of the file: its first line's number (from 1, the header), its text, and its values or what is wrong."""

    line: int
    text: str
    values: dict[str, str] | None
    fault: str = ""


def digest(path: Path) -> str:
    """SHA-256 of the file. Raises BadInput where it cannot be read."""
    try:
        return sha256(path)
    except OSError as error:
        raise BadInput(f"the file cannot be read: {error.strerror}") from None


def rows(path: Path, needed: Sequence[str], allowed: Sequence[str]) -> Iterator[Row]:
    """The file's rows. Raises BadInput for a header without all the `needed` columns or with others than `allowed`."""
    with path.open("rb") as file:
        lines = enumerate(file, 1)
        header = _header(next(lines, (1, b""))[1], needed, allowed)
        waiting: list[tuple[int, str]] = []
        for number, raw in lines:
            try:
                waiting.append((number, raw.decode("utf-8")))
            except UnicodeDecodeError:
                yield from _broken(waiting, header)
                waiting = []
                yield Row(number, raw.decode("utf-8", "replace").rstrip("\r\n"), None, "not UTF-8")
                continue
            if _open(waiting):
                if len(waiting) >= MOST_LINES:
                    yield from _broken(waiting, header)
                    waiting = []
                continue
            yield from _row(waiting, header)
            waiting = []
        yield from _broken(waiting, header)


def _header(raw: bytes, needed: Sequence[str], allowed: Sequence[str]) -> list[str]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("line 1: the header is not UTF-8: save the file as UTF-8") from None
    names = [name.strip() for name in next(csv.reader([text]), [])]
    missing = [name for name in needed if name not in names]
    if missing:
        raise BadInput(f"line 1: the header lacks {', '.join(missing)}: add the columns")
    if len(set(names)) != len(names):
        raise BadInput("line 1: the header names a column twice: keep one of them")
    unknown = len(set(names) - set(allowed))
    if unknown:
        raise BadInput(f"line 1: the header has {unknown} columns that are not of this program: remove or rename them")
    return names


def _open(waiting: list[tuple[int, str]]) -> bool:
    """Whether a quotation mark is still open at the end, so that the row goes on in the next line."""
    return sum(text.count('"') for _, text in waiting) % 2 == 1


def _row(waiting: list[tuple[int, str]], header: list[str]) -> Iterator[Row]:
    text = "".join(line for _, line in waiting)
    if not text.strip():
        return
    number, shown = waiting[0][0], text.rstrip("\r\n")
    if len(text) > MOST_CHARACTERS:
        yield Row(number, shown[:200], None, f"longer than {MOST_CHARACTERS} characters")
        return
    try:
        values = next(csv.reader([line for _, line in waiting], strict=True))
    except csv.Error:
        values = []
    if len(values) != len(header) and len(waiting) > 1:  # a stray quotation mark has swallowed lines that may be good
        yield from _broken(waiting, header)
    elif not values:
        yield Row(number, shown, None, "a quotation mark in the wrong place")
    elif len(values) != len(header):
        yield Row(number, shown, None, f"{len(values)} values where the header has {len(header)}")
    elif "\0" in text:
        yield Row(number, shown, None, "holds a NUL character")
    else:
        yield Row(number, shown, dict(zip(header, (value.strip() for value in values), strict=True)))


def _broken(waiting: list[tuple[int, str]], header: list[str]) -> Iterator[Row]:
    """Lines after a quotation mark that never closed: those that are whole by themselves are read, the others told."""
    for number, text in waiting:
        if _open([(number, text)]):
            yield Row(number, text.rstrip("\r\n"), None, "a quotation mark is not closed")
        else:
            yield from _row([(number, text)], header)
