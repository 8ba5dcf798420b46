"""Prevalence and incidence: worked by hand, against plain Python over drawn people, standardised, and through the gate."""

import random
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from commonweal import commons
from commonweal.commons.analysis import intervals
from commonweal.errors import BadInput
from commonweal.omop.tables import tables
from tests import omop_folder as omop
from tests import releases
from tests.omop_folder import ASTHMA, DIABETES, FEMALE, HYPERTENSION, MALE, day

EVENT = {"type": "condition", "concepts": [DIABETES]}


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    people = [
        omop.person(1, "1950-07-02", FEMALE), omop.person(2, "1990-01-01"), omop.person(3, "1960-01-01"),
        omop.person(4, "1950-07-02", FEMALE),
    ]  # fmt: skip
    spans = [
        omop.period(1, day("2010-01-01"), day("2011-06-30")), omop.period(1, day("2011-07-01"), day("2011-12-31")),
        omop.period(2, day("2010-03-01"), day("2010-12-31")), omop.period(2, day("2010-02-01"), day("2010-06-30")),
        omop.period(3, day("2010-01-01"), day("2010-02-28")), omop.period(3, day("2010-12-01"), day("2011-12-31")),
    ]  # fmt: skip
    ill = [
        omop.condition(1, day("2011-04-10")),
        omop.condition(1, day("2011-08-01")),
        omop.condition(3, day("2010-06-01")),
    ]
    folder = omop.write(
        tmp_path_factory.mktemp("omop"), person=people, observation_period=spans, condition_occurrence=ill
    )
    return commons.open(folder)


def _rows(found):
    return {(r["time"], r["age"], r["sex"]): r for r in found.table.to_pylist()}


def test_prevalence_by_hand(release):
    ever = release.prevalence(EVENT, ages=(0, 40, 60), sex=False)
    rows = _rows(ever)  # person 1 is 59 on 1 January 2010, 60 a year later; person 4 is not observed
    assert {key: (r["persons"], r["cases"]) for key, r in rows.items()} == {
        ("2010", "0–39", "all"): (1, 0), ("2010", "40–59", "all"): (2, 1),
        ("2011", "40–59", "all"): (1, 1), ("2011", "60+", "all"): (1, 1),
    }  # fmt: skip
    assert [(r["persons"], r["cases"], r["estimate"]) for r in ever.overall.to_pylist()] == [(3, 1, 1 / 3), (2, 2, 1.0)]
    period = release.prevalence(EVENT, ages=None, counting="period")
    assert {key: (r["persons"], r["cases"]) for key, r in _rows(period).items()} == {
        ("2010", "all", "FEMALE"): (1, 0), ("2010", "all", "MALE"): (2, 1),
        ("2011", "all", "FEMALE"): (1, 1), ("2011", "all", "MALE"): (1, 0),
    }  # fmt: skip


def test_incidence_by_hand(release):
    found = release.incidence(EVENT, ages=None, washout=0, every="quarter", since="2010-01-01")
    rows = _rows(found)
    woman = {key[0]: r for key, r in rows.items() if key[2] == "FEMALE"}
    assert (
        list(woman) == [f"{year} Q{q}" for year in (2010, 2011) for q in (1, 2, 3, 4)][:6]
    )  # then she is no longer at risk
    assert woman["2011 Q2"]["cases"] == 1
    assert woman["2011 Q2"]["person_years"] == pytest.approx(10 / 365.25)  # 1 to 10 April
    assert woman["2010 Q1"]["person_years"] == pytest.approx(90 / 365.25)
    men = rows["2010 Q1", "all", "MALE"]  # 2 from February on; 3 until the end of February
    assert (men["persons"], men["cases"]) == (2, 0)
    assert men["person_years"] == pytest.approx((59 + 59) / 365.25)
    assert rows["2010 Q4", "all", "MALE"]["persons"] == 1  # 3 fell ill while nobody looked
    late = release.incidence(EVENT, ages=None, sex=False, washout=400)
    assert [(r["time"], r["persons"], r["cases"]) for r in late.overall.to_pylist()] == [("2011", 1, 1)]
    assert late.overall["person_years"][0].as_py() == pytest.approx(65 / 365.25)  # 5 February to 10 April


