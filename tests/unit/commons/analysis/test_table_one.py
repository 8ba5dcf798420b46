"""Summary tables: worked by hand; standardised differences; the gate; what cannot be asked."""

import math

import numpy as np
import pytest

from commonweal import commons
from commonweal.commons.analysis import differences, gate
from commonweal.disclosure import Policy
from commonweal.errors import BadInput
from tests import omop_folder as omop
from tests import releases
from tests.omop_folder import ASIAN, ASTHMA, BLACK, DIABETES, FEMALE, HYPERTENSION, day

SUGAR = {"type": "measurement", "concepts": [3004410]}


def _measured(person, on, value, concept=3004410):
    return {"person_id": person, "measurement_concept_id": concept, "measurement_date": on, "value_as_number": value}


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """Persons 1 to 4 have diabetes, 5 to 7 do not."""
    people = [
        omop.person(1, "1950-06-15", FEMALE), omop.person(2, "1960-06-16", FEMALE, BLACK),
        omop.person(3, "1970-06-15", race=BLACK), omop.person(4, "1980-06-15", race=0),
        omop.person(5, "1950-01-01", FEMALE), omop.person(6, "1960-01-01", race=ASIAN), omop.person(7, "1990-01-01"),
    ]  # fmt: skip
    ill = [omop.condition(n, day("2010-06-15")) for n in (1, 2, 3, 4)]
    ill += [omop.condition(n, day("2010-06-01"), HYPERTENSION) for n in (1, 5)]
    ill += [omop.condition(2, day("2012-01-01"), HYPERTENSION)]
    values = [
        _measured(1, day("2010-01-01"), 9.0), _measured(1, day("2010-06-01"), 7.0), _measured(1, day("2011-01-01"), 5.0),
        _measured(2, day("2010-06-14"), 8.0), _measured(3, day("2010-01-01"), None), _measured(4, day("2009-01-01"), 6.0),
    ]  # fmt: skip
    folder = omop.write(
        tmp_path_factory.mktemp("omop"), person=people, condition_occurrence=ill, measurement=values,
        death=[{"person_id": 5, "death_date": day("2015-01-01")}],
    )  # fmt: skip
    return commons.open(folder)


def _cells(found, characteristic):
    return {(r["cohort"], r["level"]): r for r in found.table.to_pylist() if r["characteristic"] == characteristic}


def test_a_table_worked_by_hand(release):
    rows = ["age", "sex", "race", "deceased", {"type": "condition", "concepts": [HYPERTENSION]},
            {"last": SUGAR, "name": "Sugar"}, {"last": SUGAR, "name": "Sugar that year", "days": [-200, 0]}]  # fmt: skip
    found = release.table_one({"ill": omop.those(DIABETES), "well": omop.without(DIABETES)}, rows, at="2010-06-15")
    people = _cells(found, "People")
    assert (people["ill", ""]["persons"], people["well", ""]["persons"]) == (4, 3)
    ages = _cells(found, "Age (years)")["ill", ""]  # 60, 49 (a day before the birthday), 40, 30
    assert (ages["mean"], ages["q1"], ages["median"], ages["q3"]) == (44.75, 37.5, 44.5, 51.75)
    assert ages["sd"] == pytest.approx(np.std([60, 49, 40, 30], ddof=1))
    sex = _cells(found, "Sex")
    assert (sex["ill", "FEMALE"]["persons"], sex["ill", "FEMALE"]["percent"]) == (2, 50.0)
    race = _cells(found, "Race")
    assert [race["ill", level]["persons"] for level in ("White", "Black or African American", "Asian", "missing")] == [
        1, 2, 0, 1,
    ]  # fmt: skip
    assert [_cells(found, "Deceased")[name, ""]["persons"] for name in ("ill", "well")] == [0, 1]
    tension = _cells(found, "Hypertensive disorder")  # that of person 2 came later
    assert [tension[name, ""]["persons"] for name in ("ill", "well")] == [1, 1]
    sugar = _cells(found, "Sugar")  # 7, 8 and 6: the last on or before the day that is a number
    assert (sugar["ill", ""]["persons"], sugar["ill", ""]["mean"], sugar["ill", "missing"]["persons"]) == (3, 7.0, 1)
    recent = _cells(found, "Sugar that year")
    assert (recent["ill", ""]["persons"], recent["ill", ""]["mean"]) == (2, 7.5)
    apart = {r["characteristic"]: r["difference"] for r in found.differences.to_pylist()}
    others = [60, 50, 20]
    spread = math.sqrt((np.var([60, 49, 40, 30], ddof=1) + np.var(others, ddof=1)) / 2)
    assert apart["Age (years)"] == pytest.approx((44.75 - np.mean(others)) / spread)
    assert apart["Deceased"] == pytest.approx(-(1 / 3) / math.sqrt((0 + 2 / 9) / 2))
    assert apart["Sugar"] is None


def test_the_table_is_told_in_three_forms(release, tmp_path):
    found = release.table_one(omop.those(DIABETES), ["sex", {"last": SUGAR, "name": "a|b <c>"}])
    assert "| People | 4 |" in found.to_markdown()
    assert r"| a\|b <c> | 6.333 (SD 1.53); 6 [5.5, 7] |" in found.to_markdown()
    assert '<th scope="row">a|b &lt;c&gt;</th>' in found.to_html()
    assert found.to_csv(tmp_path / "t.csv") == (tmp_path / "t.csv").read_text()
    assert found.to_csv().splitlines()[2] in ("Sex: FEMALE,2 (50.0%)", "Sex: MALE,2 (50.0%)")


