"""A forest of estimates with their intervals: one line each, from a table that has a column for each of them."""

import math
from typing import Any

import pyarrow as pa

from commonweal.commons.analysis import marks
from commonweal.commons.analysis.figure import INK, LINE, PALETTE, Figure, axes
from commonweal.commons.analysis.tabular import WITHHELD
from commonweal.errors import BadInput

MOST = 100


def forest(
    table: pa.Table,
    *,
    label: str = "label",
    estimate: str = "estimate",
    low: str = "low",
    high: str = "high",
    group: str | None = None,
    reference: float = 1.0,
    log: bool = True,
    title: str | None = None,
    x_label: str | None = None,
) -> Figure:
    """Estimates from the first row at the top to the last; `group`: a column whose values have a colour each.

    `reference` is a line through all; `log`: ratios, on a logarithmic scale. An estimate that is null is said to be
    withheld; one without a finite interval is drawn alone. Raises BadInput for no row, for more than 100, for a column
    that is not there, and for a ratio that is not above 0.
    """
    wanted = [label, estimate, low, high, *([group] if group else [])]
    absent = [name for name in wanted if name not in table.column_names]
    if absent:
        raise BadInput(f"forest: the table has no column {absent[0]}")
    rows = table.select(wanted).to_pylist()
    if not 0 < len(rows) <= MOST:
        raise BadInput(f"forest: {len(rows)} estimates; give 1 to {MOST}, such as the strongest")
    if log and any(row[estimate] is not None and not row[estimate] > 0 for row in rows):
        raise BadInput("forest: a ratio must be above 0; use log=False for differences")
    drawing, area = axes(7.6, 1.2 + 0.26 * len(rows))
    groups = list(dict.fromkeys(row[group] for row in rows)) if group else [None]
    colours = {one: PALETTE[i % len(PALETTE)] for i, one in enumerate(groups)}
    if log:
        area.set_xscale("log")
    area.axvline(reference, color=LINE, lw=1, zorder=0)
    for place, row in enumerate(rows):
        values = tuple(row[name] for name in (estimate, low, high))
        _line(area, -place, values, colours[row[group] if group else None], log)
    area.set_yticks([-i for i in range(len(rows))], [str(row[label]) for row in rows])
    area.set_ylim(-len(rows) + 0.4, 0.6)
    area.tick_params(axis="y", length=0)
    area.spines["left"].set_visible(False)
    if log:
        _plain(area)
    area.set_xlabel(x_label or estimate.replace("_", " ").capitalize())
    if title:
        marks.title(area, title)
    if group:
        _legend(area, colours)
    return Figure(drawing, table.select(wanted))


def _line(area: Any, place: int, values: tuple[Any, Any, Any], colour: str, log: bool) -> None:
    middle, low, high = values
    beside = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "va": "center", "fontsize": 8}
    if middle is None:
        area.annotate(WITHHELD, (1.0, place), (6, 0), color=INK, annotation_clip=False, **beside)
        return
    known = all(v is not None and math.isfinite(v) for v in (low, high)) and (low > 0 or not log)
    if known:
        area.plot([low, high], [place, place], color=colour, lw=1.6, solid_capstyle="butt")
    area.plot([middle], [place], marker="s", ms=5, color=colour)
    text = f"{middle:.2f} ({low:.2f}, {high:.2f})" if known else f"{middle:.2f}"
    area.annotate(text, (1.0, place), (6, 0), color=INK, annotation_clip=False, **beside)


def _plain(area: Any) -> None:
    """Ratios in plain numbers, a few of them."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullLocator

    low, high = area.get_xlim()
    if high / low > 6:
        area.xaxis.set_major_locator(LogLocator(10, subs=(1.0,) if high / low > 200 else (1.0, 2.0, 5.0)))
    else:
        area.xaxis.set_major_locator(
            FixedLocator([t for t in MaxNLocator(5).tick_values(low, high) if low <= t <= high])
        )
    area.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    area.xaxis.set_minor_locator(NullLocator())


def _legend(area: Any, colours: dict[Any, str]) -> None:
    from matplotlib.lines import Line2D

    shown = [Line2D([], [], color=colour, marker="s", lw=1.6, label=str(one)) for one, colour in colours.items()]
    marks.legend(area, handles=shown, bbox_to_anchor=(0, 0), borderaxespad=4.5, ncols=min(4, len(shown)))
