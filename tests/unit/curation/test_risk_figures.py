"""Groups, population, sensitive values and limits on small tables whose figures can be worked out by hand."""

import duckdb
import pytest
from pydantic import ValidationError

from commonweal import protocol
from commonweal.curation.risk import census, limits
from commonweal.curation.risk.attributes import diversity
from commonweal.curation.risk.groups import groups, sizes, spread
from commonweal.curation.risk.population import kmap
from commonweal.errors import BadInput
from commonweal.protocol.reference import ReferenceTable
from commonweal.protocol.risk import Risk

RULES = protocol.load(protocol.DEFAULT).privacy.risk
COLUMNS = ("year_of_birth", "sex_at_birth", "race", "state_of_residence")


@pytest.fixture
def con():
    with duckdb.connect() as con:
        yield con


def table(con, name, columns, rows):
    con.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
    con.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)


def test_groups_by_hand(con):
    """Four alike, two alike (their state is not known), one alone: 3 groups of 7 people."""
    table(con, "p", ("a INT", "b VARCHAR"), [[1, "x"]] * 4 + [[1, None]] * 2 + [[2, "x"]])
    found = groups(con, "p", ("a", "b"), small=3)
    assert (found.people, found.groups, found.smallest, found.alone) == (7, 3, 1, 1)
    assert found.expected == pytest.approx(3 / 7) and found.worst == 1 and found.small_share == pytest.approx(3 / 7)
    steps = spread(con, f"SELECT size, size AS people FROM ({sizes('p', ('a', 'b'))})")
    assert [s["people"] for s in steps] == [1, 6, 0, 0, 0, 0] and steps[-1] == {"from": 100, "to": None, "people": 0}


def test_nobody_is_no_risk(con):
    table(con, "p", ("a INT",), [[1]])
    con.execute("DELETE FROM p")
    assert groups(con, "p", ("a",), 11).expected == 0
    assert diversity(con, "p", ("a",), "a") is None


def test_what_is_learnt_of_a_whole_group(con):
    """Group 1: both have it. Group 2: nobody has. Group 3: one of two."""
    table(con, "p", ("a INT", "v VARCHAR"), [[1, "yes"], [1, "yes"], [2, None], [3, "yes"], [3, None], [4, "yes"]])
    found = diversity(con, "p", ("a",), "v")
    assert (found.distinct, found.disclosed, found.together) == (1, 3, 2)
    assert found.entropy == pytest.approx(1) and found.closeness == pytest.approx(4 / 6)
    assert diversity(con, "p", ("a",), "v", telling=("no",)).disclosed == 0


def test_two_equal_halves_have_an_entropy_of_two(con):
    table(con, "p", ("a INT", "v VARCHAR"), [[1, "x"], [1, "y"]] * 5)
    found = diversity(con, "p", ("a",), "v")
    assert (found.distinct, found.entropy, found.closeness) == (2, pytest.approx(2), 0)


def row(state="Wisconsin", sex="Female", age="60-64", population="500", race="WHITE"):
    return {"state_name": state, "sex": sex, "age": age, "population": population, "race_category_id": race}


def counted(*rows):
    return ReferenceTable("census", "2024", "a census", "", rows)


def test_k_map_by_hand(con):
    """500 White women of five ages in Wisconsin are 100 of each age; two of them in the release stand for 100."""
    rows = [
        row(),
        row(sex="Male", population="50"),
        row("Iowa", population="30"),
        row("Utah", race="AIAN", population="5"),
    ]
    census.load(con, counted(*rows, row(race="NHPI", population="10"), row("Everywhere"), row(age="All")))
    people = [(1962, 8532, 8527, "PIIState_WI")] * 2 + [(1962, 8507, 8527, "PIIState_WI")]
    people += [(1962, 8532, 8527, "not told"), (1962, 8532, 2000000001, "not told"), (1962, 2000000009, 8527, None)]
    table(con, "p", ("year_of_birth INT", "sex_at_birth INT", "race INT", "state_of_residence VARCHAR"), people)
    found = kmap(con, "p", 2024, small=11)
    assert dict(con.execute("SELECT big, sum(f) FROM risk_kmap GROUP BY 1").fetchall()) == {
        100: 2,
        10: 1,  # men
        6: 1,  # a White woman of a state that the release does not name: Iowa or Utah, not Wisconsin
        1: 1,  # the same of another single population
        None: 1,  # neither female nor male: the census does not count them
    }
    assert (found.people, found.not_counted, found.smallest, found.below) == (5, 1, 1, 3)
    assert found.journalist == 1 and found.marketer == pytest.approx((2 / 100 + 1 / 10 + 1 / 6 + 1) / 5)


