"""Logistic models of many phecodes at once, by Newton's method in double precision.

All phecodes share the rows of the design. Per step and block of rows: linear predictors of all phecodes are one matrix
product, and so are all gradients and all information matrices (products of pairs of columns times weights). Who is
neither case nor control of a phecode gets weight 0 there. Fits start from the same model with a sample of the people in
place of all (sums over cases are exact from the start), so that two or three steps over everybody are left.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from commonweal.commons.analysis.phewas.design import EXPOSURE, Design, Floats, Rows

Flags = NDArray[np.bool_]
TILE = 1 << 16  # cells (rows x phecodes) worked on at a time: what the processor's cache holds
STEPS = 12  # what has not converged by then is looked at alone (alone.py)
FARTHEST = 25.0  # a coefficient, in standard deviations of its column, of a fit that runs away
PRECISE = 1e-6


@dataclass(frozen=True)
class Outcomes:
    """Of one block of phecodes: rows of `design` that are cases, and rows that are neither case nor control."""

    cases: list[Rows]
    neither: list[Rows]

    def __len__(self) -> int:
        return len(self.cases)


@dataclass(frozen=True)
class Fits:
    """One entry a phecode; beta and error are of one unit of the exposure. `score`: z of the score test."""

    beta: Floats
    error: Floats
    converged: Flags
    score: Floats


def fit(design: Design, outcomes: Outcomes, score_above: float | None = None) -> Fits:
    """Maximum likelihood for every phecode of a block; what does not converge is told so, with NaN.

    With `score_above`, the score test of the exposure comes first, and phecodes with a p-value above it are not fitted:
    beta and error are then those of one step from the model without the exposure, `converged` is False and `score` given.
    """
    work = _Work(design, outcomes)
    if score_above is None:
        beta = work.sampled(np.arange(design.x.shape[1]))
        return work.newton(beta, np.ones(len(outcomes), bool))
    from scipy.stats import norm

    null = np.delete(np.arange(design.x.shape[1]), EXPOSURE)
    screened = work.score(work.sampled(null))
    wanted = ~(2 * norm.sf(np.abs(screened.score)) > score_above)
    exact = work.newton(work.sampled(np.arange(design.x.shape[1])), wanted)
    beta, error = (np.where(wanted, a, b) for a, b in ((exact.beta, screened.beta), (exact.error, screened.error)))
    return Fits(beta, error, exact.converged, screened.score)


class _Work:
    def __init__(self, design: Design, outcomes: Outcomes) -> None:
        self.design, self.outcomes = design, outcomes
        self.totals = np.array(
            [design.x[rows].sum(axis=0) for rows in outcomes.cases]
        ).T  # of cases, [columns, phecodes]
        self.neither = _Pairs.of(outcomes.neither)
        self.first, self.second = np.triu_indices(design.x.shape[1])

    def sampled(self, columns: Rows) -> Floats:
        """Coefficients [columns, phecodes] from the sample, 0 for columns that are not named."""
        design, count = self.design, len(self.outcomes)
        cases = np.array([len(rows) for rows in self.outcomes.cases])
        asked = design.people - np.array([len(rows) for rows in self.outcomes.neither])
        beta = np.zeros((design.x.shape[1], count))
        beta[0] = np.log(cases / (asked - cases))
        small = min(cases.min(), (asked - cases).min())
        if small < 1:
            raise ValueError("every phecode of a block has cases and controls")
        part = np.ix_(columns, columns)
        share = cases / asked
        ridge = 1e-4 * asked * share * (1 - share)
        for _ in range(8):
            sums, information = self.sums(beta, np.arange(count), self.design.sample, rough=True)
            gap = (self.totals - sums)[columns]
            matrices = information[:, part[0], part[1]] + ridge[:, None, None] * np.eye(len(columns))
            step = np.linalg.solve(matrices, gap.T[:, :, None])[:, :, 0].T
            size = np.abs(step).max(axis=0)
            beta[columns] += step / np.maximum(1, size)
            if size.max() < 0.02:
                break
        return np.clip(beta, -FARTHEST, FARTHEST)

    def newton(self, beta: Floats, wanted: Flags) -> Fits:
        """Steps over everybody until coefficients and errors hold to the sixth figure, also where z is large."""
        count = len(self.outcomes)
        nothing = np.full(count, np.nan)
        found = Fits(nothing.copy(), nothing.copy(), np.zeros(count, bool), nothing)
        active = np.flatnonzero(wanted)
        for number in range(STEPS):
            if not len(active):
                break
            sums, information = self.sums(beta[:, active], active, rough=number == 0)
            inverse, sound = _inverse(information)
            step = np.einsum("kab,bk->ak", inverse, self.totals[:, active] - sums)
            size = np.abs(step).max(axis=0)
            beta[:, active] += step / np.maximum(1, size / 2)
            error = np.sqrt(np.where(sound, inverse[:, EXPOSURE, EXPOSURE], np.nan))
            z = beta[EXPOSURE, active] / error
            done = sound & (size * np.maximum(1, z * z) < PRECISE) & (number > 0)
            at = active[done]
            found.beta[at] = beta[EXPOSURE, at] / self.design.scale
            found.error[at], found.converged[at] = error[done] / self.design.scale, True
            lost = ~sound | (np.abs(beta[:, active]).max(axis=0) > FARTHEST)
            active = active[~done & ~lost]
        return found

    def score(self, beta: Floats) -> Fits:
        """The score test of the exposure at `beta`, whose exposure is 0; the part of other columns is taken out, so
        that the coefficients of covariates need not be the best to the last figure (Neyman's C(alpha))."""
        every = np.arange(len(self.outcomes))
        sums, information = self.sums(beta, every)
        inverse, sound = _inverse(information)
        step = np.einsum("kab,bk->ak", inverse, self.totals - sums)[EXPOSURE]
        error = np.sqrt(np.where(sound, inverse[:, EXPOSURE, EXPOSURE], np.nan))
        score = step / error
        return Fits(step / self.design.scale, error / self.design.scale, np.zeros(len(every), bool), score)

    def sums(
        self, beta: Floats, phecodes: Rows, sample: Rows | None = None, rough: bool = False
    ) -> tuple[Floats, Floats]:
        """Of each phecode: expected totals of the columns [columns, phecodes], information [phecodes, columns, columns].

        Over all rows, or over a sample of them, scaled up; `rough`: in single precision.
        """
        x = self.design.single if rough else self.design.x
        x, beta = x if sample is None else x[sample], beta.astype(x.dtype)
        columns, count = beta.shape
        neither = self.neither.of_phecodes(phecodes, sample, self.design.people)
        height = max(64, TILE // max(count, 64))
        expected, weighted = np.zeros((columns, count)), np.zeros((len(self.first), count))
        for start in range(0, len(x), height):
            rows = x[start : start + height]
            chance = _chances(rows @ beta)
            neither.blank(chance, start)
            expected += rows.T @ chance
            chance -= chance * chance
            weighted += (rows[:, self.first] * rows[:, self.second]).T @ chance
        information = np.empty((count, columns, columns))
        information[:, self.first, self.second] = information[:, self.second, self.first] = weighted.T
        scaled = self.design.people / len(x)
        return expected * scaled, information * scaled


def _chances(predictor: Floats) -> Floats:
    """1 / (1 + exp(-predictor)), in place."""
    np.clip(predictor, -40, 40, out=predictor)
    np.negative(predictor, out=predictor)
    np.exp(predictor, out=predictor)
    predictor += 1
    return np.reciprocal(predictor, out=predictor)


def _inverse(matrices: Floats) -> tuple[Floats, Flags]:
    """Inverses, and which are of sound matrices (finite, positive, not close to singular); the others' are 0."""
    finite: Flags = np.asarray(np.isfinite(matrices).all(axis=(1, 2)), dtype=np.bool_)
    whole = np.where(finite[:, None, None], matrices, np.eye(matrices.shape[1]))
    values = np.linalg.eigvalsh(whole)
    sound: Flags = np.logical_and(finite, values[:, 0] > 1e-11 * values[:, -1])
    whole[~sound] = np.eye(matrices.shape[1])
    return np.where(sound[:, None, None], np.linalg.inv(whole), 0), sound


@dataclass(frozen=True)
class _Pairs:
    """(row, phecode), sorted by row: who is neither case nor control."""

    rows: Rows
    phecodes: Rows
    width: int

    @classmethod
    def of(cls, lists: list[Rows]) -> "_Pairs":
        rows = np.concatenate([np.asarray(one, dtype=np.int64) for one in lists])
        phecodes = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
        order = np.argsort(rows, kind="stable")
        return cls(rows[order], phecodes[order], len(lists))

    def of_phecodes(self, phecodes: Rows, sample: Rows | None, people: int) -> "_Pairs":
        """Those of some phecodes, numbered in their order; of a sample of rows, numbered likewise."""
        place = np.full(self.width, -1, dtype=np.int64)
        place[phecodes] = np.arange(len(phecodes))
        kept = place[self.phecodes] >= 0
        rows, columns = self.rows[kept], place[self.phecodes[kept]]
        if sample is not None:
            at = np.full(people, -1, dtype=np.int64)
            at[sample] = np.arange(len(sample))
            inside = at[rows] >= 0
            rows, columns = at[rows[inside]], columns[inside]
        return _Pairs(rows, columns, len(phecodes))

    def blank(self, cells: Floats, start: int) -> None:
        """Set to 0 the cells of these pairs in a tile that begins with row `start`."""
        low, high = np.searchsorted(self.rows, (start, start + len(cells)))
        cells[self.rows[low:high] - start, self.phecodes[low:high]] = 0
