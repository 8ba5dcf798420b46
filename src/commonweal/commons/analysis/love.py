"""A love plot: how far apart two cohorts are in each covariate, before and after matching."""

import math
from typing import TYPE_CHECKING

from commonweal.commons.analysis import marks
from commonweal.commons.analysis.figure import INK, LINE, PALETTE, Figure, axes
from commonweal.commons.analysis.tabular import WITHHELD
from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.commons.analysis.matching import Matched

GOOD = 0.1  # Austin, Stat Med 2009;28:3083
MOST = 100


def draw(found: "Matched") -> Figure:
    """The term furthest apart before stands at the top. Raises BadInput for more than 100 terms."""
    rows = found.table.to_pylist()
    if len(rows) > MOST:
        raise BadInput(f"figure: more than {MOST} covariates")
    rows.sort(key=lambda row: -abs(row["before"] or 0) if row["before"] is not None else 1)
    drawing, area = axes(7.2, 1.5 + 0.26 * len(rows))
    area.axvline(0, color=LINE, lw=1, zorder=0)
    area.axvline(GOOD, color=LINE, lw=1, ls="--", zorder=0)
    for key, colour, marker in (("before", PALETTE[1], "o"), ("after", PALETTE[0], "s")):
        known = [(abs(row[key]), -i) for i, row in enumerate(rows) if row[key] is not None and math.isfinite(row[key])]
        area.scatter(*zip(*known, strict=True) if known else ([], []), s=28, color=colour, marker=marker, label=key)
    for i, row in enumerate(rows):
        if row["before"] is None:
            area.annotate(WITHHELD, (0, -i), (6, 0), textcoords="offset points", va="center", fontsize=8, color=INK)
    area.set_yticks([-i for i in range(len(rows))], [row["term"] for row in rows])
    area.set_ylim(-len(rows) + 0.4, 0.6)
    area.set_xlim(left=-0.01)
    area.tick_params(axis="y", length=0)
    area.grid(axis="y", color=LINE, lw=0.5)
    area.set_axisbelow(True)
    area.set_xlabel("Standardised difference, without its sign")
    marks.legend(area, title="Matching")
    return Figure(drawing, found.table)
