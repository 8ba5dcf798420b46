"""A figure of an analysis: a drawing that is saved as a vector file, with the numbers it shows beside it.

Matplotlib draws without a window or a display. The same numbers give the same bytes: no clock and no random names.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv

from commonweal.errors import BadInput

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

PALETTE = ("#0b5d8f", "#c2571a", "#00755a", "#a14f86", "#8a6d00", "#3d7ea6", "#5b5b5b", "#7a3b1d")
INK, LINE = "#211c16", "#cfc4b3"
_KINDS: dict[str, dict[str, Any]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None, "ModDate": None}}
_STYLE: Any = {
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.size": 10,
    "legend.frameon": False,
    "pdf.fonttype": 42,
    "svg.fonttype": "none",
    "svg.hashsalt": "commonweal",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class Figure:
    """`numbers` holds what is drawn, one row a mark."""

    drawing: "Drawing"
    numbers: pa.Table

    def save(self, path: str | os.PathLike[str]) -> list[Path]:
        """Writes PATH (.svg or .pdf) and, under the same name, its numbers as .csv; returns both paths.

        Raises BadInput for a file of another kind.
        """
        import matplotlib

        target = Path(path)
        if target.suffix not in _KINDS:
            raise BadInput(f"figure {target.name}: give a name that ends in .svg or .pdf")
        with matplotlib.rc_context(_STYLE):
            self.drawing.savefig(target, metadata=_KINDS[target.suffix])
        beside = target.with_suffix(".csv")
        pyarrow.csv.write_csv(self.numbers, beside)
        return [target, beside]


def axes(width: float = 7.2, height: float = 4.2) -> tuple["Drawing", "Axes"]:
    """A drawing of `width` x `height` inches with one pair of axes. Raises BadInput where Matplotlib is not there."""
    try:
        import matplotlib
        from matplotlib.figure import Figure as Drawing
    except ImportError:
        raise BadInput("figures need more libraries: pip install 'commonweal[analysis]'") from None
    with matplotlib.rc_context(_STYLE):
        drawing = Drawing(figsize=(width, height))
        return drawing, drawing.subplots()
