"""A file on disk that only this program can read: AES-256-GCM in pieces, under a key of the vault, bound to its number.

Each piece is authenticated with its place and whether it is the last one, so that a file that was cut, or whose pieces
were put in another order, is found out (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from commonweal import files
from commonweal.errors import Refused
from commonweal.home import secret_key

PIECE = 1024 * 1024  # bytes of plain text
_PREFIX, _TAG = 7, 16  # of the nonce, which has a counter of four bytes and the mark of the last piece after it


def seal(source: Path, target: Path, number: UUID) -> None:
    """Write `source` sealed to `target`, there whole or not at all."""
    cipher, prefix, size = _cipher(), os.urandom(_PREFIX), source.stat().st_size
    pieces = max(1, -(-size // PIECE))
    with source.open("rb") as plain, files.whole(target, files.PRIVATE) as out:
        out.write(prefix)
        for place in range(pieces):
            nonce = _nonce(prefix, place, place == pieces - 1)
            out.write(cipher.encrypt(nonce, plain.read(PIECE), number.bytes))


def unseal(path: Path, number: UUID) -> Iterator[bytes]:
    """The plain pieces in order. Raises Refused where the file is not what was sealed under this number."""
    cipher, size = _cipher(), path.stat().st_size - _PREFIX
    pieces = max(1, -(-size // (PIECE + _TAG)))
    with path.open("rb") as sealed:
        prefix = sealed.read(_PREFIX)
        for place in range(pieces):
            try:
                yield cipher.decrypt(
                    _nonce(prefix, place, place == pieces - 1), sealed.read(PIECE + _TAG), number.bytes
                )
            except InvalidTag:
                raise Refused("my data: the file is not the one that was made") from None


def _nonce(prefix: bytes, place: int, last: bool) -> bytes:
    return prefix + struct.pack(">IB", place, last)


def _cipher() -> AESGCM:
    return AESGCM(secret_key(settings.COMMONWEAL_HOME.vault_keys, "take-away.key"))
