"""The bytes of a text file as UTF-8, whatever it was packed and written in, block by block."""

import codecs
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

BLOCK = 8 << 20  # bytes
LONGEST = 8 * BLOCK  # of a line
_GZIP, _STEP = 31, 1 << 20  # zlib's word for gzip; bytes unpacked at once
_RATIO, _FREE = 200, 1 << 30  # tables pack to a tenth or so; beyond this they are made to fill a disk
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
Tell = Callable[[str], None]


def blocks(path: Path, tell: Tell) -> Iterator[bytes]:
    """Pieces of about BLOCK bytes, each of whole lines that end in a line feed. `tell` hears what is wrong with the file."""
    rest = b""
    for data in _with_feeds(_decoded(_unpacked(path, tell), tell)):
        block = rest + data if rest else data
        cut = cut_at(block)
        rest = block[cut:]
        if cut:
            yield block[:cut]
        if len(rest) > LONGEST:
            return tell("endless_line")
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


def _unpacked(path: Path, tell: Tell) -> Iterator[bytes]:
    with open(path, "rb") as file:
        if path.suffix.lower() == ".gz":
            yield from _inflated(file, path.stat().st_size, tell)
        else:
            while data := file.read(BLOCK):
                yield data


def _inflated(file: BinaryIO, packed: int, tell: Tell) -> Iterator[bytes]:
    """What a gzip file unpacks to, as far as it goes, in pieces of BLOCK bytes."""
    given, limit, piece = 0, max(_FREE, packed * _RATIO), bytearray()
    for data in _members(file, tell):
        given += len(data)
        piece += data
        if given > limit:
            tell("unpacks_too_far")
            break
        if len(piece) >= BLOCK:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def _members(file: BinaryIO, tell: Tell) -> Iterator[bytes]:
    """What the members of a gzip file hold, one after the other, never much at once."""
    unpacker = zlib.decompressobj(_GZIP)
    while data := file.read(_STEP):
        while data:
            try:
                yield unpacker.decompress(data, _STEP)
            except zlib.error:
                return tell("cut_off")
            data = unpacker.unconsumed_tail
            if unpacker.eof:
                data, unpacker = unpacker.unused_data.lstrip(b"\0"), zlib.decompressobj(_GZIP)
                if not data and not file.peek(1):  # type: ignore[attr-defined]
                    return
    tell("cut_off")


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
