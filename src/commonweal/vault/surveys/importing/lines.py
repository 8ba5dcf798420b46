"""Files of surveys as texts of one resource each: NDJSON line by line, a Bundle entry by entry, plain or gzip.

Lines of NDJSON are given as they stand, byte for byte. A line that is broken or too long costs no other line.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import orjson

from commonweal.errors import BadInput
from commonweal.r4.packed import open_plain
from commonweal.vault.surveys.reading import LARGEST

LARGEST_FILE = 512 * 1024 * 1024  # bytes of a file that has to be held whole
LARGEST_FORM = 16 * 1024 * 1024  # bytes of a Questionnaire: one of ten thousand items has two or three million
_FORM, _BUNDLE = (re.compile(rb'"resourceType"\s*:\s*"%s"' % kind) for kind in (b"Questionnaire", b"Bundle"))
_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """The text of one resource at its place (line or entry from 1), or what is wrong (`fault`)."""

    place: int
    text: bytes
    fault: str = ""


def read(path: Path) -> Iterator[Line]:
    """The resources of a file. Raises BadInput where it cannot be opened; whatever it holds is told by lines."""
    place = 0
    try:
        with open_plain(path) as file:
            for line in _read(file):
                place = line.place
                yield line
    except EOFError:
        yield Line(place + 1, b"", "the file is cut off here, or is not gzip: send the rest again")
    except OSError as error:
        raise BadInput(f"the file cannot be read: {error.strerror or 'an error of the disk'}") from None


def _read(file: IO[bytes]) -> Iterator[Line]:
    first = _next(file, 1, most=LARGEST_FILE)
    while first and not first.text and not first.fault:
        first = _next(file, first.place + 1, most=LARGEST_FILE)
    if first is None:
        yield Line(0, b"", "the file is empty")
        return
    first = first._replace(text=first.text.removeprefix(_MARK).strip())
    document = _loads(first.text)
    if document is None and not first.fault and first.text[:1] in b"{[" and len(first.text) < 200:
        yield from _whole(file, first)  # written over several lines
    elif isinstance(document, dict) and document.get("resourceType") == "Bundle":
        yield from _entries(first.text)
        yield from _rest(file, first.place + 1)
    else:
        yield first
        yield from _rest(file, first.place + 1)


def _rest(file: IO[bytes], place: int) -> Iterator[Line]:
    while line := _next(file, place):
        if line.text or line.fault:
            yield line
        place += 1


def _next(file: IO[bytes], place: int, *, most: int = 0) -> Line | None:
    """The next line; None at the end. What is longer than a resource may be is passed over without being held.

    `most`: bytes that a Bundle may have here, none where one may not stand.
    """
    text = file.readline(LARGEST + 1)
    if not text:
        return None
    if len(text) <= LARGEST:
        return Line(place, text.strip())
    start, room = text[:200], most if most and _BUNDLE.search(text) else LARGEST_FORM
    text += file.readline(room - LARGEST)
    may_be_long = bool(_FORM.search(text) or (most and _BUNDLE.search(text)))
    if len(text) < room and may_be_long:
        return Line(place, text.strip())
    while text and not text.endswith(b"\n"):
        text = file.readline(LARGEST)
    return Line(place, start, _longer(room if may_be_long else LARGEST))


def _whole(file: IO[bytes], first: Line) -> Iterator[Line]:
    second = file.readline(LARGEST + 1)
    if _resource(_loads(second.strip())):  # NDJSON whose first line is broken
        yield first._replace(fault="no JSON, or cut off")
        yield Line(first.place + 1, second.strip())
        yield from _rest(file, first.place + 2)
        return
    text = first.text + b"\n" + second + file.read(LARGEST_FILE + 1)
    if len(text) > LARGEST_FILE:
        yield Line(0, b"", f"larger than {LARGEST_FILE // 2**20} MB and no NDJSON: send one resource a line")
        return
    document = _loads(text)
    if isinstance(document, dict) and document.get("resourceType") == "Bundle":
        yield from _entries(text)
    elif len(text) > _limit(document):
        yield Line(1, text[:200], _longer(_limit(document)))
    else:
        yield Line(1, text.strip())


def _entries(text: bytes) -> Iterator[Line]:
    """The resources of a Bundle; numbers stay as they were written."""
    try:
        bundle = json.loads(text, parse_float=orjson.Fragment, parse_int=orjson.Fragment)
    except RecursionError:
        yield Line(0, b"", "the Bundle is nested deeper than can be read")
        return
    entries = bundle.get("entry")
    if not isinstance(entries, list) or not entries:
        yield Line(0, b"", "the Bundle has no entries")
        return
    for place, entry in enumerate(entries, 1):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if resource is None:
            yield Line(place, b"", "the entry has no resource")
        else:
            yield _entry(place, resource)


def _entry(place: int, resource: Any) -> Line:
    try:
        text = orjson.dumps(resource)
    except TypeError:
        return Line(place, b"", "its elements are nested deeper than can be read")
    if len(text) > _limit(resource):
        return Line(place, text[:200], _longer(_limit(resource)))
    return Line(place, text)


def _limit(resource: Any) -> int:
    """Bytes that a resource may have."""
    is_form = isinstance(resource, dict) and resource.get("resourceType") == "Questionnaire"
    return LARGEST_FORM if is_form else LARGEST


def _longer(limit: int) -> str:
    return f"longer than {limit:,} bytes"


def _loads(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        return None


def _resource(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("resourceType"), str)
