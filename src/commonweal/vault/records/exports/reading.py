"""What stands in an export's files of errors and of deletions: counted, and no word of it repeated."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from commonweal.r4.blocks import LARGEST
from commonweal.r4.packed import open_plain
from commonweal.vault.records.mediated.pages import issue_codes


def errors(paths: list[Path]) -> dict[str, int]:
    """How often each kind of error (FHIR issue-type) stands in files of OperationOutcomes; `unreadable`: no JSON."""
    found: Counter[str] = Counter()
    for one in _lines(paths):
        found.update(["unreadable"] if one is None else issue_codes(one) or ["unknown"])
    return dict(found.most_common())


def deleted(paths: list[Path]) -> Iterator[tuple[str, str]]:
    """(type, logical id) of what was deleted at the server since the last export: Bundles of DELETE requests."""
    for bundle in _lines(paths):
        for entry in (bundle or {}).get("entry") or ():
            request = entry.get("request") if isinstance(entry, dict) else None
            if isinstance(request, dict) and request.get("method") == "DELETE":
                kind, _, number = str(request.get("url")).partition("/")
                if kind.isalpha() and number:
                    yield kind, number


def _lines(paths: list[Path]) -> Iterator[dict[str, Any] | None]:
    """The objects in NDJSON files, packed or not; None for a line that is none, and where a packed file breaks off."""
    for path in paths:
        with open_plain(path) as file:
            try:
                lines = iter(lambda: file.readline(LARGEST), b"")  # noqa: B023
                yield from (_object(line) for line in lines if line.strip())
            except EOFError:
                yield None


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        told = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return told if isinstance(told, dict) else None
