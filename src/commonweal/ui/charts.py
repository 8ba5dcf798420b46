"""Charts as plain values: lengths and words, ready for a template that draws them beside their figures."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Bar:
    """One bar: `length` in percent of the longest (None: withheld), `text` as shown, `series` a palette number."""

    label: str
    length: float | None
    text: str
    series: int | None
    target: float | None


def figure(value: Any) -> str:
    """A number as people in the United States write it, in English and in Spanish: 7,115."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def share(value: float) -> str:
    """A share of 0 to 1 in percent; with a decimal where a whole number would say none, few or all of them alike."""
    percent = 100 * value
    if 0 < percent < 0.1 or 99.9 < percent < 100:
        return "<0.1%" if percent < 50 else ">99.9%"
    return f"{percent:.1f}%" if 0 < percent < 10 or 99 < percent < 100 else f"{percent:,.0f}%"


def percent(part: float, whole: float) -> str:
    """A part of a whole in percent; of nothing there is no share."""
    return share(part / whole) if whole else "–"


def bars(rows: Iterable[Mapping[str, Any]], maximum: float | None = None) -> list[Bar]:
    """Bars for rows of {label, value|None, suppressed, text, series, target}; suppressed is not zero."""
    rows = list(rows)
    top = maximum or max((row["value"] for row in rows if row.get("value")), default=0) or 1
    drawn = []
    for row in rows:
        value = row.get("value")
        value = None if row.get("suppressed") else value
        text = str(row.get("text") or (_("withheld") if value is None else figure(value)))
        target = row.get("target")
        drawn.append(
            Bar(
                label=str(row["label"]),
                length=None if value is None else round(min(100.0, 100 * value / top), 2),
                text=text,
                series=row.get("series"),
                target=None if target is None else round(min(100.0, 100 * target / top), 2),
            )
        )
    return drawn
