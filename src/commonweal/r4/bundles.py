"""Reading files of FHIR resources: a Bundle or NDJSON, plain or gzip, resource by resource, with what is wrong in them.

NDJSON is read line by line; a Bundle has to be held whole and may be of 512 MB at most. Nothing of a file is quoted.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

FORMATS = ("auto", "fhir-bundle", "fhir-ndjson")
LARGEST = 512 * 1024 * 1024
Resource = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """What is wrong at `position` of a file (line or entry from 1; 0 for the file as a whole)."""

    code: str
    message: str
    position: int = 0


def read(path: Path, format: str = "auto") -> Iterator[tuple[int, Resource | Problem]]:
    """(position, resource or Problem) for each entry of a Bundle or line of NDJSON; after a Problem with position 0
    nothing more follows. `format` other than auto: what is of the other format is a problem. Never raises for what a
    file holds; OSError where it cannot be opened."""
    try:
        with open_plain(path) as file:
            yield from _read(file, format)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield 0, Problem("truncated", "the file is cut off or is not gzip: send it again")


def open_plain(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked where it begins like gzip, whatever its name."""
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else open(path, "rb")  # type: ignore[return-value]


def _read(file: IO[bytes], format: str) -> Iterator[tuple[int, Resource | Problem]]:
    first = _first_line(file)
    if not first:
        yield 0, Problem("empty", "the file is empty: send it again")
        return
    document = _loads(first)
    lines = isinstance(document, dict) and document.get("resourceType") != "Bundle"
    if format != "auto" and lines != (format == "fhir-ndjson"):
        yield 0, Problem("other_format", f"the file is not {format}: leave the format out, or send the other one")
        return
    if lines:
        yield from _lines(first, file)
        return
    rest = file.read(LARGEST - len(first) + 1) if document is None else b""
    if len(first) + len(rest) > LARGEST:
        yield 0, Problem("too_large", "a Bundle of more than 512 MB: send NDJSON, which can be of any size")
        return
    yield from _bundle(document if document is not None else _loads(first + rest), first)


def _first_line(file: IO[bytes]) -> bytes:
    """The first line that is not blank, without a byte-order mark."""
    while line := file.readline(LARGEST + 1):
        if line := line.removeprefix(b"\xef\xbb\xbf").strip():
            return line
    return b""


def _loads(text: bytes) -> Any:
    """What the JSON says, None where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _lines(first: bytes, file: IO[bytes]) -> Iterator[tuple[int, Resource | Problem]]:
    yield 1, _resource(first, 1)
    for position, line in enumerate(file, start=2):
        if line := line.strip():
            yield position, _resource(line, position)


def _resource(line: bytes, position: int) -> Resource | Problem:
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        return Problem("not_json", "the line is not JSON, or is cut off", position)
    return _checked(document, position)


def _checked(document: Any, position: int) -> Resource | Problem:
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        return Problem("not_fhir", "not a FHIR resource: it has no resourceType", position)
    return document


def _bundle(document: Any, first: bytes) -> Iterator[tuple[int, Resource | Problem]]:
    if document is None:
        cut = first[:1] in b"{["
        text = "the file is not JSON, or is cut off: send it again"
        yield 0, Problem("truncated" if cut else "not_json", text)
        return
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        yield 0, Problem("not_fhir", "the file is JSON but no FHIR: send a Bundle, or NDJSON with one resource a line")
        return
    if document["resourceType"] != "Bundle":  # one resource, written over several lines
        yield 1, document
        return
    entries = document.get("entry")
    if not isinstance(entries, list) or not entries:
        yield 0, Problem("no_entries", "the Bundle has no entries")
        return
    named = _renamed(entries)
    for position, entry in enumerate(entries, start=1):
        read = _entry(entry, position)
        if named and isinstance(read, dict):
            _point(read, named)
        yield position, read


def _renamed(entries: list[Any]) -> dict[str, str]:
    """fullUrl -> Type/id for the entries whose fullUrl ends otherwise than their id: others refer to them by fullUrl
    (FHIR R4, Bundle: resolving references)."""
    found = {}
    for entry in entries:
        url, resource = (entry.get("fullUrl"), entry.get("resource")) if isinstance(entry, dict) else (None, None)
        kept = resource if isinstance(resource, dict) else {}
        number = kept.get("id")
        if isinstance(url, str) and isinstance(number, str) and _last(url) != number:
            found[url] = f"{kept.get('resourceType')}/{number}"
    return found


def _point(value: Any, named: dict[str, str]) -> None:
    """Let every reference inside `value` that is a key of `named` say its Type/id instead."""
    if isinstance(value, list):
        for one in value:
            _point(one, named)
    elif isinstance(value, dict):
        reference = value.get("reference")
        if isinstance(reference, str) and reference in named:
            value["reference"] = named[reference]
        for one in value.values():
            _point(one, named)


def _last(url: str) -> str:
    return url.rsplit(":" if url.startswith("urn:") else "/", 1)[-1]


def _entry(entry: Any, position: int) -> Resource | Problem:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if resource is None:
        return Problem("no_resource", "the entry has no resource", position)
    checked = _checked(resource, position)
    if isinstance(checked, dict) and "id" not in checked and isinstance(url := entry.get("fullUrl"), str):
        checked["id"] = _last(url)
    return checked
