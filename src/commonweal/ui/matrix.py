"""Figures of one category by another as a table whose cells are shaded in five steps; each cell says its number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commonweal.ui import shades
from commonweal.ui.charts import figure


@dataclass(frozen=True)
class Matrix:
    """`lines`: (name of the row, [(text, class)]); `corner`: what rows and columns are; `legend`: (words, class)."""

    title: str
    subtitle: str
    corner: str
    heads: Sequence[str]
    lines: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    legend: Sequence[tuple[str, str]]
    source: str = ""
    caption: str = ""


def matrix(
    title: str,
    columns: Sequence[Any],
    rows: Sequence[tuple[Any, Sequence[Mapping[str, Any]]]],
    *,
    corner: str,
    subtitle: str = "",
    source: str = "",
    caption: str = "",
    limits: Sequence[float] | None = None,
    words: shades.Words = figure,
) -> Matrix:
    """Rows (name, cells {value|None, suppressed, text}), a cell for each of `columns`; shades by all cells together."""
    cells = [cell for _name, line in rows for cell in line]
    parts = limits if limits is not None else shades.limits(c["value"] for c in cells if not shades.kind(c))
    lines = []
    for name, line in rows:
        if len(line) != len(columns):
            raise ValueError(f"{len(line)} cells, but {len(columns)} columns")
        lines.append((str(name), [(shades.text(cell, words), shades.shade(cell, parts)) for cell in line]))
    told = shades.legend(cells, parts, words)
    return Matrix(title, subtitle, corner, [str(c) for c in columns], lines, told, source, caption or title)
