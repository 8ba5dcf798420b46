"""When goals are met over many worlds, and bands of what is there in each month: medians with 80 % intervals."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from commonweal.vault.planning.groups import PEOPLE
from commonweal.vault.planning.options import Case, Goal, month_name
from commonweal.vault.planning.simulate import Course

LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9


@dataclass(frozen=True)
class Met:
    """Months (2027-01; "" where not by the horizon) by which a goal is met in 1, 5 and 9 of 10 worlds, and in how many
    of all worlds by the horizon.
    """

    early: str
    median: str
    late: str
    probability: float


@dataclass(frozen=True)
class Row:
    """One month: its name, and low, middle and high of the band."""

    month: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Band:
    """What a chart draws over the months. `unit`: people | share; `goal`: the line to reach, where there is one."""

    of: str
    unit: str
    rows: tuple[Row, ...]
    goal: float | None = None

    @classmethod
    def of_told(cls, told: dict[str, Any]) -> "Band":
        """From an answer (`simulation.bands`), as JSON may have kept it."""
        return cls(**told | {"rows": tuple(Row(**row) for row in told["rows"])})

    @property
    def spans(self) -> list[tuple[str, tuple[float, float]]]:
        """(month, (low, high)): what `commonweal.ui.series` draws as SPANS, with `middles` as its line."""
        return [(row.month, (row.low, row.high)) for row in self.rows]

    @property
    def middles(self) -> list[float]:
        return [row.middle for row in self.rows]


def when(case: Case, met: np.ndarray) -> Met:
    """`met`: (worlds, months + 1), the first is now, told as the month before the start."""
    ever = met.any(axis=1)
    first = np.where(ever, met.argmax(axis=1), np.inf)
    early, median, late = (
        _month(case, value) for value in np.quantile(first, (LOW, MIDDLE, HIGH), method="inverted_cdf")
    )
    return Met(early, median, late, float(ever.mean()))


def _month(case: Case, first: float) -> str:
    return month_name(case.start, int(first) - 1) if np.isfinite(first) else ""


def together(course: Course, goals: tuple[Goal, ...]) -> np.ndarray:
    """(worlds, months + 1): whether all goals are met at once."""
    return np.all([course.met(goal) for goal in goals], axis=0)


def band(case: Case, course: Course, of: str, unit: str) -> Band:
    """The months of one indicator, as people or as a share of all."""
    values = course.share(of) if unit == "share" else course.of(of)
    bands = np.quantile(values, (LOW, MIDDLE, HIGH), axis=0).T
    rows = tuple(Row(month_name(case.start, t - 1), *map(float, row)) for t, row in enumerate(bands))
    kind = "people" if of == PEOPLE else "count"
    line = next((g.target for g in case.goals if g.of == of and g.kind == ("share" if unit == "share" else kind)), None)
    return Band(of, unit, rows, line)


def bands(case: Case, course: Course) -> list[Band]:
    """People in all, then the share of each indicator that a goal names, minorities and underrepresented always."""
    shares = dict.fromkeys(["minority", "overall", *(goal.of for goal in case.goals if goal.of != PEOPLE)])
    return [band(case, course, PEOPLE, "people"), *(band(case, course, of, "share") for of in shares)]


def at_the_end(course: Course) -> dict[str, dict[str, Any]]:
    """Each indicator's share of everybody in the last month, with its interval."""
    found = {}
    for name in course.indicators[1:]:
        low, middle, high = np.quantile(course.share(name)[:, -1], (LOW, MIDDLE, HIGH))
        found[name] = {"low": float(low), "middle": float(middle), "high": float(high)}
    return found