def _drawn(folder, seed):
    rng = random.Random(seed)
    people, spans, ill = [], [], []
    for number in range(1, 61):
        born = date(1930, 1, 1) + timedelta(rng.randrange(26_000))
        people.append(omop.person(number, str(born), rng.choice([MALE, FEMALE])))
        for _ in range(rng.randrange(3)):
            start = date(2008, 1, 1) + timedelta(rng.randrange(1500))
            spans.append(omop.period(number, start, start + timedelta(rng.randrange(900))))
        ill += [
            omop.condition(number, date(2008, 6, 1) + timedelta(rng.randrange(1800))) for _ in range(rng.randrange(2))
        ]
    omop.write(folder, person=people, observation_period=spans, condition_occurrence=ill)
    return people, spans, ill


def _by_day(people, spans, ill, washout):
    """Every person and every day looked at."""
    prevalent, incident, days = {}, {}, {}
    for one in people:
        number = one["person_id"]
        born = date(one["year_of_birth"], one["month_of_birth"], one["day_of_birth"])
        own = [s for s in spans if s["person_id"] == number]
        seen = {s["observation_period_start_date"] + timedelta(i) for s in own
                for i in range((s["observation_period_end_date"] - s["observation_period_start_date"]).days + 1)}  # fmt: skip
        first = min((c["condition_start_date"] for c in ill if c["person_id"] == number), default=date.max)
        for now in sorted(seen):
            begins = date(now.year, 1, 1)
            age = max(begins.year - born.year - ((begins.month, begins.day) < (born.month, born.day)), 0)
            key = (
                str(now.year),
                "0–49" if age < 50 else "50+",
                "MALE" if one["gender_concept_id"] == MALE else "FEMALE",
            )
            prevalent.setdefault(key, {})[number] = first.year <= now.year
            if all(now - timedelta(i) in seen for i in range(washout + 1)) and now <= first:
                days[key] = days.get(key, 0) + 1
                incident.setdefault(key, {}).setdefault(number, False)
                incident[key][number] |= now == first
    return prevalent, incident, days


def test_every_day_of_every_person_says_the_same(tmp_path):
    drawn = _drawn(tmp_path, 1)
    release, washout = commons.open(tmp_path), 30
    prevalent, incident, days = _by_day(*drawn, washout)
    found = _rows(release.prevalence(EVENT, ages=(0, 50)))
    assert {key: (r["persons"], r["cases"]) for key, r in found.items()} == {
        key: (len(own), sum(own.values())) for key, own in prevalent.items()
    }
    found = _rows(release.incidence(EVENT, ages=(0, 50), washout=washout))
    assert {key: (r["persons"], r["cases"]) for key, r in found.items()} == {
        key: (len(own), sum(own.values())) for key, own in incident.items()
    }
    assert {key: round(r["person_years"] * 365.25) for key, r in found.items()} == days


def test_intervals_are_those_of_scipy():
    for cases, people in ((0, 7), (3, 10), (10, 10)):
        low, high = stats.binomtest(cases, people).proportion_ci(method="wilson")
        assert intervals.wilson(cases, people) == pytest.approx((low, high), abs=1e-12)
    for events in (0, 1, 17):
        low, high = intervals.poisson(events)
        assert low == (0 if not events else pytest.approx(stats.chi2.ppf(0.025, 2 * events) / 2))
        assert stats.poisson.cdf(events, high) == pytest.approx(0.025)


def test_a_population_like_the_people_changes_nothing():
    cases, people = np.array([3.0, 10, 7]), np.array([50.0, 60, 20])
    share, low, high = intervals.standardised_share(cases, people, people / people.sum())
    assert share == pytest.approx(20 / 130)
    assert low < share < high
    rate, low, high = intervals.standardised_rate(cases, people, people / people.sum())
    assert (rate, low, high) == pytest.approx((20 / 130, *(v / 130 for v in intervals.poisson(20))))
    # Fay and Feuer's low end of a single stratum is the exact one
    assert intervals.standardised_rate(np.array([4.0]), np.array([9.0]), np.array([1.0]))[1] == pytest.approx(
        stats.chi2.ppf(0.025, 8) / 18
    )


