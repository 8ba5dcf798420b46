"""Matching: pairs against a slow search, balance, strata, chance by the seed; what cannot be matched; the forest."""

import random
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from statsmodels.discrete.discrete_model import Logit

from commonweal import commons
from commonweal.commons.analysis.forest import forest
from commonweal.commons.analysis.neighbours import nearest
from commonweal.errors import BadInput
from tests import omop_folder as omop
from tests.omop_folder import ASTHMA, BLACK, DIABETES, FEMALE, HYPERTENSION, MALE, WHITE, day

START = day("2015-06-01")


def _slowly(score, treated, caliper, stratum):
    """The closest pair, then the closest of those left; of two as close the one further left, then of the smaller index."""
    left, pairs = set(range(len(score))), []
    while True:
        best = min(
            (
                (abs(score[t] - score[c]), min(score[t], score[c]), t, c)
                for t in left if treated[t] for c in left
                if not treated[c] and stratum[t] == stratum[c] and abs(score[t] - score[c]) <= caliper
            ), default=None,
        )  # fmt: skip
        if best is None:
            return pairs
        pairs.append(best[2:])
        left -= set(best[2:])


@pytest.mark.parametrize("seed", range(60))
def test_pairs_are_those_of_a_slow_search(seed):
    rng = np.random.default_rng(seed)
    number = int(rng.integers(2, 45))
    score = rng.normal(size=number) if seed % 2 else rng.integers(0, 12, number).astype(float)
    treated, stratum = rng.random(number) < 0.4, rng.integers(0, 2, number)
    ill, well = nearest(score, treated, caliper=1.5, stratum=stratum, seed=seed)
    expected = _slowly(score, treated, 1.5, stratum)
    assert treated[ill].all() and not treated[well].any()
    assert len(set(ill)) == len(ill) and len(set(well)) == len(well)
    told = sorted((stratum[t], score[t], score[c]) for t, c in zip(ill, well, strict=True))
    assert told == sorted((stratum[t], score[t], score[c]) for t, c in expected)


def test_everybody_has_one_before_anybody_has_two():
    score = np.array([0.0, 0.1, 0.2, 0.01, 0.02, 0.19])
    treated = np.array([True, True, True, False, False, False])
    ill, well = nearest(score, treated, caliper=1, ratio=2)
    assert sorted(ill) == [0, 1, 2] and sorted(well) == [3, 4, 5]
    ill, well = nearest(score, np.array([True] + [False] * 5), caliper=1, ratio=3)
    assert list(well) == [3, 4, 1]


def test_a_crowd_of_people_alike_takes_few_rounds():
    """100,000 people on 40 scores, and 100,000 on as many: no loop over people would be done in this time."""
    rng = np.random.default_rng(1)
    score = np.concatenate([rng.integers(0, 40, 100_000).astype(float), rng.normal(20, 9, 100_000)])
    treated = rng.random(200_000) < 0.5
    ill, well = nearest(score, treated, caliper=0.5)
    assert len(ill) > 90_000 and len(np.unique(well)) == len(well)
    assert np.abs(score[ill] - score[well]).max() <= 0.5
    apart = np.concatenate([np.linspace(0, 1, 50_000), np.linspace(1.001, 2, 50_000)])  # one long run meets another
    ill, well = nearest(apart, np.arange(100_000) < 50_000, caliper=1)
    assert apart[well] + apart[ill] == pytest.approx(np.full(len(ill), 2.001), abs=1e-3) and len(ill) > 24_000


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """People with diabetes are older, and more of them have hypertension, than those with asthma."""
    rng = random.Random(2)
    people, ill = [], []
    for n in range(1, 501):
        diabetic = n <= 120
        born = 1935 + int(rng.triangular(0, 50, 12 if diabetic else 35))
        people.append(omop.person(n, f"{born}-06-01", rng.choice([MALE, FEMALE]), rng.choice([WHITE, BLACK])))
        ill.append(omop.condition(n, START, DIABETES if diabetic else ASTHMA))
        if rng.random() < (0.6 if diabetic else 0.35):
            ill.append(omop.condition(n, START - timedelta(30), HYPERTENSION))
    return commons.open(omop.write(tmp_path_factory.mktemp("omop"), person=people, condition_occurrence=ill))


COHORTS = {"diabetes": omop.indexed(DIABETES), "asthma": omop.indexed(ASTHMA)}
ON = ["age", "race", {"type": "condition", "concepts": [HYPERTENSION]}]


def test_matching_makes_cohorts_alike(release, tmp_path):
    found = release.match(COHORTS, ON, together=["sex"], ratio=2, seed=5)
    for row in found.table.to_pylist():
        assert abs(row["after"]) < 0.12 or abs(row["after"]) < abs(row["before"]) / 2
    assert abs(found.table["before"].to_pylist()[0]) > 0.5
    rows = found.pairs.to_pylist()
    sex = dict(release.rows(release.table("person")[["person_id", "gender_concept_id"]]))
    of = {r["set"]: r["person_id"] for r in rows if r["cohort"] == "diabetes"}
    controls = [r for r in rows if r["cohort"] == "asthma"]
    assert all(sex[r["person_id"]] == sex[of[r["set"]]] and r["distance"] <= found.caliper for r in controls)
    assert len({r["person_id"] for r in controls}) == len(controls)
    assert max(sum(c["set"] == s for c in controls) for s in of) == 2
    assert found.people.to_pylist()[0] == {"cohort": "diabetes", "people": 120, "complete": 120, "matched": len(of)}
    again = release.match(COHORTS, ON, together=["sex"], ratio=2, seed=5)
    assert again.pairs.equals(found.pairs)
    table = release.table_one(found.cohorts(), ["age", "sex"])
    assert table.table["persons"].to_pylist()[:2] == [len(of), len(controls)]
    text = found.figure().save(tmp_path / "l.svg")[0].read_text()
    assert ">Hypertensive disorder<" in text and ">before<" in text


