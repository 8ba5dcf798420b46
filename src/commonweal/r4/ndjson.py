"""NDJSON in blocks of a few megabytes, whatever the size of the file; lines are cut without being copied."""

from collections.abc import Iterator
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.r4.blocks import BLOCK, LARGEST, Block

LINES = 40_000  # of one block: where lines are short, each costs far more than its bytes


def read(start: bytes, file: IO[bytes]) -> Iterator[Block]:
    """The lines of `start` and what follows it in `file`. Blank lines count as lines and are passed over.

    A line that is longer than a resource may be is a fault (too_long) and is not held; one that is not UTF-8 as well.
    """
    reader = _Reader()
    more = start
    while more:
        yield from reader.take(more)
        more = file.read(BLOCK)
    yield from reader.close()


class _Reader:
    def __init__(self) -> None:
        self.place, self.rest, self.too_long = 1, b"", False

    def take(self, more: bytes) -> Iterator[Block]:
        cut = more.rfind(b"\n") + 1
        if cut:
            yield from self._blocks(self.rest + more[:cut])
            self.rest = b""
        self._hold(more[cut:])

    def _hold(self, more: bytes) -> None:
        """What may be the beginning of a line, as far as it may be one."""
        self.rest += more
        if len(self.rest) > LARGEST:
            self.rest, self.too_long = b"", True

    def _blocks(self, text: bytes) -> Iterator[Block]:
        """The blocks of whole lines, each with the end of its line, which JSON allows."""
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == 10) + 1
        offsets = np.concatenate(([0], ends)).astype(np.int32)
        if offsets[-1] < len(text):  # the last line of the file, without an end
            offsets = np.append(offsets, np.int32(len(text)))
        for first in range(0, len(offsets) - 1, LINES):
            yield self._block(text, offsets[first : first + LINES + 1])

    def _block(self, text: bytes, offsets: np.ndarray) -> Block:
        places = pa.array(np.arange(self.place, self.place + len(offsets) - 1))
        self.place += len(offsets) - 1
        lines, faults = _checked(text, offsets)
        if self.too_long:  # the first is what was left of it
            faults[0], self.too_long = "too_long", False
        return _kept(places, lines, faults, offsets)

    def close(self) -> Iterator[Block]:
        if self.rest or self.too_long:
            yield from self._blocks(self.rest or b" ")


def _checked(text: bytes, offsets: np.ndarray) -> tuple[pa.Array, dict[int, str]]:
    """The lines, and what is wrong with some of them (by number from 0)."""
    count = len(offsets) - 1
    faults = {int(n): "too_long" for n in np.flatnonzero(np.diff(offsets) > LARGEST)}
    lines = pa.Array.from_buffers(pa.binary(), count, [None, pa.py_buffer(offsets), pa.py_buffer(text)])
    try:
        return lines.cast(pa.string()), faults
    except pa.ArrowInvalid:
        good = [_decoded(line) for line in lines.to_pylist()]
        faults |= {number: "not_utf8" for number, line in enumerate(good) if line is None}
        return pa.array(good, pa.string()), faults


def _decoded(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def _kept(places: pa.Array, lines: pa.Array, faults: dict[int, str], offsets: np.ndarray) -> Block:
    """Without the blank lines."""
    wrong = pa.array([faults.get(n) for n in range(len(lines))] if faults else pa.nulls(len(lines)), pa.string())
    if faults:
        lines = pc.if_else(pc.is_valid(wrong), pa.scalar(None, pa.string()), lines)
    some = pc.or_kleene(pc.is_valid(wrong), pc.not_equal(pc.ascii_trim_whitespace(lines), ""))
    if not pc.all(some).as_py():
        places, lines, wrong = (column.filter(some) for column in (places, lines, wrong))
    return Block(places, lines, pa.nulls(len(lines), pa.string()), wrong, int(offsets[-1] - offsets[0]))
