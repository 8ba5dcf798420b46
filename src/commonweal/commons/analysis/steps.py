"""Survival curves, drawn: steps with intervals as bands, and beneath them how many are at risk."""

from typing import TYPE_CHECKING, Any

from commonweal.commons.analysis import marks
from commonweal.commons.analysis.figure import PALETTE, Figure, axes
from commonweal.commons.analysis.tabular import WITHHELD
from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.commons.analysis.survival import Survival

YEAR = 365.25


def draw(found: "Survival") -> Figure:
    """Raises BadInput for more cohorts than there are colours."""
    names = found.summary["cohort"].to_pylist()
    if len(names) > len(PALETTE):
        raise BadInput(f"figure: more than {len(PALETTE)} cohorts; draw fewer")
    drawing, area = axes(7.2, 4.4 + 0.2 * len(names))
    ticks = sorted(set(found.at_risk["days"].to_pylist()))
    years = max(ticks, default=0) >= 2 * YEAR
    for name, colour in zip(names, PALETTE, strict=False):
        _curve(area, name, found, colour)
    area.set_ylim(0, 1.02)
    area.set_xlim(left=0)
    area.set_xticks(ticks, [f"{day / YEAR:g}" if years else f"{day:g}" for day in ticks])
    area.set_xlabel("Years since index" if years else "Days since index")
    area.set_ylabel("Without the event")
    marks.title(area, found.what[:1].upper() + found.what[1:])
    if len(names) > 1:
        said = None if found.test is None else f"Log-rank p = {found.test['p']:.2g}"
        marks.legend(area, loc="best", bbox_to_anchor=None, title=said)
    _beneath(area, found, names, ticks)
    return Figure(drawing, found.table)


def _curve(area: Any, name: str, found: "Survival", colour: str) -> None:
    rows = [row for row in found.table.to_pylist() if row["cohort"] == name]
    days = [0.0, *(row["days"] for row in rows), found.ends[name]]
    series = {}
    for key in ("survival", "low", "high"):
        values = [1.0, *(float("nan") if row[key] is None else row[key] for row in rows)]
        series[key] = [*values, values[-1]]
    if found.ends[name]:
        area.step(days, series["survival"], where="post", color=colour, lw=1.6, label=name)
        area.fill_between(days, series["low"], series["high"], step="post", color=colour, alpha=0.15, lw=0)
    else:
        area.plot([], [], color=colour, label=f"{name} ({WITHHELD})")


def _beneath(area: Any, found: "Survival", names: list[str], ticks: list[float]) -> None:
    """Numbers at risk, a line a cohort, under the axis in points so that the height of the figure does not matter."""
    numbers = {(r["cohort"], r["days"]): r["at_risk"] for r in found.at_risk.to_pylist()}
    place = {"textcoords": "offset points", "annotation_clip": False, "fontsize": 8}
    across = area.get_xaxis_transform()
    area.annotate("At risk", (0, 0), (-26, -44), xycoords=across, ha="right", fontweight="bold", **place)
    for line, (name, colour) in enumerate(zip(names, PALETTE, strict=False)):
        down = -58 - 13 * line
        short = name if len(name) <= 18 else f"{name[:17]}…"
        area.annotate(short, (0, 0), (-26, down), xycoords=across, ha="right", color=colour, **place)
        for day in ticks:
            number = numbers.get((name, day))
            text = "–" if number is None else f"{number:,}"
            area.annotate(text, (day, 0), (0, down), xycoords=across, ha="center", **place)
