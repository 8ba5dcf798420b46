"""A result as a table that people read: Markdown, HTML, CSV. Empty cells are what is missing or withheld."""

import csv
import html
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

WITHHELD = "withheld"


@dataclass(frozen=True)
class Tabular:
    """`table` holds the numbers, typed; `display` says them as they are read."""

    table: pa.Table

    @property
    def display(self) -> pa.Table:
        return self.table

    def to_markdown(self) -> str:
        """A pipe table (GitHub Flavored Markdown)."""
        names, rows = _texts(self.display)
        lines = [names, ["---"] * len(names), *rows]
        return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"

    def to_html(self) -> str:
        """A table element, escaped; the first column heads each row."""
        names, rows = _texts(self.display)
        head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in names)
        body = "".join(
            f'<tr><th scope="row">{html.escape(first)}</th>{"".join(f"<td>{html.escape(c)}</td>" for c in rest)}</tr>'
            for first, *rest in rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """CSV with a header row; written to `path` too, where given."""
        names, rows = _texts(self.display)
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([names, *rows])
        if path is not None:
            Path(path).write_text(out.getvalue(), encoding="utf-8")
        return out.getvalue()

    def _repr_html_(self) -> str:
        return self.to_html()


def _texts(table: pa.Table) -> tuple[list[str], list[list[str]]]:
    return list(table.column_names), [[_text(v) for v in row.values()] for row in table.to_pylist()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def rounded(value: float | None, digits: int = 3) -> float | None:
    """`value` to a number of significant digits: what a gated result says of a magnitude."""
    return None if value is None else float(f"{value:.{digits}g}")
