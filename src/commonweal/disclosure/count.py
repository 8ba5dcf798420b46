"""One count through the gate."""

from dataclasses import dataclass

from commonweal.errors import BadInput


@dataclass(frozen=True)
class Noise:
    """How far counts may be moved while browsing: never by more than `maximum`, with this `variance`; 0 moves none."""

    maximum: int = 15
    variance: float = 25.0

    def __post_init__(self) -> None:
        if self.maximum < 0 or (self.maximum and not 0 < self.variance < self.maximum * (self.maximum + 1) / 3):
            raise BadInput("disclosure policy: the variance must lie between 0 and maximum × (maximum + 1) / 3")


@dataclass(frozen=True)
class Policy:
    """`min_cell`: the largest number of people that is never shown. `round_to`: width of the bins, rounded up.

    `noise`: how counts are moved while browsing (see perturbation.py); it changes nothing of what `count` answers.
    """

    min_cell: int = 20
    round_to: int = 20
    noise: Noise = Noise()

    def __post_init__(self) -> None:
        if self.min_cell < 0 or self.round_to < 1:
            raise BadInput("disclosure policy: min_cell must be 0 or more and round_to 1 or more")


@dataclass(frozen=True)
class Count:
    """A number of people as it may be shown.

    `persons` is None where it is suppressed; `rounded_to` is the width of the bin it was rounded up to, None where
    nothing was rounded (exact, or suppressed).
    """

    persons: int | None
    suppressed: bool
    rounded_to: int | None
    exact: bool


HIDDEN = Count(None, True, None, False)


def count(persons: int, policy: Policy, *, exact: bool = False) -> Count:
    """`persons` as `policy` allows it to be shown; `exact` passes it untouched and says so (program staff only)."""
    if persons < 0:
        raise BadInput("a number of people cannot be below zero")
    if exact:
        return Count(persons, False, None, True)
    if 0 < persons <= policy.min_cell:
        return HIDDEN
    return Count(-(-persons // policy.round_to) * policy.round_to, False, policy.round_to, False)
