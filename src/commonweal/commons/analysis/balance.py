"""How alike two cohorts are in each term of a model, before and after weights: standardised differences.

Both are over the spread before, sqrt((s1² + s2²) / 2), so that what matching does to the spread does not show as balance
(Stuart, Stat Sci 2010;25:1).
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from commonweal.commons.analysis.design import Design
from commonweal.commons.analysis.differences import continuous
from commonweal.commons.analysis.gate import Gate
from commonweal.commons.analysis.tabular import rounded

Vector = npt.NDArray[np.float64]
NUMBERS = ("first_before", "second_before", "before", "first_after", "second_after", "after")
SCHEMA = pa.schema([("term", pa.string()), *((name, pa.float64()) for name in NUMBERS), ("suppressed", pa.bool_())])


def balance(made: Design, treated: npt.NDArray[np.bool_], weights: Vector, asked: Gate, hidden: bool) -> pa.Table:
    """A row a term: means of both groups and their standardised difference, before and after (all people weigh 1, then
    `weights`). `hidden`: no number after may be shown."""
    rows = []
    for i, term in enumerate(made.terms):
        column = made.matrix[:, i]
        first, second = column[treated], column[~treated]
        means = [float(first.mean()), float(second.mean())]
        spreads = [_spread(values, made.flags[i]) for values in (first, second)]
        after = [float(np.average(column[own], weights=weights[own])) for own in (treated, ~treated)]
        numbers = [
            *means, continuous(means[0], spreads[0], means[1], spreads[1]),
            *after, continuous(after[0], spreads[0], after[1], spreads[1]),
        ]  # fmt: skip
        few = not asked.exact and _few(column, treated, weights, made.flags[i], asked.policy.min_cell)
        told = [None if few else n if asked.exact else rounded(n) for n in numbers]
        if hidden:
            told[3:] = [None] * 3
        rows.append({"term": term, **dict(zip(NUMBERS, told, strict=True)), "suppressed": few or hidden})
    return pa.Table.from_pylist(rows, SCHEMA)


def _spread(values: Vector, flag: bool) -> float:
    return float(values.std(ddof=0 if flag or len(values) < 2 else 1))


def _few(column: Vector, treated: npt.NDArray[np.bool_], weights: Vector, flag: bool, least: int) -> bool:
    """Whether 1 to `least` people of either group have it, or have it not, before or after."""
    for own in (treated, ~treated, treated & (weights > 0), ~treated & (weights > 0)):
        had = int((column[own] > 0).sum()) if flag else int(own.sum())
        if 0 < had <= least or (flag and 0 < int(own.sum()) - had <= least):
            return True
    return False
