"""Estimates for the phecodes of one block, and by which method each was come by."""

from typing import NamedTuple

import numpy as np

from commonweal.commons.analysis.phewas import alone, logistic
from commonweal.commons.analysis.phewas.cox import cox
from commonweal.commons.analysis.phewas.design import EXPOSURE, Design, Floats
from commonweal.commons.analysis.phewas.logistic import Outcomes

FEW_CASES = 20  # cases, or controls, below which a plain fit is not trusted
FEW_IN_CELL = 5  # the same for each of: cases and controls, exposed and not


class Estimate(NamedTuple):
    """Of one unit of the exposure. `z`: signed root of the test's chi square; `method`: wald, firth, score or none."""

    beta: float = np.nan
    error: float = np.nan
    z: float = np.nan
    method: str = "none"
    converged: bool = False
    flags: tuple[str, ...] = ()


def logistic_of(
    design: Design, outcomes: Outcomes, exposed: np.ndarray | None, score_above: float | None
) -> list[Estimate]:
    """Plain fits together; Firth's for few people in a cell, and where the plain likelihood has no maximum."""
    few = np.array([is_few(design, outcomes, k, exposed) for k in range(len(outcomes))], dtype=bool)
    found = [Estimate()] * len(outcomes)
    plain = np.flatnonzero(~few)
    if len(plain):
        some = Outcomes([outcomes.cases[k] for k in plain], [outcomes.neither[k] for k in plain])
        fits = logistic.fit(design, some, score_above)
        for at, k in enumerate(plain):
            beta, error, score = fits.beta[at], fits.error[at], fits.score[at]
            if fits.converged[at]:
                found[k] = Estimate(beta, error, beta / error, "wald", True)
            elif np.isfinite(score) and np.isfinite(beta):
                found[k] = Estimate(beta, error, score, "score", True, ("one_step",))
            else:
                found[k] = _alone(design, outcomes, int(k), plain_first=True)
    for k in np.flatnonzero(few):
        found[k] = _alone(design, outcomes, int(k), plain_first=False)
    return found


def is_few(design: Design, outcomes: Outcomes, k: int, exposed: np.ndarray | None) -> bool:
    """`exposed`: of the rows of the design; None where the exposure is a measure."""
    cases, neither = outcomes.cases[k], outcomes.neither[k]
    controls = design.people - len(cases) - len(neither)
    if min(len(cases), controls) < FEW_CASES:
        return True
    if exposed is None:
        return False
    with_it = int(exposed[cases].sum())
    controls_with = int(exposed.sum()) - with_it - int(exposed[neither].sum())
    return min(with_it, len(cases) - with_it, controls_with, controls - controls_with) < FEW_IN_CELL


def _alone(design: Design, outcomes: Outcomes, k: int, plain_first: bool) -> Estimate:
    y = np.zeros(design.people)
    y[outcomes.cases[k]] = 1
    asked = np.ones(design.people, bool)
    asked[outcomes.neither[k]] = False
    flag = "separated" if plain_first else "few"
    x, y = _varying(design.x[asked]), y[asked]
    if x is None:
        return Estimate(flags=(flag, "not_estimable"))
    if plain_first:
        plain = alone.maximum(x, y)
        if plain.converged:
            beta, error = plain.beta / design.scale, plain.error / design.scale
            return Estimate(beta, error, beta / error, "wald", True)
    fit = alone.firth(x, y)
    if not np.isfinite(fit.beta):
        return Estimate(flags=(flag, "not_estimable"))
    z = float(np.copysign(np.sqrt(fit.chi_square), fit.beta))
    flags = (flag,) if fit.converged else (flag, "not_converged")
    return Estimate(fit.beta / design.scale, fit.error / design.scale, z, "firth", fit.converged, flags)


def _varying(x: Floats) -> Floats | None:
    """Without covariates that are the same for all of these people; None where the exposure is, or a column follows
    from the others."""
    varies = np.ptp(x, axis=0) > 1e-9
    varies[0] = True
    if not varies[EXPOSURE]:
        return None
    kept = x[:, varies]
    values = np.linalg.eigvalsh(kept.T @ kept / len(kept))
    return kept if values[0] > 1e-11 * values[-1] else None


def cox_of(design: Design, outcomes: Outcomes, entry: Floats, leaving: Floats, first: list[Floats]) -> list[Estimate]:
    """`entry`, `leaving`: ages of the rows of the design; `first`: of each phecode, the ages of its cases."""
    found = []
    for cases, neither, ages in zip(outcomes.cases, outcomes.neither, first, strict=True):
        event, until, asked = np.zeros(design.people, bool), leaving.copy(), np.ones(design.people, bool)
        event[cases], until[cases], asked[neither] = True, ages, False
        fit = cox(design.x[asked, EXPOSURE:], entry[asked], until[asked], event[asked])
        if fit.converged:
            found.append(
                Estimate(fit.beta / design.scale, fit.error / design.scale, fit.beta / fit.error, "wald", True)
            )
        elif np.isfinite(fit.score):
            found.append(Estimate(z=fit.score, method="score", flags=("separated",)))
        else:
            found.append(Estimate(flags=("not_estimable",)))
    return found
