"""Sets of people at rest: sealed with a key of this site (AES-256-GCM), bound to the release they are of."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pyroaring import BitMap

from commonweal.home import secret_key
from commonweal.workbench.studio.releases import home

_NONCE = 12


def sealed(people: BitMap, release: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + _cipher().encrypt(nonce, people.serialize(), release.encode())


def opened(content: bytes, release: str) -> BitMap:
    """Raises InvalidTag where the content is not what was sealed, or of another release."""
    content = bytes(content)
    return BitMap.deserialize(_cipher().decrypt(content[:_NONCE], content[_NONCE:], release.encode()))


def _cipher() -> AESGCM:
    return AESGCM(secret_key(home().research_keys, "exports.key"))
