"""Survival: worked by hand; against statsmodels person by person; censoring; the gate; what cannot be asked."""

import random
from datetime import timedelta

import numpy as np
import pytest
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from commonweal import commons
from commonweal.commons.analysis import coarse
from commonweal.commons.analysis.gate import Gate
from commonweal.commons.analysis.kaplan_meier import Counts, curve, log_rank
from commonweal.disclosure import Policy
from commonweal.errors import BadInput
from tests import omop_folder as omop
from tests.omop_folder import ASTHMA, DIABETES, FEMALE, HYPERTENSION, MALE, day

EVENT = {"type": "condition", "concepts": [HYPERTENSION]}
START = day("2010-01-01")


def _counts(days, events):
    times, at = np.unique(days, return_inverse=True)
    return Counts(times.astype(float), np.bincount(at).astype(float), np.bincount(at, weights=events))


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """Index on START for all; (event, death, end of observation) after so many days."""
    told = {1: (10, None, 100), 2: (None, 20, 100), 3: (None, None, 30), 4: (40, None, 100), 5: (10, None, 100),
            6: (200, None, 100), 7: (-5, None, 100), 8: (20, 10, 100)}  # fmt: skip
    ill = [omop.condition(n, START) for n in told] + [omop.condition(9, START)]
    ill += [omop.condition(n, START + timedelta(t[0]), HYPERTENSION) for n, t in told.items() if t[0] is not None]
    ill += [omop.condition(7, START + timedelta(60), HYPERTENSION)]
    folder = omop.write(
        tmp_path_factory.mktemp("omop"),
        person=[omop.person(n, "1950-01-01", FEMALE if n % 2 else MALE) for n in range(1, 10)],
        condition_occurrence=ill,
        death=[{"person_id": n, "death_date": START + timedelta(t[1])} for n, t in told.items() if t[1] is not None],
        observation_period=[omop.period(n, START, START + timedelta(t[2])) for n, t in told.items()]
        + [omop.period(9, day("2011-01-01"), day("2012-01-01"))],
    )
    return commons.open(folder)


def test_a_curve_worked_by_hand(release):
    found = release.survival(omop.indexed(DIABETES), EVENT)
    rows = [(r["days"], r["at_risk"], r["events"], round(r["survival"], 9)) for r in found.table.to_pylist()]
    # 1 and 5 on day 10, where 8 dies; 2 dies on day 20; 3 is lost on day 30; 4 on day 40; 6 only after all observation
    assert rows == [(10, 7, 2, round(5 / 7, 9)), (40, 2, 1, round(5 / 14, 9))]
    (told,) = found.summary.to_pylist()
    assert {k: told[k] for k in ("persons", "events", "died", "censored", "not_observed", "had_it_before")} == {
        "persons": 7, "events": 3, "died": 2, "censored": 2, "not_observed": 1, "had_it_before": 1,
    }  # fmt: skip
    assert told["median_days"] == 40
    assert "2 died before it" in found.note
    assert found.test is None


def test_who_had_it_before_and_where_observation_ends_are_the_callers_choice(release):
    kept = release.survival(omop.indexed(DIABETES), EVENT, prior="keep").summary.to_pylist()[0]
    assert (kept["persons"], kept["events"]) == (8, 4)
    longer = release.survival(omop.indexed(DIABETES), EVENT, ends="release").summary.to_pylist()[0]
    assert (longer["persons"], longer["events"], longer["not_observed"]) == (8, 4, 0)  # 6 and 9 as well
    shorter = release.survival(omop.indexed(DIABETES), EVENT, max_days=10).summary.to_pylist()[0]
    assert (shorter["persons"], shorter["events"], shorter["died"]) == (7, 2, 1)
    dead = release.survival(omop.indexed(DIABETES), "death")
    assert [(r["days"], r["events"]) for r in dead.table.to_pylist()] == [(10, 1), (20, 1)]
    assert dead.note == "The event is death."


def test_without_censoring_survival_is_who_is_left():
    days = np.random.default_rng(3).integers(1, 60, 500)
    found = curve(_counts(days, np.ones(500)))
    assert found.survival == pytest.approx([(days > t).mean() for t in found.days], abs=1e-12)


