"""A way of several steps: how many came to each, and how many did not go on between one and the next.

What is withheld stays so: neither its share nor a loss beside it is told, from which it could be worked out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from commonweal.ui.charts import figure, percent


@dataclass(frozen=True)
class Step:
    """One step. `length`: in percent of the longest (None: withheld); texts as shown, empty where there is none to show."""

    label: str
    length: float | None
    text: str
    of_first: str
    of_before: str
    lost: str
    lost_share: str
    more: bool = False


@dataclass(frozen=True)
class Funnel:
    title: str
    subtitle: str
    steps: Sequence[Step]
    heads: Sequence[tuple[str, str]]
    cells: Sequence[Sequence[tuple[str, str]]]
    source: str = ""
    caption: str = ""


def funnel(
    title: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    subtitle: str = "",
    source: str = "",
    caption: str = "",
    measure: str = "",
) -> Funnel:
    """Steps {label, value|None, suppressed, text} in their order; each is counted of the first and of the one before."""
    rows = list(rows)
    known = [None if row.get("suppressed") else row.get("value") for row in rows]
    longest = max((value for value in known if value), default=0) or 1
    steps = [_step(row, n, known, longest) for n, row in enumerate(rows)]
    heads = [(_("Step"), ""), (measure or _("People"), "number"), (_("Of the first step"), "number")]
    heads += [(_("Of the step before"), "number"), (_("Did not go on"), "number")]
    return Funnel(title, subtitle, steps, heads, [_cells(step) for step in steps], source, caption or title)


def _step(row: Mapping[str, Any], n: int, known: Sequence[float | None], longest: float) -> Step:
    value, first = known[n], known[0]
    before = known[n - 1] if n else None
    withheld = _("withheld")
    text = str(row.get("text") or (withheld if value is None else figure(value)))
    lost = None if before is None or value is None else before - value
    hidden = withheld if n else ""
    return Step(
        label=str(row["label"]),
        length=None if value is None else round(100 * value / longest, 2),
        text=text,
        of_first=hidden if value is None or first is None else percent(value, first) if n else "",
        of_before=hidden if lost is None else percent(value or 0, before or 0),
        lost=hidden if lost is None else figure(abs(lost)),
        lost_share="" if lost is None else percent(abs(lost), before or 0),
        more=lost is not None and lost < 0,
    )


def _cells(step: Step) -> list[tuple[str, str]]:
    lost = f"+{step.lost}" if step.more else step.lost
    told = [(text or "–", "number") for text in (step.text, step.of_first, step.of_before, lost)]
    return [(step.label, ""), *told]
