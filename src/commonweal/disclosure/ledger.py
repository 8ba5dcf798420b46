"""Each leaving of a number is written down. Each site keeps its own ledger; this is what it must be able to do."""

import hashlib
from typing import Any, Protocol

import orjson


class Ledger(Protocol):
    """Append-only. `kind`: what left (count, table, attrition, file); `subject_digest`: of the question, see `digest`;
    `result`: what was shown, after the gate; `requester`: who asked, as that site names them, never by name."""

    def record(self, kind: str, subject_digest: str, result: dict[str, Any], requester: str) -> None: ...


def digest(subject: Any) -> str:
    """SHA-256 (hex) of a JSON value in canonical form: keys sorted, no blanks."""
    return hashlib.sha256(orjson.dumps(subject, option=orjson.OPT_SORT_KEYS)).hexdigest()
