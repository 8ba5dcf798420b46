"""Simulated people look like a program that reached those whom research left out, and are nobody real."""

from datetime import date

import numpy as np
import pyarrow.compute as pc
import pytest

from commonweal import protocol
from commonweal.simulate import society
from commonweal.simulate.draws import Draws
from commonweal.simulate.make import make
from commonweal.simulate.population import BLACK, HISPANIC, WHITE, people

UNTIL = date(2026, 10, 31)
PROGRAM = protocol.load(protocol.DEFAULT)


@pytest.fixture(scope="module")
def folk():
    states = frozenset(site.state for site in PROGRAM.sites.values())
    return people(Draws(1), 0, 40_000, until=UNTIL, site_states=states)


@pytest.fixture(scope="module")
def made():
    return make(PROGRAM, 1, 0, 4000, until=UNTIL)


def test_about_half_belong_to_minorities_and_most_are_underrepresented(folk):
    minority = folk.group != WHITE
    assert 0.44 < minority.mean() < 0.52
    ubr = minority | (folk.age >= 65) | (folk.gender > 0) | (folk.orientation > 0) | (folk.education < 4)
    ubr |= (folk.income < 2) | ~folk.insured | folk.rural | folk.disability.any(axis=1)
    assert 0.75 < ubr.mean() < 0.88


def test_traits_hang_together(folk):
    assert folk.age.min() >= 18
    assert folk.income[folk.education == 7].mean() > folk.income[folk.education < 4].mean() + 2
    assert folk.age[folk.group == HISPANIC].mean() < folk.age[folk.group == WHITE].mean() - 5
    assert folk.spanish[folk.group == HISPANIC].mean() > 0.3 > 0.02 > folk.spanish[folk.group != HISPANIC].mean()
    assert folk.insured[folk.age >= 65].mean() > folk.insured[folk.income == 0].mean()
    assert folk.disability[folk.age > 70].any(axis=1).mean() > 2 * folk.disability[folk.age < 40].any(axis=1).mean()
    assert folk.races[folk.group == BLACK][:, BLACK].all()
    assert (folk.races.sum(axis=1) >= 1).all()


def test_census_shares_add_up():
    assert society.shares().sum(axis=1) == pytest.approx(1.0)
    assert (society.shares() >= 0).all()


def test_the_same_seed_makes_the_same_people_whatever_the_number(made):
    part = make(PROGRAM, 1, 1500, 300, until=UNTIL)
    assert part.profiles.equals(made.profiles.slice(1500, 300))
    some = pc.and_(pc.greater_equal(made.records["participant"], 1500), pc.less(made.records["participant"], 1800))
    whole = made.records.filter(some)
    assert sorted(part.records["resource_id"].to_pylist()) == sorted(whole["resource_id"].to_pylist())
    assert pc.sum(part.records["value_number"]).as_py() == pytest.approx(pc.sum(whole["value_number"]).as_py())
    for mine, theirs in zip(part.surveys, made.surveys, strict=True):
        those = pc.and_(pc.greater_equal(theirs["participant"], 1500), pc.less(theirs["participant"], 1800))
        assert mine["document"].to_pylist() == theirs.filter(those)["document"].to_pylist()


def test_another_seed_makes_others(made):
    other = make(PROGRAM, 2, 0, 200, until=UNTIL)
    assert not set(other.profiles["external_id"].to_pylist()) & set(made.profiles["external_id"].to_pylist())
    same = pc.equal(other.profiles["birth_date"], made.profiles["birth_date"].slice(0, 200))
    assert pc.sum(same).as_py() < 10


def test_nobody_can_be_reached(made):
    rows = made.profiles
    assert pc.all(pc.match_substring_regex(rows["phone"], r"^\+1\d{3}55501\d\d$")).as_py()
    assert pc.all(pc.ends_with(rows["email"], "@example.org")).as_py()
    assert pc.count_distinct(rows["external_id"]).as_py() == pc.count_distinct(rows["email"]).as_py() == rows.num_rows
    assert not pc.any(rows["is_test"]).as_py()


def test_zip_codes_lie_in_their_states(made):
    spans = {row["state"]: (int(row["zip_first"]), int(row["zip_last"])) for row in society.table("states")}
    for state, code in zip(made.profiles["state"].to_pylist(), made.profiles["zip"].to_pylist(), strict=True):
        assert len(code) == 5 and spans[state][0] <= int(code[:3]) <= spans[state][1]


def test_people_belong_to_a_site_of_their_state_where_there_is_one(made):
    states = {site.state for site in PROGRAM.sites.values()}
    for state, site in zip(made.profiles["state"].to_pylist(), made.profiles["site"].to_pylist(), strict=True):
        assert PROGRAM.sites[site].state == state or state not in states


def test_choices(made):
    answers = made.answers
    primary = answers.filter(pc.equal(answers["module"], "primary"))
    assert 0.94 < pc.count_distinct(primary["participant"]).as_py() / made.profiles.num_rows < 0.99
    ehr = answers.filter(pc.equal(answers["module"], "ehr"))
    said_yes = pc.mean(pc.equal(ehr["answer"], "yes")).as_py()
    assert 0.84 < said_yes < 0.92
    assert 0.012 < made.withdrawals.num_rows / made.profiles.num_rows < 0.03
    assert 0.004 < made.deactivations.num_rows / made.profiles.num_rows < 0.016
    signed = pc.not_equal(answers["signed_name"], "")
    assert pc.all(pc.equal(signed, pc.equal(answers["answer"], "yes"))).as_py()


def test_moments_are_in_order_and_in_local_waking_hours(made):
    registered = made.profiles["registered_at"].to_numpy()
    answers = made.answers
    at = answers["at"].to_numpy()
    assert (at >= registered[answers["participant"].to_numpy()]).all()
    assert at.max() < np.datetime64(UNTIL)
    left = {row["participant"]: row["at"] for row in made.withdrawals.to_pylist()}
    for row in made.answers.to_pylist():
        assert row["participant"] not in left or row["at"] < left[row["participant"]]
    phoenix = pc.equal(made.profiles["site"], "mesa-verde-phoenix")
    hours = pc.hour(made.profiles.filter(phoenix)["registered_at"])  # UTC; Phoenix is seven hours behind all year
    assert {(hour - 7) % 24 for hour in hours.to_pylist()} <= set(range(8, 22))
