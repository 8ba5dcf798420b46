"""Diminishing returns: an area's adults are finite, and whoever was asked is reached again by the next contact.

Of x contacts of N adults, drawn as they come, N (1 − exp(−x / N)) are of people who were not reached yet. What is lost,
x − N (1 − exp(−x / N)), is convex, so the chords between a few points bound it from above by plain rows, for each option and
for all options of an area together. Beside that, no area gives more people of a group than it has.
"""

import numpy as np

from commonweal.vault.planning.groups import GROUPS, UNKNOWN
from commonweal.vault.planning.rows import Linear
from commonweal.vault.planning.terms import Terms, staying

POINTS = np.array([0.0, 0.002, 0.01, 0.03, 0.07, 0.15, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0])
"""Contacts as parts of an area's adults; more than the last are not planned."""
_NONE = 0.002  # below this part of an area's adults a loss is not worth a row


def lost(parts: np.ndarray) -> np.ndarray:
    """What is lost of contacts, as a part of the area's adults; `parts`: contacts as such a part."""
    return parts - 1 + np.exp(-parts)


def add_reach(
    linear: Linear, terms: Terms, x: np.ndarray, told: np.ndarray, months: int, *, always: bool = False
) -> None:
    """Rows that make `told` (contacts that tell at the end) of `x`. `always`: also where capacities keep losses small."""
    case, span, stay = terms.case, x.shape[1], staying(terms, months)
    asked, losses = linear.new(len(case.options), low=-np.inf), linear.new(len(case.options))
    for number, option in enumerate(case.options):
        columns, values = [told[number], losses[number], *x[number]], [1.0, 1.0, *(-option.contacts * stay)]
        linear.same.add(columns, values, 0.0, "told", number)
        linear.same.add([asked[number], *x[number]], [1.0, *[-option.contacts] * span], 0.0, "asked", number)
    for area in case.areas:
        here = [number for number, option in enumerate(case.options) if option.area == area]
        if here:
            _area(linear, terms, area, here, span, told, asked, losses, always)


def _area(
    linear: Linear,
    terms: Terms,
    area: str,
    here: list[int],
    span: int,
    told: np.ndarray,
    asked: np.ndarray,
    losses: np.ndarray,
    always: bool,
) -> None:
    adults = max(terms.population(area), 1.0)
    groups = [here, *([number] for number in here if len(here) > 1)]
    felt = [group for group in groups if always or _most(terms, group, span) > _NONE * adults]
    for group in felt:
        _chords(linear, group, adults, asked, losses)
    if not felt:
        for number in here:
            linear.high[losses[number]] = 0.0
    for place, name in enumerate(GROUPS):
        if name != UNKNOWN and terms.room[area][place] > 0:
            values = terms.joined[here, place]
            linear.most.add(told[here], values, float(terms.room[area][place]), "room", area, name)


def _most(terms: Terms, group: list[int], span: int) -> float:
    """Contacts of these options if all did what they can."""
    return sum(terms.case.options[number].most * terms.case.options[number].contacts * span for number in group)


def _chords(linear: Linear, group: list[int], adults: float, asked: np.ndarray, losses: np.ndarray) -> None:
    columns, heights = [*asked[group], *losses[group]], lost(POINTS)
    for left, right, low, high in zip(POINTS[:-1], POINTS[1:], heights[:-1], heights[1:], strict=True):
        slope = (high - low) / (right - left)
        values = [slope] * len(group) + [-1.0] * len(group)
        linear.most.add(columns, values, float(slope * left - low) * adults, "chord")
    linear.most.add(asked[group], 1.0, float(POINTS[-1]) * adults, "reach")
