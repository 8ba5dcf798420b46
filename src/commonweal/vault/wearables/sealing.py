"""Tokens of providers, sealed under a key of the vault (AES-256-GCM) and bound to their connection."""

import os

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from commonweal.home import secret_key
from commonweal.vault.wearables.models import Connection

_NONCE = 12  # bytes


class Broken(Exception):
    """The sealed tokens cannot be opened: another key, or they were changed."""


def seal(connection: Connection, tokens: dict[str, str]) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + _cipher().encrypt(nonce, orjson.dumps(tokens), connection.uuid.bytes)


def unseal(connection: Connection) -> dict[str, str]:
    """The tokens. Raises Broken."""
    raw = bytes(connection.sealed)
    try:
        opened = _cipher().decrypt(raw[:_NONCE], raw[_NONCE:], connection.uuid.bytes)
    except (InvalidTag, ValueError):
        raise Broken from None
    tokens: dict[str, str] = orjson.loads(opened)
    return tokens


def _cipher() -> AESGCM:
    return AESGCM(secret_key(settings.COMMONWEAL_HOME.vault_keys, "wearables.key"))
