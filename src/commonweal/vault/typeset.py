"""Plain values as a tagged archival PDF (PDF/A-2a and PDF/UA-1), by typst. What people wrote goes in as data, never as markup.

Libertinus Serif comes with typst; other scripts are drawn with the fonts of the machine. Where it has none for a letter, a
box stands for it and the document says which letters these are: no document fails for somebody's name.
"""

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from commonweal.errors import BadInput

STANDARDS: Any = ["a-2a", "ua-1"]
_one_at_a_time = Lock()
_DRAWABLE = 0x0250  # below it stand the Latin letters, which the font of typst has all
_PUNCTUATION = range(0x2010, 0x2027)


def make(template: Path, data: dict[str, Any], at: datetime, what: str) -> bytes:
    """The PDF of `data`, which `template` reads as JSON; the same data and moment give the same bytes.

    `undrawn` is added to the data: the letters that could not be drawn. `what` names the document in an error: BadInput
    where typst cannot make it.
    """
    try:
        return _compiled(template, data | {"undrawn": ""}, at)
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise BadInput(f"{what}: typst says {_first_line(error)}") from None
    try:
        return _compiled(template, _boxed(data), at)
    except typst.TypstError as error:
        raise BadInput(f"{what}: typst says {_first_line(error)}") from None


def _compiled(template: Path, data: dict[str, Any], at: datetime) -> bytes:
    inputs = {"data": json.dumps(data)}
    how: dict[str, Any] = {"format": "pdf", "pdf_standards": STANDARDS, "timestamp": int(at.timestamp())}
    with _one_at_a_time:
        made = _compiler().compile(_source(template), sys_inputs=inputs, **how)
    assert isinstance(made, bytes)
    return made


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """One for the process: looking for fonts takes longer than making a document."""
    return typst.Compiler()


@lru_cache(maxsize=8)
def _source(template: Path) -> bytes:
    return template.read_bytes()


def _first_line(error: Exception) -> str:
    """What typst says of the template; without quoted text, which may be a person's."""
    return str(error).splitlines()[0].split('"')[0].split("`")[0].strip() or "that it cannot be made"


def _boxed(data: dict[str, Any]) -> dict[str, Any]:
    """The data with a box for each letter that may not be drawable, and which ones these are."""
    seen: dict[str, None] = {}

    def boxed(value: Any) -> Any:
        if isinstance(value, str):
            seen.update(dict.fromkeys(c for c in value if not _is_drawable(c)))
            return "".join(c if _is_drawable(c) else "□" for c in value)
        if isinstance(value, dict):
            return {key: boxed(inside) for key, inside in value.items()}
        return [boxed(inside) for inside in value] if isinstance(value, list) else value

    changed = boxed(data)
    changed["undrawn"] = " ".join(f"U+{ord(c):04X}" for c in seen)
    return changed


def _is_drawable(character: str) -> bool:
    code = ord(character)
    return 0x20 <= code < _DRAWABLE or code in _PUNCTUATION or 0x1E00 <= code <= 0x1EFF or character == "□"
