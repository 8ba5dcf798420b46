"""The keys that only the bridge holds: for research ids and shifts, for the order of rows, for signing."""

import hashlib
import os
from base64 import b64encode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from commonweal import files
from commonweal.home import Home, secret_key

PUBLIC_KEY = "signing-key.pub"
_NONCE = 12


def ensure(home: Home) -> None:
    """Make every key of the bridge that is not there yet, and lay the public one beside the releases."""
    for name in ("crosswalk.key", "order.key"):
        secret_key(home.bridge_keys, name)
    path = home.releases / PUBLIC_KEY
    pem = signing_key(home).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if not path.exists() or path.read_bytes() != pem:
        files.save(path, pem)


def signing_key(home: Home) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(secret_key(home.bridge_keys, "signing.key"))


def public_key(home: Home) -> Ed25519PublicKey:
    key = load_pem_public_key((home.releases / PUBLIC_KEY).read_bytes())
    assert isinstance(key, Ed25519PublicKey)
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """The first 16 hex digits of the SHA-256 of the raw public key."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def order_salt(home: Home, purpose: str) -> str:
    """A secret by which rows of one purpose are put in an order that nobody else can know or repeat."""
    key = secret_key(home.bridge_keys, "order.key")
    return b64encode(hashlib.blake2b(purpose.encode(), key=key, digest_size=24).digest()).decode()


class Seal:
    """AES-256-GCM under one of the bridge's keys; `bound` ties a sealed value to the place where it belongs."""

    def __init__(self, home: Home, name: str) -> None:
        self._cipher = AESGCM(secret_key(home.bridge_keys, name))

    def close(self, plain: bytes, bound: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, bound)

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        """Raises cryptography.exceptions.InvalidTag where the value was changed or moved."""
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
