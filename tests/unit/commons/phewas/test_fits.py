"""Fits held against statsmodels, and Firth's against a slow one that says what it is."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import optimize, stats
from statsmodels.duration.hazard_regression import PHReg

from commonweal.commons.analysis.phewas import alone, design, logistic, models
from commonweal.commons.analysis.phewas.cox import cox


@pytest.fixture(scope="module")
def drawn():
    """12,000 people (so that fits start from a sample of them), 8 phecodes, some people neither case nor control."""
    rng = np.random.default_rng(3)
    people = 12_000
    covariates = np.column_stack([rng.integers(18, 90, people), rng.random(people) < 0.5, rng.standard_normal(people)])
    exposure = rng.binomial(2, 0.2, people).astype(float)
    cases, neither = [], []
    for number in range(8):
        chance = 1 / (1 + np.exp(5 - 0.4 * number - 0.01 * covariates[:, 0] - 0.1 * number * exposure))
        case = np.flatnonzero(rng.random(people) < chance)
        cases.append(case)
        neither.append(np.setdiff1d(rng.choice(people, 300 * number), case))
    return exposure, covariates.astype(float), logistic.Outcomes(cases, neither)


def rows_of(exposure, covariates, outcomes, k):
    y = np.zeros(len(exposure))
    y[outcomes.cases[k]] = 1
    asked = np.ones(len(exposure), bool)
    asked[outcomes.neither[k]] = False
    return sm.add_constant(np.column_stack([exposure, covariates]))[asked], y[asked]


def test_every_phecode_has_the_maximum_likelihood_of_statsmodels(drawn):
    exposure, covariates, outcomes = drawn
    shared = design.of_people(exposure, covariates, np.arange(len(exposure)))
    assert len(shared.sample) < shared.people
    found = logistic.fit(shared, outcomes)
    assert found.converged.all()
    for k in range(len(outcomes)):
        x, y = rows_of(exposure, covariates, outcomes, k)
        peer = sm.Logit(y, x).fit(disp=0)
        assert found.beta[k] == pytest.approx(peer.params[1], rel=1e-8)
        assert found.error[k] == pytest.approx(peer.bse[1], rel=1e-6)


def test_the_score_test_is_that_of_the_model_without_the_exposure(drawn):
    exposure, covariates, outcomes = drawn
    shared = design.of_people(exposure, covariates, np.arange(len(exposure)))
    found = logistic.fit(shared, outcomes, score_above=0.05)
    exact = logistic.fit(shared, outcomes)
    for k in range(len(outcomes)):
        x, y = rows_of(exposure, covariates, outcomes, k)
        null = sm.Logit(y, np.delete(x, 1, axis=1)).fit(disp=0).predict()
        weight = null * (1 - null)
        information = np.linalg.inv(x.T @ (x * weight[:, None]))
        z = (x[:, 1] @ (y - null)) * np.sqrt(information[1, 1])
        assert found.score[k] == pytest.approx(z, rel=0.02, abs=0.02)
        assert found.converged[k] == (2 * stats.norm.sf(abs(found.score[k])) <= 0.05)
        assert found.beta[k] == pytest.approx(exact.beta[k], rel=1e-8 if found.converged[k] else 0.2, abs=0.01)
    assert 0 < found.converged.sum() < len(outcomes)


def test_a_column_that_is_the_same_for_these_people_is_left_out():
    rng = np.random.default_rng(5)
    male = np.arange(400) % 2 == 0
    covariates = np.column_stack([male, rng.standard_normal(400)]).astype(float)
    assert design.of_people(rng.random(400), covariates, np.flatnonzero(male)).x.shape == (200, 3)
    assert design.of_people(male.astype(float), covariates, np.flatnonzero(male)) is None
    twice = design.of_people(rng.random(400), np.column_stack([covariates, covariates.sum(axis=1)]), np.arange(400))
    assert design.aliased(twice)


def slow_firth(x, y, held=None):
    """Maximises log likelihood + half the log determinant of the information, by a search that knows no derivative."""

    def loss(beta):
        beta = np.insert(beta, 1, 0.0) if held else beta
        chance = 1 / (1 + np.exp(-x @ beta))
        information = sum(p * (1 - p) * np.outer(row, row) for p, row in zip(chance, x, strict=True))
        likelihood = np.sum(y * np.log(chance) + (1 - y) * np.log(1 - chance))
        return -(likelihood + 0.5 * np.log(np.linalg.det(information)))

    start = np.zeros(x.shape[1] - bool(held))
    found = optimize.minimize(
        loss, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}
    )
    return found.x, -found.fun


@pytest.mark.parametrize("separated", [False, True])
def test_firth_is_the_penalised_maximum(separated):
    rng = np.random.default_rng(11)
    x = np.column_stack([np.ones(40), np.arange(40) % 4 == 0, rng.standard_normal(40)]).astype(float)
    y = (rng.random(40) < 0.3).astype(float)
    if separated:
        y[x[:, 1] == 1] = 0
    beta, best = slow_firth(x, y)
    _, null = slow_firth(x, y, held=True)
    found = alone.firth(x, y)
    assert found.converged
    assert found.beta == pytest.approx(beta[1], abs=1e-6)
    assert found.chi_square == pytest.approx(2 * (best - null), abs=1e-6)
    chance = 1 / (1 + np.exp(-x @ beta))
    covariance = np.linalg.inv(x.T @ (x * (chance * (1 - chance))[:, None]))
    assert found.error == pytest.approx(np.sqrt(covariance[1, 1]), abs=1e-5)
    assert alone.maximum(x, y).converged is not separated


def test_firth_takes_over_where_a_cell_is_empty_and_where_covariates_separate():
    rng = np.random.default_rng(13)
    people = 2_000
    exposure, clinic = (rng.random(people) < 0.1).astype(float), (rng.random(people) < 0.2).astype(float)
    shared = design.of_people(exposure, clinic[:, None], np.arange(people))
    none = np.empty(0, int)
    unexposed, elsewhere = np.flatnonzero(exposure == 0)[:60], np.flatnonzero(clinic == 0)[:200]
    found = models.logistic_of(shared, logistic.Outcomes([unexposed, elsewhere], [none, none]), exposure > 0, None)
    assert [(e.method, e.flags, e.converged) for e in found] == [
        ("firth", ("few",), True),
        ("firth", ("separated",), True),
    ]
    assert found[0].beta < 0
    assert found[0].z < -1


def test_a_covariate_that_nobody_asked_has_is_left_out_of_that_phecode():
    rng = np.random.default_rng(17)
    exposure, clinic = rng.standard_normal(3_000), (rng.random(3_000) < 0.1).astype(float)
    shared = design.of_people(exposure, clinic[:, None], np.arange(3_000))
    case = np.flatnonzero((rng.random(3_000) < 0.1) & (clinic == 0))
    (found,) = models.logistic_of(shared, logistic.Outcomes([case], [np.flatnonzero(clinic)]), None, None)
    y = np.isin(np.arange(3_000), case).astype(float)[clinic == 0]
    peer = sm.Logit(y, sm.add_constant(exposure[clinic == 0])).fit(disp=0)
    assert (found.method, found.beta, found.error) == (
        "wald",
        pytest.approx(peer.params[1], rel=1e-8),
        pytest.approx(peer.bse[1], rel=1e-6),
    )


def test_cox_is_that_of_statsmodels():
    rng = np.random.default_rng(2)
    people = 1_200
    x = rng.standard_normal((people, 3))
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    entry = np.floor(rng.uniform(20, 50, people)) - 0.5
    leaving = np.ceil(entry + rng.exponential(20, people) * np.exp(-0.3 * x[:, 0]))  # whole years: many ties
    event = rng.random(people) < 0.2
    peer = PHReg(leaving, x, status=event.astype(int), entry=entry, ties="efron").fit(disp=0)
    found = cox(x, entry, leaving, event)
    assert found.converged
    assert (found.beta, found.error) == (pytest.approx(peer.params[0], rel=1e-7), pytest.approx(peer.bse[0], rel=1e-7))


def test_cox_without_a_maximum_is_told_by_the_score_test():
    rng = np.random.default_rng(4)
    exposed = (np.arange(300) % 3 == 0).astype(float)
    x = np.column_stack([(exposed - exposed.mean()) / exposed.std(), rng.standard_normal(300)])
    event = (rng.random(300) < 0.3) & (exposed == 0)
    found = cox(x, np.zeros(300), 1 + rng.exponential(10, 300), event)
    assert (found.converged, np.isnan(found.beta)) == (False, True)
    assert found.score < -3