def test_one_cohort_is_split_by_a_trait(release):
    found = release.table_one({"version": 1}, ["sex"], by="race")
    assert found.cohorts == ("White", "Black or African American", "Asian", "missing")
    both = release.table_one(
        {"version": 1}, [], by={"of": {"type": "condition", "concepts": [DIABETES]}, "name": "ill"}
    )
    assert {r["cohort"]: r["persons"] for r in both.table.to_pylist()} == {"ill": 4, "no ill": 3}


def test_what_is_left_out_is_what_a_release_has(release):
    told = {row["characteristic"] for row in release.table_one({"version": 1}).table.to_pylist()}
    assert {"Sex", "Race", "Ethnicity", "Deceased", "Health records", "Measurements"} <= told
    assert "Age (years)" not in told  # there is no day


@pytest.mark.parametrize(
    ("cohorts", "rows", "more", "words"),
    [
        ({"a": omop.those(ASTHMA)}, [], {}, "cohort a: nobody is in it"),
        ({"a": omop.those(DIABETES), "b": {"version": 1}}, [], {}, "in more than one of them"),
        ({"version": 1}, ["age"], {}, "age: needs a day"),
        ({"version": 1}, ["height"], {}, "trait height: not known"),
        ({"version": 1}, ["sex", "sex"], {}, "given twice"),
        ({"version": 1}, ["wearables"], {}, "wearables"),
        ({"version": 1}, [{"type": "condition", "concepts": [999_999]}], {}, "concept 999999 is neither in the vocabulary"),
        ({"version": 1}, [{"of": {"type": "condition", "concepts": [DIABETES]}, "days": [5, 1]}], {"at": "2010-01-01"}, "days is"),
        ({"version": 1}, [{"type": "condition", "concepts": [DIABETES], "at_most": 0}], {}, "at_most 0"),
        ({"version": 1}, [], {"by": {"last": SUGAR}}, "is a number"),
        ({"version": 1}, [], {"at": "June"}, "YYYY-MM-DD"),
        ({"version": 1, "index": {"of": {"type": "condition", "concepts": [HYPERTENSION, DIABETES]}, "which": "all"}}, [], {},
         "more than once"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(release, cohorts, rows, more, words):
    with pytest.raises(BadInput, match=words):
        release.table_one(cohorts, rows, **more)


@pytest.mark.parametrize("seed", range(20))
def test_differences_change_their_sign_with_the_order(seed):
    rng = np.random.default_rng(seed)
    a, b, sa, sb = *rng.normal(0, 9, 2), *rng.uniform(0.1, 9, 2)
    p, q = (n / n.sum() for n in rng.integers(1, 50, (2, 3)))
    assert differences.continuous(a, sa, b, sb) == -differences.continuous(b, sb, a, sa)
    assert differences.binary(p[0], q[0]) == -differences.binary(q[0], p[0])
    assert differences.categories(p, q) == pytest.approx(differences.categories(q, p), abs=1e-9)
    order = [2, 0, 1]  # which category comes first says nothing
    assert differences.categories(p[order], q[order]) == pytest.approx(differences.categories(p, q), rel=1e-6, abs=1e-9)
    two, other = np.array([p[0], 1 - p[0]]), np.array([q[0], 1 - q[0]])
    assert differences.categories(two, other) == pytest.approx(abs(differences.binary(p[0], q[0])), rel=1e-6, abs=1e-9)


def test_groups_without_spread_are_equal_or_apart_for_good():
    assert differences.binary(1, 1) == 0
    assert differences.continuous(2, 0, 1, 0) == math.inf
    assert differences.categories(np.array([1.0, 0, 0]), np.array([0, 1.0, 0])) == math.inf
    assert differences.categories(np.array([0.5, 0.5, 0]), np.array([0.5, 0.5, 0])) == 0


def test_a_published_release_hides_what_is_small_and_what_would_tell_it(home):
    releases.publish(home.releases, number=400)
    release = commons.open("2026Q4R1", home=home)
    cohorts = {"ill": omop.those(DIABETES), "well": omop.without(DIABETES)}
    rows = ["sex", "race", {"type": "condition", "concepts": [312327]}]
    shown, true = release.table_one(cohorts, rows), release.table_one(cohorts, rows, exact=True)
    small = 0
    for told, known in zip(shown.table.to_pylist(), true.table.to_pylist(), strict=True):
        if 0 < known["persons"] <= 20:
            small += 1
            assert told["suppressed"]
        if told["suppressed"]:
            assert told["persons"] is None and told["percent"] is None
        else:
            assert told["persons"] == -(-known["persons"] // 20) * 20
    assert small
    apart = {r["characteristic"]: r for r in shown.differences.to_pylist()}
    assert apart["Race"]["difference"] is None and apart["Race"]["suppressed"]
    assert "withheld" in shown.to_markdown()
    assert apart["Sex at birth"]["difference"] == pytest.approx(
        next(r["difference"] for r in true.differences.to_pylist() if r["characteristic"] == "Sex at birth"), rel=0.01
    )


def test_what_one_facet_hides_no_other_gives_back():
    """Without rounding a single hidden part is the rest of the total, whatever facet the total comes from."""
    found = {
        "a": (130, {"x": {"p": 5, "q": 60, "r": 65}, "y": {"s": 130}}),
        "b": (100, {"x": {"p": 100}, "y": {"s": 100}}),
    }
    shown = gate.groups(found, gate.Gate(Policy(20, 1), exact=False))
    parts = shown["a"].facets["x"]
    assert parts["p"].suppressed
    assert (
        parts["q"].suppressed
        or parts["r"].suppressed
        or (shown["a"].total.suppressed and shown["a"].facets["y"]["s"].suppressed)
    )
    assert shown["b"].facets["x"]["p"].persons == 100
    assert gate.groups(found, gate.Gate(Policy(20, 1), exact=True))["a"].facets["x"]["p"].persons == 5
