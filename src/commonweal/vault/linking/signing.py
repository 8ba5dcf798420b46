"""The assertion by which a program says who it is (SMART App Launch 2.2, asymmetric; RFC 7523): a JWT, signed by our key."""

import base64
import secrets
import time
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from commonweal.errors import BadInput

LIVES = 240  # seconds; a server need not take one that lives longer than five minutes
ES384, RS384 = "ES384", "RS384"
_HALF = 48  # bytes of each number of an ES384 signature (RFC 7518, 3.4)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def read_key(path: Path, algorithm: str) -> Key:
    """The private key (PEM, not encrypted) of a file that only its owner can read. Raises BadInput, without its content."""
    if not path.is_file():
        raise BadInput(f"the key {path.name} is not in the vault's keys: put the private key there (PEM, mode 0600)")
    if path.stat().st_mode & 0o077:
        raise BadInput(f"the key {path.name} can be read by others: chmod 600 it")
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInput(f"the key {path.name} is no private key in PEM without a password") from None
    if algorithm == ES384 and isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP384R1):
        return key
    if algorithm == RS384 and isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return key
    raise BadInput(
        f"the key {path.name} does not fit {algorithm}: that needs P-384 (ES384) or RSA of 2048 bits (RS384)"
    )


def assertion(key: Key, key_id: str, client_id: str, token_url: str, algorithm: str) -> str:
    """A new assertion, to be used once."""
    now = int(time.time())
    header = {"alg": algorithm, "kid": key_id, "typ": "JWT"}
    claims = {"iss": client_id, "sub": client_id, "aud": token_url, "iat": now, "exp": now + LIVES}
    signed = f"{_part(header)}.{_part(claims | {'jti': secrets.token_urlsafe(24)})}"
    return f"{signed}.{_text(_signature(key, signed.encode()))}"


def _signature(key: Key, signed: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, padding.PKCS1v15(), hashes.SHA384())
    pair = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA384())))
    return b"".join(number.to_bytes(_HALF) for number in pair)


def _part(value: dict[str, Any]) -> str:
    return _text(orjson.dumps(value))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
