"""The propensity score: how likely somebody is to be in the first of two cohorts, from what is known of them."""

import warnings

import numpy as np
import numpy.typing as npt

from commonweal.commons.analysis.design import Design
from commonweal.errors import BadInput


def logit(made: Design, treated: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The logit of each person's score, by logistic regression (statsmodels). Raises BadInput for separation."""
    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    for i, term in enumerate(made.terms):
        of = made.matrix[:, i] > 0
        if made.flags[i] and (
            treated[of].all() or not treated[of].any() or treated[~of].all() or not treated[~of].any()
        ):
            raise BadInput(
                f"covariate {term}: everybody with it, or without it, is in one of the cohorts; leave it out, or take"
                " those people out of both"
            )
    scaled = (made.matrix - made.matrix.mean(axis=0)) / made.matrix.std(axis=0)
    columns = np.column_stack([np.ones(len(scaled)), scaled])
    if np.linalg.matrix_rank(columns.T @ columns / len(columns)) < columns.shape[1]:
        raise BadInput(
            f"covariates: {', '.join(made.terms)[:200]}: some say the same as others together; leave one out"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = Logit(treated.astype(float), columns).fit(disp=0, maxiter=100, method="newton")
        except (PerfectSeparationError, np.linalg.LinAlgError):
            found = None
    score = None if found is None else columns @ found.params
    if score is None or not found.mle_retvals["converged"] or _apart(score, treated):
        raise BadInput("covariates: together they tell the two cohorts apart, so that nobody is alike; leave some out")
    return score


def _apart(score: npt.NDArray[np.float64], treated: npt.NDArray[np.bool_]) -> bool:
    return bool(score[treated].min() > score[~treated].max())
