"""A series of days (or minutes, or readings) as plain values that a template draws: no script, no style, no colour.

The drawing lies in a box of one unit a point across and 0–100 down, stretched to the width of the page; words stand
beside it as text, so that they stay as large as all other text on a phone. What was not worn is drawn as not worn, and
where nothing was received nothing is drawn: neither is zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, floor, log10
from typing import Any

GIVEN, OFF, NONE, OUT = "", "off", "none", "out"  # a value; not worn; nothing received; left out by the person
BARS, STACK, SPANS, DOTS, LINE = "bars", "stack", "spans", "dots", "line"
HEIGHT = 100.0
GAP = 0.14  # of a point's width, on each side of its bar
_STEPS = (1, 2, 2.5, 5, 10)
MOST_LABELS = 7


@dataclass(frozen=True)
class Point:
    """One place across. `values`: one number; one for each part of a stack; or (low, high) of a span.

    `short`: what stands under it; `state`: why it has no value.
    """

    short: str
    values: tuple[float | None, ...] = ()
    state: str = GIVEN

    @property
    def known(self) -> bool:
        return self.state == GIVEN and any(value is not None for value in self.values)


@dataclass(frozen=True)
class Mark:
    """A rectangle in the box. `kind`: bar | off | out; `series`: number of the palette."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    series: int = 1


@dataclass(frozen=True)
class Drawing:
    """What a template draws: rectangles, dots and lines as SVG paths, the words beside and below."""

    width: float
    marks: list[Mark]
    lines: list[tuple[str, int]]  # (path, number of the palette)
    dots: str
    grid: list[float]  # heights of the rules
    ticks: list[str]  # from the top down
    places: list[str]
    band: tuple[float, float] | None = None  # y and height of the reference range
    states: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Chart:
    """A drawing with its words and its table. `legend`: (name, class of the mark); `columns`, `rows` as `listing` has them.

    `title` says the finding, `subtitle` the measure and of how many days, `caption` names the table.
    """

    title: str
    subtitle: str
    drawing: Drawing
    columns: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    caption: str = ""
    legend: Sequence[tuple[str, str]] = ()
    source: str = ""
    note: str = ""

    @property
    def heads(self) -> list[tuple[Any, str]]:
        return [column if isinstance(column, tuple) else (column, "") for column in self.columns]

    @property
    def cells(self) -> list[list[tuple[Any, str]]]:
        return [[(cell, kind) for cell, (_name, kind) in zip(row, self.heads, strict=True)] for row in self.rows]


def draw(
    points: Sequence[Point],
    shape: str = BARS,
    *,
    line: Sequence[float | None] = (),
    band: tuple[float | None, float | None] | None = None,
    from_zero: bool = True,
    ticks: Any = None,
) -> Drawing:
    """`line`: one more value for each point, drawn over the others; `band`: the reference range, open ends as None.

    `ticks`: a function from a number to its words. Bars and stacks always begin at zero.
    """
    low, high, step = _scale(points, shape, line, band, from_zero or shape in (BARS, STACK))

    def y(value: float) -> float:
        return round(HEIGHT * (high - value) / (high - low), 2)

    marks, dots = [], []
    for place, point in enumerate(points):
        if point.state in (OFF, OUT):
            marks.append(Mark(point.state, round(place + GAP, 2), HEIGHT - 6, 1 - 2 * GAP, 6))
        elif point.known and shape == DOTS:
            dots += [f"M{place + 0.5} {y(v)}h0" for v in point.values if v is not None]
        elif point.known and shape != LINE:
            marks += _bars(place, point, shape, y, low)
    lines = [(_path(line, y), 2)] if line else []
    if shape == LINE:
        lines.insert(0, (_path([p.values[0] if p.known else None for p in points], y), 1))
    rules = [low + step * n for n in range(round((high - low) / step) + 1)]
    return Drawing(
        width=float(max(len(points), 1)),
        marks=marks,
        lines=lines,
        dots="".join(dots),
        grid=[y(value) for value in rules],
        ticks=[(ticks or _plain)(value) for value in reversed(rules)],
        places=_places([point.short for point in points]),
        band=_band(band, low, high, y),
        states={point.state for point in points} - {GIVEN},
    )


def _bars(place: int, point: Point, shape: str, y: Any, low: float) -> list[Mark]:
    x, width = round(place + GAP, 2), 1 - 2 * GAP
    if shape == SPANS:
        bottom, top = point.values[0], point.values[-1]
        if bottom is None or top is None:
            return []
        height = max(y(bottom) - y(top), 1.5)  # a span of one value is still seen
        return [Mark("bar", x, y(top), width, round(height, 2))]
    marks, base = [], low
    for number, value in enumerate(point.values, 1):
        if value:
            marks.append(Mark("bar", x, y(base + value), width, round(y(base) - y(base + value), 2), number))
            base += value
    return marks


def _path(values: Sequence[float | None], y: Any) -> str:
    """A line with a gap wherever there is no value; a lone value is a dot."""
    parts, pen_down = [], False
    for place, value in enumerate(values):
        if value is None:
            pen_down = False
            continue
        follows = place + 1 < len(values) and values[place + 1] is not None
        parts.append(f"{'L' if pen_down else 'M'}{place + 0.5} {y(value)}" + ("" if pen_down or follows else "h0"))
        pen_down = True
    return "".join(parts)


def _scale(
    points: Sequence[Point], shape: str, line: Sequence[float | None], band: Any, from_zero: bool
) -> tuple[float, float, float]:
    """Lowest, highest and the step of the rules between them, all round numbers."""
    seen = [v for v in line if v is not None] + [v for v in band or () if v is not None]
    for point in points:
        if point.known:
            given = [v for v in point.values if v is not None]
            seen += [sum(given)] if shape == STACK else given
    if not seen:
        return 0.0, 1.0, 1.0
    high, low = max(seen), min([0.0, *seen]) if from_zero else min(seen)
    span = high - low or abs(high) or 1.0
    raw = span / 4
    size = 10 ** floor(log10(raw))
    step = next(n * size for n in _STEPS if n * size >= raw)
    low = floor(low / step + 1e-9) * step
    return low, max(ceil(high / step - 1e-9) * step, low + step), step


def _band(
    band: tuple[float | None, float | None] | None, low: float, high: float, y: Any
) -> tuple[float, float] | None:
    if band is None or band == (None, None):
        return None
    bottom = low if band[0] is None else band[0]
    top = high if band[1] is None else band[1]
    return y(top), round(y(bottom) - y(top), 2)


def _places(shorts: list[str]) -> list[str]:
    """As many of the labels as there is room for, evenly spread: the first and the last always."""
    if len(shorts) <= MOST_LABELS:
        return shorts
    return [shorts[0], shorts[len(shorts) // 2], shorts[-1]]


def _plain(value: float) -> str:
    """A number with no more decimals than it has."""
    rounded = round(value, 6)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.10g}"
