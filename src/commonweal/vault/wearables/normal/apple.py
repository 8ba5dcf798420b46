"""Apple Health's export.xml, read as a stream: steps, heart rates, resting heart rate, sleep.

Each record has its start and end on the wall clock with the offset from UTC. iPhone and Watch both count the same steps:
in each minute the source that counted most stands, as Health itself shows one source at a time.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from xml.parsers import expat

import pyarrow as pa

from commonweal.vault.wearables.normal.apple_records import HEART, KINDS, RESTING, SCHEMA, SLEEP, STEPS, Records
from commonweal.vault.wearables.normal.parts import Parts

__all__ = ["HEART", "KINDS", "RESTING", "SLEEP", "STEPS", "read"]

_AT_ONCE = 50_000  # records
_LONGEST = 2**24  # bytes without a tag that begins or ends: no export has them, and they would be held in memory


class CutOff(Exception):
    """The file ends in the middle, or is no XML from some place on: what came before was read."""


def read(parts: Parts, blocks: Iterable[bytes]) -> dict[str, str]:
    """Add the records of an export, given block by block; answers what it says of its owner (attributes of `Me`).

    A file that ends in the middle is read up to there, and counted as `cut_off`.
    """
    me: dict[str, str] = {}
    with Records() as records:
        try:
            for batch in _batches(blocks, me):
                records.add(pa.Table.from_pylist(batch, SCHEMA))
        except CutOff:
            parts.fault("cut_off")
        records.give(parts)
    return me


def _batches(blocks: Iterable[bytes], me: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
    found: list[dict[str, Any]] = []

    def start(tag: str, told: dict[str, str]) -> None:
        if tag == "Record" and told.get("type") in KINDS:
            found.append(_record(told))
        elif tag == "Me":
            me.update(told)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = _refuse
    try:
        for _ in _fed(parser, blocks):
            if len(found) >= _AT_ONCE:
                yield found[:]
                found.clear()
    except (expat.ExpatError, EOFError, OSError):
        yield found
        raise CutOff from None
    yield found


def _fed(parser: expat.XMLParserType, blocks: Iterable[bytes]) -> Iterator[None]:
    """Feed the parser, and stop after each block."""
    given = 0
    for block in blocks:
        parser.Parse(block)
        given += len(block)
        if given - parser.CurrentByteIndex > _LONGEST:
            raise expat.ExpatError("a piece of the file is longer than any of an export")
        yield
    parser.Parse(b"", True)


def _refuse(*args: Any) -> None:
    """Health declares no entities; files that do are made to fill memory."""
    raise expat.ExpatError("entities are not read")


def _record(told: dict[str, str]) -> dict[str, str | None]:
    return {
        "type": told["type"],
        "source": told.get("sourceName", ""),
        "start": told.get("startDate", ""),
        "end": told.get("endDate", ""),
        "value": told.get("value"),
    }
