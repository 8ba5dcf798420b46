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
