"""The design matrix that all phecodes of one set of people share."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
EXPOSURE = 1  # column of the exposure; column 0 is the constant


@dataclass(frozen=True)
class Design:
    """`x` [people, columns]: the constant, the exposure, the covariates, all but the constant centred and in units of
    their standard deviation. `scale`: the exposure's. `place` [everybody]: row of a person in `x`, -1 where not in it."""

    x: Floats
    scale: float
    rows: Rows
    place: Rows

    @property
    def people(self) -> int:
        return len(self.x)

    @cached_property
    def single(self) -> NDArray[np.float32]:
        """The same in single precision."""
        return self.x.astype(np.float32)

    @cached_property
    def sample(self) -> Rows:
        """A tenth of the rows, 5,000 at least, the same for the same people: where fits of all rows start from."""
        size = max(5_000, self.people // 10)
        if size >= self.people:
            return np.arange(self.people)
        return np.sort(np.random.default_rng(size).choice(self.people, size, replace=False))


def of_people(exposure: Floats, covariates: Floats, rows: Rows) -> Design | None:
    """The design of the people `rows`; covariates that are the same for all of them are left out.

    None where they all have the same exposure, so that nothing can be said of it.
    """
    columns = np.column_stack([exposure[rows], covariates[rows]]) if len(rows) else np.empty((0, 1))
    spread = columns.std(axis=0) if len(rows) else np.zeros(1)
    varies = spread > 1e-12 * np.maximum(1, np.abs(columns).max(axis=0, initial=0))
    if not varies[0]:
        return None
    kept = columns[:, varies]
    x = np.column_stack([np.ones(len(rows)), (kept - kept.mean(axis=0)) / spread[varies]])
    place = np.full(len(exposure), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return Design(np.ascontiguousarray(x), float(spread[0]), rows, place)


def aliased(design: Design) -> bool:
    """Whether some column follows from the others, so that no fit is possible."""
    values = np.linalg.eigvalsh(design.x.T @ design.x / design.people)
    return bool(values[0] < 1e-9 * values[-1])
