"""What happened to a tier of a release, as the bridge wrote it: `events.jsonl`, chained and signed (Ed25519).

The bridge writes, whoever reads checks: each line's `previous` is the SHA-256 of the line before, its `signature` is
over the same object without it, keys sorted, and `manifest` is the SHA-256 of manifest.json.
"""

import hashlib
from base64 import b64decode
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from commonweal.errors import Refused

PUBLIC_KEY = "signing-key.pub"


def public_key(releases: Path) -> Ed25519PublicKey:
    """The program's public key beside its releases. Raises Refused: without it nothing can be trusted by its name."""
    path = releases / PUBLIC_KEY
    if not path.is_file():
        raise Refused("releases: the program's public key is not there, so no release can be trusted; ask the program")
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, Ed25519PublicKey):
        raise Refused("releases: the program's public key is not of the kind that signs releases; ask the program")
    return key


def read(folder: Path, key: Ed25519PublicKey) -> list[dict[str, Any]]:
    """The events of a tier, oldest first. Raises Refused where the chain is broken or a signature is wrong."""
    path = folder / "events.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []  # a line cut off by a crash is no event
    events, previous = [], ""
    for number, line in enumerate(lines, 1):
        try:
            event = orjson.loads(line)
            key.verify(b64decode(event["signature"]), _signed_bytes(event))
        except (InvalidSignature, KeyError, ValueError, TypeError):
            raise Refused(f"release: its event {number} is not signed by this program; do not use it") from None
        if event.get("previous") != previous:
            raise Refused(f"release: its event {number} does not follow the one before it; do not use it")
        previous = hashlib.sha256(line).hexdigest()
        events.append(event)
    return events


def _signed_bytes(event: dict[str, Any]) -> bytes:
    return orjson.dumps({k: v for k, v in event.items() if k != "signature"}, option=orjson.OPT_SORT_KEYS)


def published(events: list[dict[str, Any]], manifest: bytes, name: str, tier: str) -> dict[str, Any] | None:
    """The event that published this manifest under this name, if no retraction came after; else None."""
    digest = hashlib.sha256(manifest).hexdigest()
    last = next((e for e in reversed(events) if e.get("event") in ("published", "retracted")), None)
    if last is None or last["event"] != "published":
        return None
    mine = last.get("manifest") == digest and last.get("release") == name and last.get("tier") == tier
    return last if mine else None


def retraction(events: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The last retraction, where no publication came after it."""
    last = next((e for e in reversed(events) if e.get("event") in ("published", "retracted")), None)
    return last if last is not None and last["event"] == "retracted" else None
