"""One logistic model by itself: with step halving, for phecodes whose fit went astray beside the others; and Firth's
penalised likelihood, for those that have no finite maximum (separation) or too few people in a cell to trust it.

Sources: Firth, Biometrika 1993; Heinze and Schemper, Statistics in Medicine 2002 (penalised likelihood-ratio test).
"""

from dataclasses import dataclass

import numpy as np

from commonweal.commons.analysis.phewas.design import EXPOSURE, Floats

MOST = 60
HALVINGS = 12
FINITE = 15.0  # coefficients beyond (standard deviations) are those of a likelihood without a maximum


@dataclass(frozen=True)
class Alone:
    """Of the exposure, in standard deviations: estimate, its standard error, and the likelihood-ratio chi square where
    the test is that one (Firth), else NaN."""

    beta: float
    error: float
    chi_square: float
    converged: bool


NOTHING = Alone(np.nan, np.nan, np.nan, False)


def maximum(x: Floats, y: Floats) -> Alone:
    """The maximum of the likelihood; `converged` is False where there is none."""
    free = np.arange(x.shape[1])
    beta, sound = _climb(x, y, free, penalised=False)
    if not sound or np.abs(beta).max() > FINITE:
        return NOTHING
    covariance = np.linalg.inv(_State(x, y, beta, penalised=False).information)
    return Alone(float(beta[EXPOSURE]), float(np.sqrt(covariance[EXPOSURE, EXPOSURE])), np.nan, True)


def firth(x: Floats, y: Floats) -> Alone:
    """The maximum of the penalised likelihood, its error from the information there, and the likelihood-ratio test."""
    free = np.arange(x.shape[1])
    try:
        beta, sound = _climb(x, y, free, penalised=True)
        held, sound_held = _climb(x, y, np.delete(free, EXPOSURE), penalised=True)
        best, null = (_State(x, y, b, penalised=True) for b in (beta, held))
        covariance = np.linalg.inv(best.information)
    except np.linalg.LinAlgError:
        return NOTHING
    ratio = max(0.0, 2 * (best.likelihood - null.likelihood))
    error = float(np.sqrt(covariance[EXPOSURE, EXPOSURE]))
    return Alone(float(beta[EXPOSURE]), error, ratio, sound and sound_held)


class _State:
    """The (penalised) log likelihood at `beta`, its information matrix and its gradient."""

    def __init__(self, x: Floats, y: Floats, beta: Floats, penalised: bool) -> None:
        predictor = x @ beta
        self.x, self.y, self.penalised = x, y, penalised
        self.chance = 1 / (1 + np.exp(-np.clip(predictor, -700, 700)))
        self.weight = self.chance * (1 - self.chance)
        self.information = x.T @ (x * self.weight[:, None])
        self.likelihood = float(y @ predictor - np.logaddexp(0, predictor).sum())
        if penalised:
            self.root = np.linalg.cholesky(self.information)
            self.likelihood += float(np.log(np.diag(self.root)).sum())

    def gradient(self) -> Floats:
        gap = self.y - self.chance
        if self.penalised:
            leverage = np.square(np.linalg.solve(self.root, self.x.T)).sum(axis=0) * self.weight
            gap = gap + leverage * (0.5 - self.chance)
        return self.x.T @ gap


def _climb(x: Floats, y: Floats, free: np.ndarray, penalised: bool) -> tuple[Floats, bool]:
    """Newton's steps in the coefficients `free`, the others 0, halved until the likelihood rises."""
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(y.sum() / (len(y) - y.sum()))
    state = _State(x, y, beta, penalised)
    part = np.ix_(free, free)
    for _ in range(MOST):
        try:
            step = np.zeros_like(beta)
            step[free] = np.linalg.solve(state.information[part], state.gradient()[free])
        except np.linalg.LinAlgError:
            return beta, False
        step /= max(1.0, np.abs(step).max() / 5)
        for _ in range(HALVINGS):
            tried = _State(x, y, beta + step, penalised)
            if tried.likelihood >= state.likelihood - 1e-10 * abs(state.likelihood):
                break
            step /= 2
        beta, state = beta + step, tried
        if np.abs(step).max() < 1e-9:
            return beta, True
        if not penalised and np.abs(beta).max() > 2 * FINITE:
            return beta, False
    return beta, bool(np.abs(step).max() < 1e-6)
