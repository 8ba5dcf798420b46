"""The fields that people facts are made of, and keys that make the same fact the same."""

import hashlib
from datetime import date, datetime
from typing import Any

PROFILE = (
    "given_name",
    "family_name",
    "birth_date",
    "sex_at_birth",
    "email",
    "phone",
    "address_line",
    "city",
    "state",
    "zip",
    "language",
)
SEXES = ("male", "female", "intersex", "unknown")
LONGEST = {
    "external_id": 80,
    "given_name": 200,
    "family_name": 200,
    "email": 254,
    "phone": 30,
    "address_line": 200,
    "city": 100,
    "zip": 10,
    "mrn": 80,
}


def key(kind: str, *parts: Any) -> str:
    """An idempotency key: the kind of fact and a digest of what makes it this one."""
    text = "\x1f".join(part.isoformat() if isinstance(part, date | datetime) else str(part) for part in parts)
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()}"


def microseconds(moment: datetime) -> int:
    """Since 1970, exactly: what DuckDB's epoch_us gives, so that both doors make the same keys."""
    return int(moment.replace(microsecond=0).timestamp()) * 1_000_000 + moment.microsecond


def age_on(birth: date, day: date) -> int:
    """Completed years of age; someone born on 29 February is a year older on 1 March of common years."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
