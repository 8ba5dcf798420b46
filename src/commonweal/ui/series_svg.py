"""A drawing of `ui.series` as an SVG file of its own, for paper: fixed size and colours, with its words in it."""

from html import escape

from commonweal.ui.series import OFF, OUT, Drawing, Mark

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 640, 220, 64, 10, 26
PALETTE = ("#0b5d8f", "#c2571a", "#00755a", "#a14f86", "#8a6d00", "#3d7ea6", "#5b5b5b", "#7a3b1d")
INK, LINE, SOFT = "#211c16", "#cfc4b3", "#5b5650"


def svg(drawing: Drawing) -> str:
    """The whole drawing. Words are set in the font of whoever draws it."""
    across, down = (WIDTH - LEFT - 8) / drawing.width, (HEIGHT - TOP - BOTTOM) / 100
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
    ]
    if drawing.band:
        y, height = drawing.band
        parts.append(_rect(LEFT, TOP + y * down, WIDTH - LEFT - 8, height * down, 'fill="#e3f1e4" stroke="#17552a"'))
    for y, tick in zip(sorted(drawing.grid), drawing.ticks, strict=True):
        place = TOP + y * down
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{place:.1f}" y2="{place:.1f}" stroke="{LINE}" stroke-width="1"/>'
        )
        parts.append(_word(LEFT - 8, place + 4, tick, "end"))
    parts += [_mark(mark, across, down) for mark in drawing.marks]
    for path, number in drawing.lines:
        parts.append(
            f'<path d="{_scaled(path, across, down)}" fill="none" stroke="{PALETTE[number - 1]}" stroke-width="2"/>'
        )
    if drawing.dots:
        parts.append(
            f'<path d="{_scaled(drawing.dots, across, down)}" fill="none" stroke="{PALETTE[0]}" stroke-width="7" stroke-linecap="round"/>'
        )
    parts += _places(drawing)
    return "".join([*parts, "</svg>"])


def _mark(mark: Mark, across: float, down: float) -> str:
    style = f'fill="{PALETTE[mark.series - 1]}"'
    if mark.kind in (OFF, OUT):
        style = f'fill="none" stroke="{SOFT if mark.kind == OFF else PALETTE[1]}" stroke-dasharray="2 2"'
    return _rect(LEFT + mark.x * across, TOP + mark.y * down, mark.width * across, mark.height * down, style)


def _rect(x: float, y: float, width: float, height: float, style: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" {style}/>'


def _scaled(path: str, across: float, down: float) -> str:
    """A path of the box on the paper: every point moved, so that the line keeps its width."""
    drawn = []
    for piece in path.replace("M", " M").replace("L", " L").split(" M"):
        for place, point in enumerate(piece.split(" L")):
            if point.strip():
                dot = point.endswith("h0")
                x, y = point.removesuffix("h0").split()
                letter = "L" if place else "M"
                drawn.append(
                    f"{letter}{LEFT + float(x) * across:.1f} {TOP + float(y) * down:.1f}" + ("h0.01" if dot else "")
                )
    return "".join(drawn)


def _places(drawing: Drawing) -> list[str]:
    places, width = drawing.places, WIDTH - LEFT - 8
    if len(places) > 3:
        return [_word(LEFT + width * (n + 0.5) / len(places), HEIGHT - 6, p, "middle") for n, p in enumerate(places)]
    ends = ("start", "middle", "end") if len(places) == 3 else ("start", "end")
    return [_word(LEFT + width * n / max(len(places) - 1, 1), HEIGHT - 6, p, ends[n]) for n, p in enumerate(places)]


def _word(x: float, y: float, text: str, anchor: str) -> str:
    font = 'font-family="Libertinus Serif, serif" font-size="14"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}" {font}>{escape(text)}</text>'
