"""What happened to a tier of a release: `events.jsonl`, append-only, chained by hash and signed with Ed25519.

One JSON object a line, keys sorted: event (built | checked | published | retracted), release, tier, time, actor,
manifest (SHA-256 of manifest.json), details, previous (SHA-256 of the line before, empty for the first), key (id of the
public key) and signature (base64, over the same object without it). A tier is visible while its latest event among
published and retracted is published.
"""

import hashlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from commonweal import files
from commonweal.curation import keys
from commonweal.home import Home

FILE = "events.jsonl"


def _bytes(event: dict[str, Any]) -> bytes:
    return orjson.dumps(event, option=orjson.OPT_SORT_KEYS)


def read(folder: Path) -> list[dict[str, Any]]:
    """The events of a tier's folder, oldest first; a last line cut off by a crash is not an event."""
    path = folder / FILE
    if not path.exists():
        return []
    return [orjson.loads(line) for line in path.read_bytes().split(b"\n")[:-1] if line]


def append(
    home: Home, folder: Path, event: str, *, release: str, tier: str, actor: str, details: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Write one event and sync it to disk; it holds from then on. `actor` is a role or a program, never a person."""
    path = folder / FILE
    lines = path.read_bytes().split(b"\n") if path.exists() else [b""]
    key = keys.signing_key(home)
    entry: dict[str, Any] = {
        "event": event,
        "release": release,
        "tier": tier,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "actor": actor,
        "manifest": files.sha256(folder / "manifest.json"),
        "details": details or {},
        "previous": hashlib.sha256(lines[-2]).hexdigest() if len(lines) > 1 else "",
        "key": keys.key_id(key.public_key()),
    }
    entry["signature"] = b64encode(key.sign(_bytes(entry))).decode()
    files.append(path, _bytes(entry))
    return entry


def faults(folder: Path, public: Ed25519PublicKey) -> list[str]:
    """What is wrong with the events of a tier: a broken chain, a wrong signature, a manifest that is not the signed one."""
    found: list[str] = []
    path = folder / FILE
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    if not lines:
        return ["there are no events"]
    previous = ""
    for number, line in enumerate(lines, 1):
        entry = orjson.loads(line)
        if entry.get("previous") != previous:
            found.append(f"event {number} does not follow the one before it")
        if not _signed(entry, public):
            found.append(f"event {number} is not signed by this program's key")
        previous = hashlib.sha256(line).hexdigest()
    if orjson.loads(lines[-1])["manifest"] != files.sha256(folder / "manifest.json"):
        found.append("the manifest is not the one that the last event speaks of")
    return found


def _signed(entry: dict[str, Any], public: Ed25519PublicKey) -> bool:
    rest = {name: value for name, value in entry.items() if name != "signature"}
    try:
        public.verify(b64decode(entry["signature"]), _bytes(rest))
    except (InvalidSignature, KeyError, ValueError):
        return False
    return True


def status(folder: Path) -> str:
    """built | checked | failed (its checks) | published | retracted, by the latest event that speaks of this manifest."""
    events = read(folder)
    if not events:
        return "building"
    manifest = files.sha256(folder / "manifest.json")
    last = next((e for e in reversed(events) if e["manifest"] == manifest), None)
    if last is None:
        return "building"
    return "failed" if last["event"] == "checked" and not last["details"].get("passed") else str(last["event"])
