"""NDJSON line by line in blocks of a few megabytes, whatever the size of the file."""

from collections.abc import Iterator
from typing import IO

from commonweal.r4.blocks import BLOCK, LARGEST, Block


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
        if b"\n" not in more:
            self._hold(more)
            return
        whole, _, rest = more.rpartition(b"\n")
        yield self._block((self.rest + whole).split(b"\n"))
        self.rest = b""
        self._hold(rest)

    def _hold(self, more: bytes) -> None:
        """What may be the beginning of a line, as far as it may be one."""
        self.rest += more
        if len(self.rest) > LARGEST:
            self.rest, self.too_long = b"", True

    def _block(self, lines: list[bytes]) -> Block:
        block = Block()
        if self.too_long:
            block.add(self.place, None, fault="too_long")
            lines[0], self.too_long = b"", False
        for place, line in [(place, line) for place, line in enumerate(lines, self.place) if line]:
            if len(line) > LARGEST:
                block.add(place, None, fault="too_long")
            elif line := line.strip():
                block.add(place, line)
        self.place += len(lines)
        return block

    def close(self) -> Iterator[Block]:
        if self.rest or self.too_long:
            yield self._block([self.rest])
