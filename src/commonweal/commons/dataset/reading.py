"""JSON that people wrote, read within bounds; what is wrong is said in one short line."""

import re
from typing import Any

import orjson
from pydantic import ValidationError

from commonweal.commons.cohort.problems import first_problem
from commonweal.errors import BadInput

MAX_BYTES = 4_000_000
_LONGEST = 300  # of a message: it may hold a key that somebody made up
_KIND = re.compile(r"(\$\.values\[\d+\])\.(person|feature|rows)\b")


def read(value: Any, what: str) -> dict[str, Any]:
    """A dict from JSON text, bytes, or what JSON could hold. Raises BadInput, also for what is longer than MAX_BYTES."""
    try:
        content = value if isinstance(value, str | bytes) else orjson.dumps(value, default=_plain)
    except (TypeError, orjson.JSONEncodeError):
        raise BadInput(f"{what}: holds something that JSON cannot; give text, numbers, lists and objects") from None
    if len(content) > MAX_BYTES:
        raise BadInput(f"{what}: larger than {MAX_BYTES:,} bytes; use fewer concepts, or their ancestors")
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"{what}: not JSON (line {error.lineno}, column {error.colno}): {error.msg}") from None
    if not isinstance(found, dict):
        raise BadInput(f"{what}: must be an object")
    return found


def problem(error: ValidationError) -> str:
    """The first problem, in one line: `$.values[0].set: must be text`."""
    text = _KIND.sub(r"\1", first_problem(error))
    if "should match pattern" in text:
        text = text.partition(": ")[0] + ": must begin with a letter, and hold letters, digits and _ alone (63 at most)"
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def shown(text: str) -> str:
    """A name that somebody gave, as a message may quote it: on one line and not long."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= 60 else clean[:60] + "…"


def _plain(value: Any) -> Any:
    """Parsed parts that are given among plain ones."""
    if hasattr(value, "as_json"):
        return value.as_json()
    raise TypeError
