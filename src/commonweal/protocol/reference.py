"""reference/: small public tables that rules need, each with its version and where it is from."""

import csv
import hashlib
import io
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import Field

from commonweal.protocol.base import Model, Problem
from commonweal.protocol.reading import read_words


class ReferenceEntry(Model):
    """One table of reference/reference.toml."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    file: Annotated[str, Field(pattern=r"^[a-z0-9_]+\.csv$")]
    version: str
    source: str


class ReferenceFile(Model):
    tables: tuple[ReferenceEntry, ...] = ()


class ReferenceTable(NamedTuple):
    """A table as read: rows are dicts of text by column name; `digest` is the SHA-256 of its bytes."""

    kind: str
    version: str
    source: str
    digest: str
    rows: tuple[dict[str, str], ...]


def read_table(folder: Path, entry: ReferenceEntry, problems: list[Problem]) -> ReferenceTable:
    """The table of an entry; problems: no such file, a row with another number of cells than the header."""
    name = f"reference/{entry.file}"
    if not (folder / name).is_file():
        problems.append(Problem("reference/reference.toml", 0, f"there is no file {name}"))
        return ReferenceTable(entry.kind, entry.version, entry.source, "", ())
    text = read_words(folder, name, problems) or ""
    header, *rows = _cells(text, name, problems) or [[]]
    for line, row in enumerate(rows, start=2):
        if len(row) != len(header):
            problems.append(Problem(name, line, f"{len(row)} cells, but the header names {len(header)} columns"))
    once: dict[str, str] = {}  # words that stand in many rows are kept once
    records = tuple([dict(zip(header, [once.setdefault(cell, cell) for cell in row], strict=False)) for row in rows])
    return ReferenceTable(entry.kind, entry.version, entry.source, hashlib.sha256(text.encode()).hexdigest(), records)


def _cells(text: str, name: str, problems: list[Problem]) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text))
    try:
        return list(reader)
    except csv.Error as error:
        problems.append(Problem(name, reader.line_num, f"no CSV: {error}"))
        return []
