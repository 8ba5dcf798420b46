"""Participation-to-prevalence ratios as dots: a group's share of those who joined, over its share of the population.

1 is as in the population. The axis is logarithmic (base 2), so that half as many lies as far to the left as twice as many to
the right. A ratio beyond the axis is drawn open at its end; the figure beside it is the true one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log2
from typing import Any

from django.utils.translation import gettext as _

from commonweal.ui.charts import share

FEWEST, MOST = 1, 4  # doublings to each side


@dataclass(frozen=True)
class Dot:
    """One group. Places in percent of the width (None: withheld); `side`: under, over, even."""

    label: str
    x: float | None
    low: float | None
    high: float | None
    text: str
    side: str = "even"
    beyond: bool = False


@dataclass(frozen=True)
class Dots:
    """`one`: the place of 1; `rules`: places of the other ticks; `ticks`: their words from left to right."""

    title: str
    subtitle: str
    dots: Sequence[Dot]
    one: float
    rules: Sequence[float]
    ticks: Sequence[str]
    heads: Sequence[tuple[str, str]]
    cells: Sequence[Sequence[tuple[str, str]]]
    source: str = ""
    caption: str = ""


def dots(
    title: str, rows: Iterable[Mapping[str, Any]], *, subtitle: str = "", source: str = "", caption: str = ""
) -> Dots:
    """Groups {label, value|None, low, high, suppressed, share, population}.

    `value` is the ratio, `low` and `high` its interval; `share` and `population` (0 to 1) stand in the table.
    """
    rows = list(rows)
    reach = _reach(rows)

    def place(ratio: float) -> float:
        doublings = log2(ratio) if ratio > 0 else -reach - 1
        inside = max(-reach - 0.4, min(reach + 0.4, doublings))
        return round(100 * (inside + reach + 0.5) / (2 * reach + 1), 2)

    ticks = range(-reach, reach + 1)
    heads = [(_("Group"), ""), (_("Of those who joined"), "number"), (_("Of the population"), "number")]
    heads += [(_("Ratio"), "number"), (_("95% interval"), "number")]
    return Dots(
        title,
        subtitle,
        [_dot(row, place, reach) for row in rows],
        place(1),
        [place(2.0**n) for n in ticks if n],
        [f"{2.0**n:.10g}" for n in ticks],
        heads,
        [_cells(row) for row in rows],
        source,
        caption or title,
    )


def _known(row: Mapping[str, Any]) -> bool:
    return not row.get("suppressed") and row.get("value") is not None


def _reach(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many doublings the axis has to each side."""
    seen = [row[name] for row in rows if _known(row) for name in ("value", "low", "high") if row.get(name)]
    return min(MOST, max([FEWEST, *(ceil(abs(log2(ratio)) - 1e-9) for ratio in seen if ratio > 0)]))


def ratio_text(value: float) -> str:
    """A ratio in figures: two digits after the point below 10, one above."""
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}"


def _dot(row: Mapping[str, Any], place: Any, reach: int) -> Dot:
    if not _known(row):
        return Dot(str(row["label"]), None, None, None, _("withheld") if row.get("suppressed") else "–")
    value, low, high = row["value"], row.get("low"), row.get("high")
    shown = round(value, 2)
    side = "even" if shown == 1 else "under" if shown < 1 else "over"
    beyond = not 2.0 ** -(reach + 0.4) <= value <= 2.0 ** (reach + 0.4)
    left, right = (None, None) if low is None or high is None else (place(low), place(high))
    return Dot(str(row["label"]), place(value), left, right, ratio_text(value), side, beyond)


def _cells(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    withheld = _("withheld") if row.get("suppressed") else "–"
    if not _known(row):
        texts = [withheld, _share(row.get("population")), withheld, withheld]
    else:
        low, high = row.get("low"), row.get("high")
        span = "–" if low is None or high is None else f"{ratio_text(low)}–{ratio_text(high)}"
        texts = [_share(row.get("share")), _share(row.get("population")), ratio_text(row["value"]), span]
    return [(str(row["label"]), ""), *[(text, "number") for text in texts]]


def _share(value: float | None) -> str:
    return "–" if value is None else share(value)