def test_sums_by_day_say_what_persons_say():
    rng = np.random.default_rng(8)
    days, events, group = rng.integers(1, 90, 400), rng.integers(0, 2, 400), rng.integers(0, 3, 400)
    found, person = curve(_counts(days, events)), SurvfuncRight(days, events)
    assert found.survival == pytest.approx(person.surv_prob)
    assert found.at_risk == pytest.approx(person.n_risk)
    at = int(np.flatnonzero(found.survival < 0.7)[0])  # Greenwood on the scale log(-log S)
    s, se = person.surv_prob[at], person.surv_prob_se[at]
    half = 1.959963984540054 * se / (s * abs(np.log(s)))
    assert (found.low[at], found.high[at]) == pytest.approx((s ** np.exp(half), s ** np.exp(-half)))
    chi2, freedom, p = log_rank([_counts(days[group == g], events[group == g]) for g in range(3)])
    assert (chi2, p) == pytest.approx(survdiff(days, events, group))
    assert freedom == 2
    assert log_rank([_counts(days, np.zeros(400)), _counts(days, np.zeros(400))]) is None


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """600 people: men fare worse, age does nothing; asthma is where they come from."""
    rng = random.Random(4)
    people, ill, spans = [], [], []
    for n in range(1, 601):
        sex = rng.choice([MALE, FEMALE])
        people.append(omop.person(n, f"{rng.randrange(1940, 1990)}-03-05", sex))
        ill.append(omop.condition(n, START))
        if rng.random() < 0.5:
            ill.append(omop.condition(n, START, ASTHMA))
        ill.append(
            omop.condition(
                n, START + timedelta(1 + int(rng.expovariate(1 / (900 if sex == FEMALE else 500)))), HYPERTENSION
            )
        )
        spans.append(omop.period(n, START, START + timedelta(1 + rng.randrange(1500))))
    folder = omop.write(
        tmp_path_factory.mktemp("many"), person=people, condition_occurrence=ill, observation_period=spans
    )
    return folder, people, ill, spans


def _rows(people, ill, spans):
    end = {s["person_id"]: (s["observation_period_end_date"] - START).days for s in spans}
    event = {
        c["person_id"]: (c["condition_start_date"] - START).days
        for c in ill
        if c["condition_concept_id"] == HYPERTENSION
    }
    days = np.array([min(end[p["person_id"]], event[p["person_id"]]) for p in people], float)
    status = np.array([event[p["person_id"]] <= end[p["person_id"]] for p in people])
    man = np.array([p["gender_concept_id"] == MALE for p in people], float)
    age = np.array([2010 - p["year_of_birth"] - 1 for p in people], float)
    return days, status, man, age


def test_hazard_ratios_are_those_of_statsmodels(many):
    folder, *drawn = many
    days, status, man, age = _rows(*drawn)
    found = commons.open(folder).survival(omop.indexed(DIABETES), EVENT, by="sex", covariates=["age"])
    order = list(found.summary["cohort"].to_pylist())
    term = man if order[1] == "MALE" else 1 - man
    person = PHReg(days, np.column_stack([term, age]), status=status, ties="efron").fit()
    rows = found.cox.table.to_pylist()
    assert [r["term"] for r in rows] == [order[1], "Age (years)"]
    assert [r["hazard_ratio"] for r in rows] == pytest.approx(np.exp(person.params), rel=1e-5)
    low, high = np.exp(person.conf_int()).T
    assert [r["low"] for r in rows] == pytest.approx(low, rel=1e-5)
    assert [r["high"] for r in rows] == pytest.approx(high, rel=1e-5)
    assert [r["p"] for r in rows] == pytest.approx(person.pvalues, rel=1e-4)
    residual = person.schoenfeld_residuals[status]
    rank = np.argsort(np.argsort(days[status], kind="stable"), kind="stable")
    assert rows[1]["residual_correlation"] == pytest.approx(np.corrcoef(residual[:, 1], rank)[0, 1], abs=0.01)
    assert found.test["p"] < 0.001
    assert found.cox.left_out == 0


def test_proportional_hazards_that_are_not_are_seen():
    """Two groups whose curves cross: the ratio is above 1 early, below 1 late."""
    from commonweal.commons.analysis.cox import cox
    from commonweal.commons.analysis.design import Design

    rng = np.random.default_rng(0)
    group = np.repeat([0.0, 1.0], 300)
    days = np.concatenate(
        [rng.normal(100, 5, 300), np.concatenate([rng.uniform(1, 50, 150), rng.uniform(150, 300, 150)])]
    )
    made = Design(group[:, None], ["group"], [0], np.arange(600), [True])
    row = cox(made, np.round(days), np.ones(600, bool), Gate(Policy(), exact=True), 0).table.to_pylist()[0]
    assert row["residual_correlation"] < -0.3 and row["residual_p"] < 1e-6


