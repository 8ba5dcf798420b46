"""Five ordered steps of one hue for a value: where each begins, what is said of it, and what has no value."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from commonweal.ui.charts import figure

STEPS = 5
WITHHELD, NOTHING = "withheld", "nothing"
Words = Callable[[Any], str]


def limits(values: Iterable[float]) -> tuple[float, ...]:
    """Up to four round limits that part the values into fifths; fewer where values are few or alike."""
    ordered = sorted(set(values))
    if len(ordered) < 2:
        return ()
    places = [ordered[min(len(ordered) * n // STEPS, len(ordered) - 1)] for n in range(1, STEPS)]
    whole = all(isinstance(value, int) for value in ordered)
    found = sorted({round(_round(value)) if whole else _round(value) for value in places})
    return tuple(limit for limit in found if ordered[0] < limit <= ordered[-1])


def _round(value: float) -> float:
    """To two digits, so that a legend can be read."""
    return float(f"{value:.1e}")


def step(value: float, parts: Sequence[float]) -> int:
    """1 (fewest) to 5 (most): a limit begins its step. With fewer limits the steps in use are spread over the five."""
    return 1 + round(bisect_right(parts, value) * (STEPS - 1) / len(parts)) if parts else 3


def kind(cell: Mapping[str, Any]) -> str:
    """The class of a cell {value|None, suppressed}: shade-N needs limits, so that here only what has none is told."""
    return WITHHELD if cell.get("suppressed") else NOTHING if cell.get("value") is None else ""


def shade(cell: Mapping[str, Any], parts: Sequence[float]) -> str:
    """shade-1 … shade-5, withheld or nothing."""
    return kind(cell) or f"shade-{step(cell['value'], parts)}"


def text(cell: Mapping[str, Any], words: Words = figure) -> str:
    """What is said of a cell; what is withheld is said to be, and is not zero."""
    if cell.get("text"):
        return str(cell["text"])
    return {WITHHELD: _("withheld"), NOTHING: "–"}.get(kind(cell)) or words(cell["value"])


def legend(cells: Iterable[Mapping[str, Any]], parts: Sequence[float], words: Words = figure) -> list[tuple[str, str]]:
    """(words, class) of each step from the fewest to the most, then of what has no value, where there is such."""
    cells = list(cells)
    said = []
    if parts:
        said = [(_("under %(limit)s") % {"limit": words(parts[0])}, parts[0] - 1)]
        for low, high in zip(parts, parts[1:], strict=False):
            said.append((_("%(low)s to under %(high)s") % {"low": words(low), "high": words(high)}, low))
        said.append((_("%(limit)s or more") % {"limit": words(parts[-1])}, parts[-1]))
    drawn = [(name, f"shade-{step(value, parts)}") for name, value in said]
    kinds = {kind(cell) for cell in cells}
    drawn += [(_("withheld: too few people to show"), WITHHELD)] * (WITHHELD in kinds)
    return drawn + [(_("no figure"), NOTHING)] * (NOTHING in kinds)
