"""The mosaic of everyone who joined: one tile a person, or two, five, ten, …, drawn from a number alone.

Colours and shapes come from a fixed seed and the place of the tile, so they say nothing about anybody. The mosaic grows
outwards from its middle as the cohort grows; places not yet taken are drawn faintly.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

SIDE = 18
COLOURS = (1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 8)  # palette numbers of figures.css
GAP = 0.07
_SIZE = 1 - 2 * GAP
_SHAPES = (
    "M{x} {y}h{s}v{s}h-{s}z",  # square
    "M{x} {y}h{s}v{s}h-{s}z",
    "M{x} {y}h{s}v{s}h-{s}z",
    "M{x} {y}h{s}a{s} {s} 0 0 1-{s} {s}z",  # quarters of a disc
    "M{x} {y}v{s}h{s}a{s} {s} 0 0 0-{s}-{s}z",
    "M{r} {b}v-{s}a{s} {s} 0 0 0-{s} {s}z",
    "M{x} {y}h{s}v{s}a{s} {s} 0 0 1-{s}-{s}z",
    "M{x} {m}a{h} {h} 0 0 1{s} 0a{h} {h} 0 0 1-{s} 0z",  # disc
    "M{x} {y}h{s}l-{s} {s}z",  # triangles
    "M{r} {b}h-{s}l{s}-{s}z",
)


@dataclass(frozen=True)
class Mosaic:
    """`paths`: (palette number, SVG path), 0: places not yet taken; `unit`: people a tile; `yours`: the next place."""

    side: int
    people: int
    unit: int
    tiles: int
    paths: tuple[tuple[int, str], ...]
    yours: tuple[float, float]


def unit_for(people: int, places: int) -> int:
    """People a tile: the smallest of 1, 2, 5, 10, 20, 50, … with which the mosaic stays at most nine tenths full."""
    steps = (factor * 10**power for power in range(12) for factor in (1, 2, 5))
    return next(unit for unit in steps if people / unit <= 0.9 * places)


@lru_cache(maxsize=8)
def _places(side: int) -> tuple[tuple[int, int, int, str], ...]:
    """(column, row, palette number, shape) of every place, in the order in which they are taken."""
    chance = random.Random(1961)
    middle = (side - 1) / 2
    places = []
    for row in range(side):
        for column in range(side):
            far = ((column - middle) ** 2 + (row - middle) ** 2) ** 0.5 + chance.uniform(0, side / 7)
            places.append((far, column, row, chance.choice(COLOURS), chance.choice(_SHAPES)))
    return tuple((column, row, colour, shape) for _, column, row, colour, shape in sorted(places))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _path(column: int, row: int, shape: str) -> str:
    x, y = column + GAP, row + GAP
    values = {"x": x, "y": y, "r": x + _SIZE, "b": y + _SIZE, "m": y + _SIZE / 2, "s": _SIZE, "h": _SIZE / 2}
    return shape.format(**{name: _number(value) for name, value in values.items()})


@lru_cache(maxsize=32)
def draw(people: int, side: int = SIDE) -> Mosaic:
    """The mosaic for `people` (a number that has passed disclosure; 0 draws empty places only)."""
    unit = unit_for(people, side * side)
    tiles = -(-people // unit)
    paths: dict[int, list[str]] = defaultdict(list)
    places = _places(side)
    for number, (column, row, colour, shape) in enumerate(places):
        if number < tiles:
            paths[colour].append(_path(column, row, shape))
        elif number > tiles:
            x, y = _number(column + 0.4), _number(row + 0.5)
            paths[0].append(f"M{x} {y}a.1.1 0 0 1 .2 0a.1.1 0 0 1-.2 0z")
    column, row, _, _ = places[tiles]
    drawn = tuple((colour, "".join(parts)) for colour, parts in sorted(paths.items()))
    return Mosaic(side, people, unit, tiles, drawn, (column + GAP + 0.05, row + GAP + 0.05))
