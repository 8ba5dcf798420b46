"""Opening a file that may be gzip, with a bound on what may come out of it."""

import io
import zlib
from pathlib import Path
from typing import IO

FREE = 64 * 1024 * 1024  # bytes that may come out of any file
MOST_PACKED = 120  # times as many bytes as went in; JSON of health records packs 10 to 40 times
_GZIP = 31  # zlib's word for a gzip member of any window


class Bomb(EOFError):
    """Far more comes out of the file than real records can be packed to."""


def open_plain(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked where it begins like gzip, whatever its name.

    Reading on raises Bomb where too much comes out. Where the packing is cut off or broken, the file seems to end
    there, and reading on once more raises EOFError: all that could be unpacked is given before.
    """
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return io.BufferedReader(_Unpacked(open(path, "rb")), 1 << 18) if packed else open(path, "rb")  # noqa: SIM115


class _Unpacked(io.RawIOBase):
    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._member, self._input = file, zlib.decompressobj(_GZIP), b""
        self._given, self._fault, self._told = 0, False, False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def,override]
        more = b""
        while not more and not self._fault and self._fed():
            more = self._unpacked(len(buffer))
        if self._fault and not more:
            if self._told:
                raise EOFError
            self._told = True
        buffer[: len(more)] = more
        self._given += len(more)
        if self._given > FREE and self._given > MOST_PACKED * self._file.tell():
            raise Bomb
        return len(more)

    def _fed(self) -> bool:
        """Whether there is something to unpack; the end of the file within a member is a fault."""
        if self._member.eof:  # another member may follow
            self._input = (self._member.unused_data or self._file.read(1 << 16)).lstrip(b"\0")
            if not self._input:
                return False
            self._member = zlib.decompressobj(_GZIP)
        self._input = self._input or self._file.read(1 << 16)
        self._fault = not self._input
        return not self._fault

    def _unpacked(self, most: int) -> bytes:
        try:
            more = self._member.decompress(self._input, most)
        except zlib.error:
            self._fault = True
            return b""
        self._input = self._member.unconsumed_tail
        return more

    def close(self) -> None:
        self._file.close()
        super().close()
