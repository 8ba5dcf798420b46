"""Contents of a consent as a tagged archival PDF."""

from datetime import datetime
from pathlib import Path
from typing import Any

from commonweal.vault import typeset
from commonweal.vault.consent.signing import HEIGHT, WIDTH, is_drawing

_TEMPLATE = Path(__file__).parent / "consent.typ"


def make(contents: dict[str, Any], at: datetime) -> bytes:
    """The PDF of `contents` (see `contents.contents_of`); the same contents and moment give the same bytes.

    Raises BadInput where typst cannot make it.
    """
    return typeset.make(_TEMPLATE, contents | {"drawing": _svg(contents)}, at, "consent document")


def _svg(contents: dict[str, Any]) -> str:
    path = (contents["signature"] or {}).get("drawing", "")
    if not is_drawing(path):
        return ""
    stroke = 'fill="none" stroke="#111" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"'
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}><path d="{path}" {stroke}/></svg>'
