"""Prevalence or incidence over time, drawn: one line a stratum, with its interval as a band."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from commonweal.commons.analysis import marks
from commonweal.commons.analysis.figure import PALETTE, Figure, axes
from commonweal.commons.analysis.strata import EVERY
from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.commons.analysis.rates import Rates

MOST = 40
STYLES = ("-", "--", ":", "-.")


def draw(found: "Rates") -> Figure:
    """Colours tell ages apart, from light to dark; the kind of line tells sexes apart. Raises BadInput for too many."""
    rows = found.table.to_pylist()
    ages, sexes = (list(dict.fromkeys(row[name] for row in rows)) for name in ("age", "sex"))
    if len(ages) * len(sexes) > MOST:
        raise BadInput(f"figure: more than {MOST} lines; give fewer bands in ages")
    drawing, area = axes(8.0, 4.6)
    colours = dict(zip(ages, _shades(len(ages)), strict=True))
    days = sorted({row["from"] for row in rows})
    for age in ages:
        for place, sex in enumerate(sexes):
            by = {row["from"]: row for row in rows if (row["age"], row["sex"]) == (age, sex)}
            values = {n: [_number(by.get(day), n) for day in days] for n in ("estimate", "low", "high")}
            style = STYLES[place % len(STYLES)]
            alone = len(days) == 1
            area.plot(days, values["estimate"], style, marker="o" if alone else "", color=colours[age], lw=1.6)
            area.fill_between(
                days, values["low"], values["high"], color=colours[age], alpha=0.5 / (3 + len(ages) * len(sexes)), lw=0
            )
    _legend(area, ages, sexes, colours)
    area.set_ylabel("Proportion" if found.kind == "prevalence" else "Cases for 1,000 person-years")
    area.set_ylim(0, _top(rows))
    marks.title(area, f"{found.kind.capitalize()}: {found.what}")
    if all(day.month == 1 for day in days):
        area.set_xticks(*_years(days))
    return Figure(drawing, found.table)


def _number(row: dict[str, Any] | None, name: str) -> float:
    return float("nan") if row is None or row[name] is None else row[name]


def _top(rows: list[dict[str, Any]]) -> float | None:
    """Twice the largest estimate, or the highest interval where that is lower: a stratum of few would flatten the rest."""
    highest = max((row["high"] for row in rows if row["high"] is not None), default=0.0)
    largest = max((row["estimate"] for row in rows if row["estimate"] is not None), default=0.0)
    return 1.05 * (min(highest, 2 * largest) or highest) or None


def _years(days: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """At most ten ticks, at whole years."""
    step = -(-len(days) // 10)
    return list(days[::step]), [str(day.year) for day in days[::step]]


def _shades(number: int) -> list[Any]:
    if number <= 4:
        return list(PALETTE[:number])
    from matplotlib.colors import LinearSegmentedColormap

    scale = LinearSegmentedColormap.from_list("ages", ["#e0a458", PALETTE[1], PALETTE[3], PALETTE[0], "#0a2a43"])
    return [scale(place / (number - 1)) for place in range(number)]


def _legend(area: Any, ages: list[str], sexes: list[str], colours: dict[str, Any]) -> None:
    from matplotlib.lines import Line2D

    shown = [Line2D([], [], color=colours[age], lw=3, label=age) for age in ages if age != EVERY]
    shown += [
        Line2D([], [], color="#5b5b5b", ls=STYLES[i % len(STYLES)], label=sex)
        for i, sex in enumerate(sexes)
        if sex != EVERY
    ]
    if shown:
        marks.legend(area, handles=shown)
