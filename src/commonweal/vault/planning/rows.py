"""A linear program under construction: rows of sparse numbers, each `≤` or `=`, and how to hand it to HiGHS."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

SECONDS = 20.0


@dataclass
class Side:
    """Rows of one kind. `names`: what each is called, so that its price can be found."""

    rows: list[np.ndarray] = field(default_factory=list)
    columns: list[np.ndarray] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    names: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, columns: Sequence[int] | np.ndarray, values: Any, right: float, *name: Any) -> None:
        columns = np.asarray(columns, int)
        self.rows.append(np.full(len(columns), len(self.right)))
        self.columns.append(columns)
        self.values.append(np.broadcast_to(np.asarray(values, float), columns.shape))
        self.right.append(right)
        self.names.append(name)

    def matrix(self, width: int) -> csr_array:
        if not self.right:
            return csr_array((0, width))
        cells = (np.concatenate(self.rows), np.concatenate(self.columns))
        return csr_array((np.concatenate(self.values), cells), shape=(len(self.right), width))


@dataclass
class Linear:
    """Minimise `cost · x` within bounds, `most` rows (≤) and `same` rows (=); `whole`: which x are whole numbers."""

    cost: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    most: Side = field(default_factory=Side)
    same: Side = field(default_factory=Side)

    def new(self, count: int, *, low: float = 0.0, high: Any = np.inf, cost: Any = 0.0, whole: Any = 0) -> np.ndarray:
        """So many new columns; answers their numbers."""
        first = len(self.cost)
        for mine, value in ((self.cost, cost), (self.low, low), (self.high, high), (self.whole, whole)):
            mine.extend(np.broadcast_to(value, (count,)).tolist())
        return np.arange(first, first + count)


@dataclass(frozen=True)
class Solved:
    """`x` is None where there is no solution. `prices` of ≤ rows, `reduced` costs of columns: of a program without
    whole numbers. `proved`: HiGHS ended by itself, not by the clock.
    """

    x: np.ndarray | None
    prices: np.ndarray | None = None
    reduced: np.ndarray | None = None
    proved: bool = True


def solve(one: Linear, *, integers: bool = False, seconds: float = 3 * SECONDS) -> Solved:
    """By HiGHS: its simplex, or its branch and bound where whole numbers are asked for and there are any.

    `seconds`: when the simplex gives up, as if there were no solution, which is then not proved.
    """
    return _whole(one) if integers and any(one.whole) else _plain(one, seconds)


def _plain(one: Linear, seconds: float) -> Solved:
    width = len(one.cost)
    found = linprog(
        one.cost,
        A_ub=one.most.matrix(width),
        b_ub=one.most.right,
        A_eq=one.same.matrix(width),
        b_eq=one.same.right,
        bounds=np.column_stack([one.low, one.high]),
        method="highs",
        options={"time_limit": seconds},
    )
    if found.status != 0:
        return Solved(None, proved=found.status == 2)
    return Solved(found.x, -found.ineqlin.marginals, found.lower.marginals + found.upper.marginals)


def _whole(one: Linear) -> Solved:
    width = len(one.cost)
    rows = [LinearConstraint(one.most.matrix(width), ub=one.most.right)]
    if one.same.right:
        rows.append(LinearConstraint(one.same.matrix(width), one.same.right, one.same.right))
    gap = 1e-6 if width < 500 else 0.01
    found = milp(
        one.cost,
        integrality=one.whole,
        bounds=Bounds(one.low, one.high),
        constraints=rows,
        options={"time_limit": SECONDS, "mip_rel_gap": gap},
    )
    return Solved(found.x, proved=found.status in (0, 2))
