"""What is kept of a provider, sealed under a key of the vault (AES-256-GCM) and bound to the connection that it is of."""

import os
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from commonweal.home import secret_key

_NONCE = 12  # bytes


class Broken(Exception):
    """What is sealed cannot be opened: another key, another connection, or it was changed."""


def seal(key: str, uuid: UUID, tokens: dict[str, str]) -> bytes:
    """Tokens of the connection `uuid`, sealed under the key that the vault keeps by the name `key`."""
    return seal_bytes(key, uuid.bytes, orjson.dumps(tokens))


def unseal(key: str, uuid: UUID, sealed: bytes) -> dict[str, str]:
    """The tokens. Raises Broken."""
    tokens: dict[str, str] = orjson.loads(unseal_bytes(key, uuid.bytes, bytes(sealed)))
    return tokens


def seal_bytes(key: str, bound: bytes, content: bytes) -> bytes:
    """`content` sealed; it opens only with the same `bound`."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(key).encrypt(nonce, content, bound)


def unseal_bytes(key: str, bound: bytes, sealed: bytes) -> bytes:
    """What was sealed. Raises Broken."""
    try:
        return _cipher(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
    except (InvalidTag, ValueError):
        raise Broken from None


def _cipher(key: str) -> AESGCM:
    return AESGCM(secret_key(settings.COMMONWEAL_HOME.vault_keys, f"{key}.key"))
