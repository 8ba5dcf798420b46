"""Merkle tree hash of RFC 6962, section 2.1: leaves and nodes are hashed with prefixes of their own (0x00, 0x01)."""

import hashlib
from collections.abc import Sequence


def leaf(data: bytes) -> bytes:
    """SHA-256 of 0x00 and the data of one entry."""
    return hashlib.sha256(b"\x00" + data).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The tree's root over leaf hashes in order; SHA-256 of nothing for no leaves.

    Level by level from the bottom; an odd hash at the end of a level goes up as it is, which gives the same tree as the
    RFC's split at the largest power of two.
    """
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        above = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = above + level[len(above) * 2 :]
    return level[0]