def test_standardised_by_hand(release):
    found = release.prevalence(EVENT, ages=(0, 40), sex=False)
    told = found.standardised({"0–39": 3, "40+": 1}).table.to_pylist()
    assert told[0]["estimate"] == pytest.approx(0.75 * 0 + 0.25 * 0.5)
    assert told[1]["estimate"] is None  # nobody is young in 2011
    by_sex = release.prevalence(EVENT, ages=None).standardised({"FEMALE": 1, "MALE": 1})
    assert by_sex.table["estimate"][0].as_py() == pytest.approx(0.25)
    with pytest.raises(BadInput, match=r"no weight for 40\+"):
        found.standardised({"0–39": 1})


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"since": "2020-01-01"}, "nobody is observed"),
        ({"every": "week"}, "use year or quarter"),
        ({"ages": (40, 20)}, "the youngest first"),
        ({"counting": "never"}, "ever or period"),
        ({"until": "tomorrow"}, "until: give a day"),
    ],
)
def test_what_cannot_be_asked_is_said(release, more, words):
    with pytest.raises(BadInput, match=words):
        release.prevalence(EVENT, **more)


def test_nobody_at_risk_and_no_observation_are_said(release, tmp_path):
    with pytest.raises(BadInput, match="nobody is at risk"):
        release.incidence(EVENT, washout=5000)
    with pytest.raises(BadInput, match="no table observation_period"):
        commons.open(omop.write(tmp_path, person=[omop.person(1, "1950-01-01")])).prevalence(EVENT)
    with pytest.raises(BadInput, match="concept 999999"):
        release.incidence({"type": "condition", "concepts": [999_999]})


def test_only_people_of_a_cohort_are_looked_at(release):
    among = release.prevalence(EVENT, within=omop.those(DIABETES), ages=None, sex=False)
    assert among.overall["persons"].to_pylist() == [2, 2]
    with pytest.raises(BadInput, match="nobody is observed"):
        release.prevalence(EVENT, within=omop.those(ASTHMA))


def test_a_published_release_tells_no_small_number(home):
    rows = releases.people(1500, seed=3)
    rng = random.Random(5)
    rows["observation_period"] = [
        omop.period(p["person_id"], date(2014, 1, 1), date(2014 + rng.choice([1, 2, 9]), 6, 30)) for p in rows["person"]
    ]
    folder = releases.publish(home.releases, number=10)
    _rewrite(folder, rows)
    release = commons.open("2026Q4R1", home=home)
    asked = {"type": "condition", "concepts": [HYPERTENSION]}
    for ask in (release.prevalence, release.incidence):
        shown, true = ask(asked, ages=(0, 30, 40)), ask(asked, ages=(0, 30, 40), exact=True)
        hidden = 0
        for told, known in zip(shown.table.to_pylist(), true.table.to_pylist(), strict=True):
            for name in ("persons", "cases"):
                assert told[name] is None or (told[name] == 0) == (known[name] == 0)
                assert not 0 < known[name] <= 20 or told[name] is None
            if told["persons"] is None or told["cases"] is None:
                hidden += 1
                assert told["suppressed"] and told["estimate"] is None and told["low"] is None
            elif told["estimate"] is not None:  # of what is shown, so that it tells no more
                of = told["persons"] if shown.kind == "prevalence" else told["person_years"] / 1000
                assert told["estimate"] == pytest.approx(told["cases"] / of)
            years = told["person_years"]
            assert years is None or years % 20 == 0
        assert hidden
        assert hidden < shown.table.num_rows or shown.kind == "incidence"  # few fall ill in a year
        standard = {(age, sex): 1 for age in ("0–29", "30–39", "40+") for sex in ("MALE", "FEMALE")}
        assert any(r["estimate"] is None for r in shown.standardised(standard).table.to_pylist())


def _rewrite(folder, rows):
    """The tables of a published folder, for what the gate does; its manifest is not asked here."""
    for name, found in rows.items():
        place = folder / "tables" / name
        place.mkdir(exist_ok=True)
        numbered = [{f"{name}_id": i, **row} for i, row in enumerate(found)]
        pq.write_table(pa.Table.from_pylist(numbered, tables()[name].schema), place / "part-0.parquet")


def test_a_figure_has_its_numbers_beside_it(release, tmp_path):
    found = release.prevalence(EVENT, ages=(0, 40, 60))
    drawing, numbers = found.figure().save(tmp_path / "p.svg")
    text = drawing.read_text()
    assert ">Prevalence: Type 2 diabetes mellitus<" in text and ">40–59<" in text and ">FEMALE<" in text
    assert len(numbers.read_text().splitlines()) == found.table.num_rows + 1
    many = pa.table({name: [row[name] for row in found.table.to_pylist()] * 41 for name in found.table.column_names})
    many = many.set_column(2, "age", pa.array([str(i) for i in range(many.num_rows)]))
    with pytest.raises(BadInput, match="fewer bands"):
        replace(found, table=many).figure()
