"""Reading files of FHIR resources as they come: Bundles or NDJSON, plain or gzip, of any size, in bounded memory."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from commonweal.r4 import ndjson, streams
from commonweal.r4.blocks import BLOCK, Block, problem
from commonweal.r4.packed import Bomb, open_plain

_MARK = b"\xef\xbb\xbf"
_BUNDLE = re.compile(rb'"resourceType"\s*:\s*"Bundle"|^\{\s*"entry"\s*:')


def read(path: Path, format: str = "auto") -> Iterator[Block]:
    """The entries of a file. What a file holds never raises; OSError where it cannot be opened.

    `format` other than auto: what is of the other format is a fault. A fault at place 0 is one of the whole file: cut
    off within gzip, empty, no JSON.
    """
    place = 0
    try:
        with open_plain(path) as file:
            for block in _read(file, format):
                if len(block):
                    place = _last(block)
                    yield block
    except Bomb:
        yield problem("bomb", place + 1 if place else 0)
    except EOFError:
        yield problem("truncated", place + 1 if place else 0)


def _read(file: IO[bytes], format: str) -> Iterator[Block]:
    start = _start(file)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield problem("not_utf8")
    elif not start.strip():
        yield problem("empty")
    else:
        lines = _is_lines(start)
        if format != "auto" and lines != (format == "fhir-ndjson"):
            yield problem("other_format")
        else:
            yield from (ndjson if lines else streams).read(start, file)


def _start(file: IO[bytes]) -> bytes:
    """The beginning of the file up to something that is not blank, without a byte-order mark."""
    start = file.read(BLOCK // 4).removeprefix(_MARK)
    while not start.strip() and (more := file.read(BLOCK // 4)):
        start = more
    return start


def _is_lines(start: bytes) -> bool:
    """Whether it is NDJSON: one of its first two lines is a resource of its own and no Bundle."""
    lines = [line for line in start[:BLOCK].split(b"\n", 40) if line.strip()][:2]
    if len(lines) == 1:
        document = _loads(lines[0])
        return _is_resource(document) if document is not None else not _BUNDLE.search(start) and _opens(start)
    return any(_is_resource(_loads(line)) for line in lines)


def _opens(start: bytes) -> bool:
    """One line that goes on beyond the beginning: a long resource, unless it is a Bundle."""
    return len(start) >= BLOCK // 4 and start.lstrip()[:1] == b"{"


def _is_resource(document: Any) -> bool:
    kind = document.get("resourceType") if isinstance(document, dict) else None
    return isinstance(kind, str) and kind != "Bundle"


def _loads(text: bytes) -> Any:
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, RecursionError):
        return None


def _last(block: Block) -> int:
    last = block.places[len(block) - 1]
    return last if isinstance(last, int) else last.as_py()
