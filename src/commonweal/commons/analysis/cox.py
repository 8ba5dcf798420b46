"""Cox regression: hazard ratios, and whether hazards are proportional.

statsmodels fits it, with Efron's method for ties. Proportionality: the correlation of each term's Schoenfeld residuals
with the rank of time, and its p (Schoenfeld, Biometrika 1982;69:239; Grambsch & Therneau, Biometrika 1994;81:515): far
from 0, the ratio changes as time goes by. The rows are held in memory: 8 bytes a person and term, some four times over.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from commonweal.commons.analysis.design import Design
from commonweal.commons.analysis.gate import Gate
from commonweal.commons.analysis.tabular import Tabular, rounded
from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.commons.analysis.figure import Figure

Vector = npt.NDArray[np.float64]
NUMBERS = ("hazard_ratio", "low", "high", "p", "residual_correlation", "residual_p")
SCHEMA = pa.schema([("term", pa.string()), *((name, pa.float64()) for name in NUMBERS), ("suppressed", pa.bool_())])


@dataclass(frozen=True)
class Cox(Tabular):
    """`table`: one row a term. `left_out`: people without a value of a covariate (None: withheld)."""

    left_out: int | None

    def figure(self) -> "Figure":
        from commonweal.commons.analysis.forest import forest

        return forest(self.table, label="term", estimate="hazard_ratio", x_label="Hazard ratio (95% interval)")


def cox(made: Design, days: Vector, events: npt.NDArray[np.bool_], asked: Gate, left_out: int) -> Cox:
    """Raises BadInput where a term tells apart all who had the event, or terms repeat one another."""
    _check(made, events)
    scale = made.matrix.std(axis=0)
    centre = made.matrix.mean(axis=0)
    found = _fit((made.matrix - centre) / scale, days, events, made.terms)
    coefficients, errors = found.params / scale, found.bse / scale
    residuals = _residuals(found, days, events)
    from scipy.special import ndtr, ndtri

    half = float(ndtri(0.975)) * errors
    low, high = np.exp(coefficients - half), np.exp(coefficients + half)
    p = 2 * ndtr(-np.abs(coefficients / errors))
    rows = []
    for i, term in enumerate(made.terms):
        numbers = (np.exp(coefficients[i]), low[i], high[i], p[i], *residuals[i])
        hidden = not asked.exact and _few(made, i, events, asked.policy.min_cell)
        told = [None if hidden else float(n) if asked.exact else rounded(float(n)) for n in numbers]
        rows.append({"term": term, **dict(zip(NUMBERS, told, strict=True)), "suppressed": hidden})
    return Cox(pa.Table.from_pylist(rows, SCHEMA), asked.one(left_out).persons)


def _fit(matrix: Vector, days: Vector, events: npt.NDArray[np.bool_], terms: list[str]) -> Any:
    from statsmodels.duration.hazard_regression import PHReg

    if np.linalg.matrix_rank(np.corrcoef(matrix, rowvar=False).reshape(len(terms), -1)) < len(terms):
        raise BadInput(f"covariates: {', '.join(terms)[:200]}: some say the same as others together; leave one out")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = PHReg(days, matrix, status=events.astype(int), ties="efron").fit(disp=0)
    if not np.isfinite(found.params).all() or np.abs(found.params).max() > 20:
        worst = terms[int(np.nanargmax(np.abs(found.params)))]
        raise BadInput(f"covariate {worst}: tells apart all who had the event, so it has no finite ratio; leave it out")
    return found


def _check(made: Design, events: npt.NDArray[np.bool_]) -> None:
    if not events.any():
        raise BadInput("survival: nobody had the event, so there is nothing to model")
    for i, term in enumerate(made.terms):
        if made.flags[i]:
            of = made.matrix[:, i] > 0
            if not events[of].any() or not events[~of].any():
                raise BadInput(
                    f"covariate {term}: the event came only to people {'without' if not events[of].any() else 'with'} it,"
                    " so it has no finite ratio; leave it out, or join it with another"
                )


def _few(made: Design, i: int, events: npt.NDArray[np.bool_], least: int) -> bool:
    """Whether a term rests on few: people with or without it, or events among either."""
    if not made.flags[i]:
        return int(events.sum()) <= least
    of = made.matrix[:, i] > 0
    return min(int(n) for n in (of.sum(), (~of).sum(), events[of].sum(), events[~of].sum())) <= least


def _residuals(found: Any, days: Vector, events: npt.NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Correlation with the rank of time, and its two-sided p (Student's t), of each term."""
    from scipy.special import stdtr

    rows = found.schoenfeld_residuals[events]
    _, at, sizes = np.unique(days[events], return_inverse=True, return_counts=True)
    ranks = (np.cumsum(sizes) - (sizes - 1) / 2)[at]
    told = []
    for column in rows.T:
        known = np.isfinite(column)
        number = int(known.sum())
        if number < 3 or np.ptp(column[known]) == 0 or np.ptp(ranks[known]) == 0:
            told.append((float("nan"), float("nan")))
            continue
        r = float(np.corrcoef(column[known], ranks[known])[0, 1])
        t = abs(r) * ((number - 2) / max(1 - r * r, 1e-300)) ** 0.5
        told.append((r, 2 * float(stdtr(number - 2, -t))))
    return told