def test_a_group_never_stands_for_fewer_than_it_has(con):
    census.load(con, counted(row(population="5")))
    table(con, "p", ("year_of_birth INT", "sex_at_birth INT", "race INT", "state_of_residence VARCHAR"),
          [(1962, 8532, 8527, "PIIState_WI")] * 3)  # fmt: skip
    assert kmap(con, "p", 2024, small=11).smallest == 3


def test_the_open_band_is_spread_over_fifteen_years(con):
    census.load(con, counted(row(age="85+", population="150")))
    assert con.execute("SELECT min(age), max(age), min(people) FROM census").fetchall() == [(85, 99, 10)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([row(age="sixty")], "an age"),
        ([row(age="64-60")], "ends before it begins"),
        ([row(population="many")], "no number"),
        ([row(population="-3")], "cannot be"),
        ([row(), row(age="62-70")], "overlap"),
        ([row("Atlantis")], "no row"),
        ([], "no row"),
    ],
)
def test_a_census_that_cannot_be_is_refused(wrong, said):
    with pytest.raises(BadInput, match=said):
        census.read(counted(*wrong))


def measured(people=20_000, expected=0.05, alone=0, population=None, attacks=()):
    return {"people": people, "expected": expected, "people_alone": alone, "population": population, "attacks": attacks}


def outcomes(found, rules=RULES):
    return {one["id"]: one["outcome"] for one in limits.judge(found, rules, "registered")}


def test_a_limit_that_is_passed_stops_a_release():
    assert outcomes(measured()) == {"expected": "within", "alone": "within"}
    found = measured(expected=0.2, alone=5_000)
    assert outcomes(found) == {"expected": "over", "alone": "over"}
    failed = {c.id: (c.figure, c.threshold) for c in limits.checks(found, RULES, "registered") if c.outcome == "failed"}
    assert failed == {"risk.limits": (2, 0), "risk.expected": (0.2, 0.09), "risk.alone": (0.25, 0.05)}
    assert [c.outcome for c in limits.checks(measured(), RULES, "registered")] == ["passed"]


def test_a_small_program_is_told_from_a_large_one_and_says_so():
    found = measured(people=200, expected=0.8, alone=150)
    assert outcomes(found) == {"expected": "not_applied", "alone": "not_applied"}
    assert [c.outcome for c in limits.checks(found, RULES, "registered")] == ["passed"]
    assert limits.exemption(found, RULES)["why"] and limits.exemption(measured(), RULES) is None
    strict = RULES.model_copy(update={"small_program": None})
    assert outcomes(found, strict) == {"expected": "over", "alone": "over"}


def test_the_population_and_attacks_hold_for_small_programs_too():
    tail = {"id": "tail", "targets": 40, "success": 0.9, "chance": 1 / 364}
    found = measured(people=200, population={"people": 200, "below": 30, "smallest": 2.0}, attacks=[tail])
    assert outcomes(found)["population_small"] == "over" and outcomes(found)["attack.tail"] == "over"
    rules = Risk.model_validate({"registered": {"population_least": 5}})
    (check,) = [c for c in limits.checks(found, rules, "registered") if c.id != "risk.limits"]
    assert check.id == "risk.population_least" and check.outcome == "failed"


@pytest.mark.parametrize(
    ("targets", "success", "over"), [(19, 1.0, None), (20, 0.05, False), (500, 0.04, False), (500, 0.2, True)]
)
def test_an_attack_is_judged_by_more_than_luck(targets, success, over):
    attack = {"id": "tail", "targets": targets, "success": success, "chance": 1 / 364}
    assert outcomes(measured(attacks=[attack])).get("attack.tail") == {None: None, True: "over", False: "within"}[over]


@pytest.mark.parametrize(
    "wrong",
    [
        {"registered": {"expected_max": 1.5}},
        {"registered": {"attacks": {"telepathy": 0.1}}},
        {"sensitive": [{"id": "x", "title": {"en": "y"}}]},
        {"sensitive": [{"id": "x", "title": {"en": "y"}, "question": 1, "ancestors": [2]}]},
        {"sensitive": [{"id": "x", "title": {"en": "y"}, "ancestors": [2], "telling": [3]}]},
        {
            "sensitive": [
                {"id": "x", "title": {"en": "y"}, "question": 1},
                {"id": "x", "title": {"en": "y"}, "question": 2},
            ]
        },
        {"small_program": {"below": 100, "why": {}}},
    ],
)
def test_a_protocol_that_says_something_else_is_refused(wrong):
    with pytest.raises(ValidationError):
        Risk.model_validate(wrong)
