"""A map of the United States in tiles of one size, so that a small state is seen as well as a large one.

`tiles.txt` says where each state, the district and each territory lies: eleven tiles across, roughly as on a map.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from commonweal.protocol.states import NAMES
from commonweal.ui import shades
from commonweal.ui.charts import figure

ACROSS, DOWN = 11, 9


@dataclass(frozen=True)
class Tile:
    """One state. `kind`: shade-1 … shade-5, withheld, nothing; `label`: its name and value; `url`: where it leads."""

    code: str
    name: str
    x: int
    y: int
    kind: str
    text: str
    label: str
    url: str = ""


@dataclass(frozen=True)
class TileMap:
    """The tiles with their words and their table, ranked. `legend`: (words, class of the mark)."""

    title: str
    subtitle: str
    tiles: Sequence[Tile]
    legend: Sequence[tuple[str, str]]
    heads: Sequence[tuple[str, str]]
    cells: Sequence[Sequence[tuple[str, str]]]
    source: str = ""
    caption: str = ""

    @property
    def linked(self) -> bool:
        return any(tile.url for tile in self.tiles)


@cache
def places() -> dict[str, tuple[int, int]]:
    """Postal code -> column and row."""
    lines = (Path(__file__).parent / "tiles.txt").read_text(encoding="utf-8").splitlines()
    return {code: (x, y) for y, line in enumerate(lines) for x, code in enumerate(line.split()) if code != "."}


def tilemap(
    title: str,
    rows: Iterable[Mapping[str, Any]],
    measure: str,
    *,
    subtitle: str = "",
    source: str = "",
    caption: str = "",
    limits: Sequence[float] | None = None,
    words: shades.Words = figure,
    label: str = "%(state)s: %(value)s",
) -> TileMap:
    """A map of rows {code, value|None, suppressed, text, url}; a state without a row has no figure.

    `measure` heads the column of the table; `limits`: where steps 2 to 5 begin (by default, fifths of the states);
    `label`: what a tile is called, such as "%(state)s: %(value)s people".
    """
    given = {row["code"]: row for row in rows}
    if strange := given.keys() - NAMES.keys():
        raise ValueError(f"no postal code of a state or territory: {', '.join(sorted(strange))}")
    cells = {code: given.get(code, {"value": None}) for code in places()}
    parts = limits if limits is not None else shades.limits(c["value"] for c in cells.values() if not shades.kind(c))
    tiles = [_tile(code, cell, parts, words, label) for code, cell in cells.items()]
    ranked = sorted(tiles, key=lambda tile: (_rank(cells[tile.code]), tile.name))
    heads = [(_("State or territory"), ""), (measure, "number")]
    body = [[(tile.name, ""), (tile.text, "number")] for tile in ranked]
    told = shades.legend(cells.values(), parts, words)
    return TileMap(title, subtitle, tiles, told, heads, body, source, caption or title)


def _tile(code: str, cell: Mapping[str, Any], parts: Sequence[float], words: shades.Words, label: str) -> Tile:
    text, (x, y), kind = shades.text(cell, words), places()[code], shades.kind(cell)
    said = _("no figure") if kind == shades.NOTHING else text
    called = (label if not kind else "%(state)s: %(value)s") % {"state": NAMES[code], "value": said}
    return Tile(code, NAMES[code], x, y, shades.shade(cell, parts), text, called, str(cell.get("url") or ""))


def _rank(cell: Mapping[str, Any]) -> tuple[int, float]:
    """The most first; then what is withheld, then what has no figure."""
    kind = shades.kind(cell)
    return (1 + (kind == shades.NOTHING), 0.0) if kind else (0, -cell["value"])