def test_differences_are_over_the_spread_before(release):
    found = release.match(COHORTS, ["age"])
    ages = {name: [] for name in COHORTS}
    born = dict(release.rows(release.table("person")[["person_id", "year_of_birth"]]))
    for name, definition in COHORTS.items():
        ages[name] = [2015 - born[p] for p in release.cohort(definition).persons()["person_id"].to_pylist()]
    matched = {n: [2015 - born[p] for p in t["person_id"].to_pylist()] for n, t in found.cohorts().items()}
    spread = np.sqrt((np.var(ages["diabetes"], ddof=1) + np.var(ages["asthma"], ddof=1)) / 2)
    (row,) = found.table.to_pylist()
    assert row["before"] == pytest.approx((np.mean(ages["diabetes"]) - np.mean(ages["asthma"])) / spread)
    assert row["after"] == pytest.approx((np.mean(matched["diabetes"]) - np.mean(matched["asthma"])) / spread, abs=1e-9)
    every = ages["diabetes"] + ages["asthma"]
    fit = Logit(np.repeat([1.0, 0.0], [120, 380]), np.column_stack([np.ones(500), every])).fit(disp=0)
    assert found.caliper == pytest.approx(0.2 * np.std(fit.params[1] * np.array(every), ddof=1), rel=1e-6)


@pytest.mark.parametrize(
    ("cohorts", "on", "more", "words"),
    [
        ({"a": omop.indexed(DIABETES)}, ["age"], {}, "two cohorts by name"),
        ({"a": omop.indexed(DIABETES), "b": omop.indexed(DIABETES)}, ["age"], {}, "in more than one"),
        (COHORTS, ["ethnicity"], {}, "the same for everybody"),
        (COHORTS, [{"type": "condition", "concepts": [DIABETES]}], {}, "is in one of the cohorts"),
        (COHORTS, ["age", {"last": {"type": "measurement", "concepts": [3004410]}}], {}, "measurement"),
        (COHORTS, [], {}, "at least one trait"),
        (COHORTS, ["age"], {"together": ["age"]}, "is a number"),
        (COHORTS, ["age"], {"ratio": 0}, "1 to 100"),
        (COHORTS, ["age"], {"caliper": 0}, "above 0"),
        (COHORTS, ["age"], {"together": [{"type": "condition", "concepts": [DIABETES]}]}, "nobody can be matched"),
    ],
)  # fmt: skip
def test_what_cannot_be_matched_is_said(release, cohorts, on, more, words):
    with pytest.raises(BadInput, match=words):
        release.match(cohorts, on, **more)


def test_a_published_release_tells_no_small_number_of_balance(release, monkeypatch):
    few = {"version": 1, "index": COHORTS["diabetes"]["index"],
           "include": [{"any": [{"type": "person", "age_at": {"date": "index", "min": 72}}]}]}  # fmt: skip
    true = release.match({"old": few, "asthma": COHORTS["asthma"]}, ON)
    monkeypatch.setattr(release, "gated", True)
    shown = release.match({"old": few, "asthma": COHORTS["asthma"]}, ON)
    assert 0 < true.people.to_pylist()[0]["matched"] <= 20
    assert shown.people.to_pylist()[0]["matched"] is None
    assert all(row["suppressed"] and row["after"] is None for row in shown.table.to_pylist())
    plain = release.match(COHORTS, ["age"])
    assert plain.table["before"][0].as_py() is not None
    withheld = plain.people["matched"][0].as_py() is None
    assert (plain.table["after"][0].as_py() is None) == withheld
    assert all(
        n is None or n % 20 == 0 for name in ("people", "complete", "matched") for n in plain.people[name].to_pylist()
    )


def test_a_forest_says_each_estimate(tmp_path):
    table = pa.table({"label": ["a", "b", "c"], "estimate": [0.5, None, 2.0], "low": [0.25, None, 1.0],
                      "high": [1.0, None, float("inf")], "kind": ["x", "y", "x"]})  # fmt: skip
    figure = forest(table, group="kind", title="Ratios")
    text = figure.save(tmp_path / "f.svg")[0].read_text()
    assert all(f">{said}<" in text for said in ("a", "0.50 (0.25, 1.00)", "withheld", "2.00", "Ratios", "x"))
    for wrong, words in ((table.slice(0, 0), "give 1 to 100"), (table.drop_columns("low"), "no column low"),
                         (pa.table({"label": ["a"], "estimate": [-1.0], "low": [-2.0], "high": [1.0]}), "above 0")):  # fmt: skip
        with pytest.raises(BadInput, match=words):
            forest(wrong)
    assert forest(table.slice(0, 1), log=False, reference=0.0).numbers.num_rows == 1
