"""The bytes of a text file as UTF-8, whatever it was packed and written in, block by block."""

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

BLOCK = 16 << 20  # bytes
LONGEST = 4 * BLOCK  # of a line
_RATIO, _FREE = 200, 1 << 30  # tables pack to a tenth or so; beyond this they are made to fill a disk
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
Tell = Callable[[str], None]


def blocks(path: Path, tell: Tell, size: int = BLOCK) -> Iterator[bytes]:
    """Pieces of about `size` bytes, each of whole lines that end in a line feed. `tell` hears what is wrong with the file."""
    rest = b""
    for data in _with_feeds(_decoded(_unpacked(path, tell, size), tell)):
        block = rest + data if rest else data
        cut = cut_at(block)
        if not cut and len(block) > LONGEST:
            return tell("endless_line")
        rest = block[cut:]
        if cut:
            yield block[:cut]
    if rest:
        yield rest + b"\n"


def cut_at(block: bytes) -> int:
    """Behind the last line feed that is not within quotation marks; marks that are never closed do not hold up the rest."""
    last = at = block.rfind(b"\n")
    odd = block.count(b'"', 0, at + 1) % 2
    for _ in range(200):
        if at < 0 or not odd:
            break
        before = block.rfind(b"\n", 0, at)
        odd ^= block.count(b'"', before + 1, at) % 2
        at = before
    return (at if at >= 0 and not odd else last) + 1


def _unpacked(path: Path, tell: Tell, size: int) -> Iterator[bytes]:
    if path.suffix.lower() != ".gz":
        with open(path, "rb") as file:
            yield from _read(file, size)
        return
    packed, given = path.stat().st_size, 0
    with gzip.open(path, "rb") as file:
        try:
            for data in _read(file, size):
                given += len(data)
                if given > max(_FREE, packed * _RATIO):
                    return tell("unpacks_too_far")
                yield data
        except (EOFError, gzip.BadGzipFile, zlib.error):
            tell("cut_off")


def _read(file: BinaryIO | gzip.GzipFile, size: int) -> Iterator[bytes]:
    while data := file.read(size):
        yield data


def _decoded(pieces: Iterator[bytes], tell: Tell) -> Iterator[bytes]:
    """UTF-8 as it is, without its mark; UTF-16 turned into it."""
    first = next(pieces, b"")
    name = next((name for mark, name in _MARKS if first.startswith(mark)), "") or _unmarked(first)
    if name == "utf-8-sig":
        first = first[3:]
    elif name:
        tell("encoding")
        decoder = codecs.getincrementaldecoder(name)("replace")
        yield decoder.decode(first).encode()
        for piece in pieces:
            yield decoder.decode(piece).encode()
        return
    yield first
    yield from pieces


def _unmarked(first: bytes) -> str:
    """UTF-16 without a mark has a zero beside each plain letter."""
    head = first[:200]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 4 or not head:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _with_feeds(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Lines that end in a carriage return alone get a line feed instead."""
    first = next(pieces, b"")
    alone = b"\r" in first and b"\n" not in first
    yield first.replace(b"\r", b"\n") if alone else first
    for piece in pieces:
        yield piece.replace(b"\r", b"\n") if alone else piece