@pytest.mark.parametrize(
    ("cohorts", "event", "more", "words"),
    [
        ({"version": 1}, EVENT, {}, "has no index date"),
        (omop.indexed(DIABETES), {"type": "condition", "concepts": [DIABETES]}, {}, "nobody is left to follow"),
        (omop.indexed(DIABETES), EVENT, {"covariates": ["age"]}, "the same for everybody"),
        (omop.indexed(DIABETES), {"type": "condition", "concepts": [ASTHMA]}, {"covariates": ["sex"]}, "nobody had the event"),
        (omop.indexed(DIABETES), "death", {"covariates": ["sex"]}, "only to people without it|only to people with it"),
        (omop.indexed(DIABETES), EVENT, {"covariates": []}, "at least one"),
        (omop.indexed(DIABETES), EVENT, {"ends": "never"}, "observation or release"),
        (omop.indexed(DIABETES), EVENT, {"max_days": 0}, "1 or more"),
        (omop.indexed(DIABETES), "birth", {}, "give a criterion"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(release, cohorts, event, more, words):
    with pytest.raises(BadInput, match=words):
        release.survival(cohorts, event, **more)


def test_a_published_release_shows_steps_that_many_make(many, monkeypatch):
    release = commons.open(many[0])
    monkeypatch.setattr(release, "gated", True)
    found = release.survival(omop.indexed(DIABETES), EVENT, by="sex", covariates=["age"])
    true = release.survival(omop.indexed(DIABETES), EVENT, by="sex", exact=True)
    assert 4 < found.table.num_rows < true.table.num_rows / 4
    for name in found.summary["cohort"].to_pylist():
        steps = [r for r in found.table.to_pylist() if r["cohort"] == name]
        exact = [r for r in true.table.to_pylist() if r["cohort"] == name]
        before = 0
        for step in steps:
            made = sum(r["events"] for r in exact if before < r["days"] <= step["days"])
            assert made > 20
            assert step["events"] == -(-made // 20) * 20
            known = next(r for r in exact if r["days"] == step["days"])
            assert known["at_risk"] - known["events"] > 20
            assert step["survival"] == pytest.approx(known["survival"], abs=0.002)
            before = step["days"]
    assert all(r["at_risk"] is None or r["at_risk"] % 20 == 0 for r in found.at_risk.to_pylist())


@pytest.mark.parametrize("seed", range(6))
def test_no_small_number_of_people_who_were_lost_can_be_worked_out(seed):
    """From rounded numbers of a step, who was lost in it could be 1 and could be 20, wherever it was one of these."""
    rng = np.random.default_rng(seed)
    days = np.round(rng.exponential(300, 900)) + 1
    counts = _counts(days, rng.random(900) < 0.93)
    one, policy = curve(counts), Policy()
    told = coarse.shown(counts, one, Gate(policy, exact=False))
    exact = coarse.shown(counts, one, Gate(policy, exact=True))
    assert len(told.places) > 3
    before, had = 900, 0.0
    for place, at_risk, events, left in zip(told.places, told.at_risk, told.events, told.left, strict=True):
        after = exact.left[place]
        lost = before - after - (sum(exact.events[: place + 1]) - had)
        if 0 < lost <= 20:
            assert at_risk - events - left + 38 >= 20
            assert at_risk - 19 - events - left <= 1
        before, had = after, sum(exact.events[: place + 1])


def test_matched_people_can_be_followed(release):
    people = release.cohort(omop.indexed(DIABETES)).persons()
    assert release.survival({"a": people}, EVENT).summary["persons"].to_pylist() == [7]


def test_a_figure_says_who_is_at_risk(many, tmp_path):
    found = commons.open(many[0]).survival(omop.indexed(DIABETES), EVENT, by="sex", covariates=["age"])
    drawing, numbers = found.figure().save(tmp_path / "s.svg")
    text = drawing.read_text()
    assert ">At risk<" in text and ">Hypertensive disorder<" in text
    first = found.at_risk.to_pylist()[0]
    assert f">{first['at_risk']}<" in text
    assert len(numbers.read_text().splitlines()) == found.table.num_rows + 1
    assert ">Age (years)<" in found.cox.figure().save(tmp_path / "c.svg")[0].read_text()


def test_the_last_day_of_a_release_is_its_own(release):
    found = release.survival(omop.indexed(DIABETES), EVENT, ends="release")
    assert found.ends == {"cohort": 730.0}


def test_who_is_left_out_of_few_is_not_told(release, monkeypatch):
    monkeypatch.setattr(release, "gated", True)
    found = release.survival(omop.indexed(DIABETES), EVENT)
    (told,) = found.summary.to_pylist()
    assert told.pop("cohort") == "cohort"
    assert set(told.values()) == {None}
    assert found.table.num_rows == 0 and set(found.at_risk["at_risk"].to_pylist()) == {None}
    assert "a number withheld died" in found.note
