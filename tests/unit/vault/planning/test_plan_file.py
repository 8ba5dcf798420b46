"""What a plan file may say, and what is said of one that does not fit: file, line, key and what to do."""

import json
import tomllib
from pathlib import Path

import pytest

from commonweal import protocol
from commonweal.errors import BadInput
from commonweal.vault.planning import read
from commonweal.vault.planning.casing import read_case
from tests import plans

CENSUS = {"IL": {"WHITE": 6e6, "BLACK": 1.2e6}, "TX": {"WHITE": 9e6, "HISP": 8e6}}


@pytest.fixture(scope="module")
def program():
    return protocol.load(protocol.DEFAULT)


def case(tmp_path, program, text=plans.PLAN, sent=(), census=CENSUS, name="plan.toml"):
    return read_case(plans.plan_file(tmp_path, text, name), program, census, sent)


def test_a_plan_is_read_with_what_the_program_knows(tmp_path, program):
    found = case(tmp_path, program)
    assert found.months == 24 and found.budget == (60000.0,) * 24 and found.total == 1_000_000
    clinic, mail, fair, partner = found.options
    assert clinic.area == "state:IL" and partner.area == "state:TX"
    assert found.areas["state:IL"].population == 7.2e6
    assert found.areas["county:17031"].groups["HISP"] == pytest.approx(1_040_000)
    assert fair.event and fair.unit_cost == 2000 and found.hours(fair) == 18
    assert not mail.event and mail.contacts == 1
    assert [(goal.of, goal.target) for goal in found.goals] == [
        ("people", 12000),
        ("minority", 0.42),
        ("overall", 0.72),
    ]


def test_goals_that_are_left_out_are_the_programs(tmp_path, program):
    text = plans.changed("people = 12000\nracial_ethnic_minority_share = 0.42\n", "")
    assert [goal.target for goal in case(tmp_path, program, text).goals] == [1_000_000, 0.5, 0.72]


def test_goals_by_category_and_by_group(tmp_path, program):
    text = plans.changed("people = 12000", "people = 12000\nshares = { geography = 0.2 }\npeople_of = { AIAN = 300 }")
    kinds = [(goal.kind, goal.of, goal.target) for goal in case(tmp_path, program, text).goals[3:]]
    assert kinds == [("share", "geography", 0.2), ("count", "AIAN", 300)]


def test_the_same_in_json(tmp_path, program):
    text = json.dumps(tomllib.loads(plans.PLAN))
    assert case(tmp_path, program, text, name="plan.json") == case(tmp_path, program)


def test_what_an_option_leaves_out_comes_from_the_past(tmp_path, program):
    sent = read.outreach(plans.outreach())
    text = plans.changed("most = 2500\ncost = 12\n", "").replace("contacts = 150\nmost = 6\ncost = 1800\n", "")
    clinic, _, fair, _ = case(tmp_path, program, text, sent).options
    assert clinic.cost == pytest.approx(110_000 / 9000) and clinic.most == 750
    assert (fair.contacts, fair.cost, fair.most) == (125, 1650, pytest.approx(40 / 12))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("0.42", "42", "plan.toml:11: goals.racial_ethnic_minority_share: a share is between 0 and 1"),
        ("0.72", "1.2", "a share is between 0 and 1"),
        ("cost = 12\n", "cost = -12\n", "options[1].cost: this cannot be below zero"),
        ("cost = 12\n", "cost = nan\n", "options[1].cost: this cannot be below zero"),
        ("monthly = 60000", "monthly = -1", "this cannot be below zero"),
        ("monthly = 60000", "monthly = [1.0, 2.0]", "plan.toml:6: budget.monthly: month 3 of 24 has no budget"),
        ("monthly = 60000\n", "", "the key 'monthly' is missing"),
        ('site = "lakeshore-chicago"', 'site = "atlantis"', "('chicago-clinic'): there is no site 'atlantis'"),
        ('id = "lakeshore-chicago"', 'id = "atlantis"', "the program has no site 'atlantis'"),
        ('id = "chicago-mail"', 'id = "chicago-clinic"', "'chicago-clinic' stands there twice"),
        ('language = "es"', 'language = "fr"', "nobody at 'lakeshore-chicago' speaks 'fr'"),
        ("es = 120", "es = 500", "500 hours in 'es', but 400 in all"),
        ('approach = "mail"', 'approach = "pigeon"', "there is no approach 'pigeon'"),
        ('audience = ["HISP"]', 'audience = ["martians"]', "no category or group 'martians'"),
        ("travel = { lakeshore-chicago = 2 }", "", "cannot be reached from 'lakeshore-chicago'"),
        ("population = 4_000_000\n", "", "needs `state` and `population`"),
        ("people = 12000", "people = 12000\nshares = { magic = 0.5 }", "no category or group 'magic'"),
        ("months = 24", "months = 0", "months"),
        ('start = "2027-01"', 'start = "January"', "a month is written as 2027-01"),
        ("months = 24", "months = 24\nwhatever = 1", "unknown key 'whatever'"),
        ("cost = 12\n", "", "`cost` is left out, and no outreach by 'clinic' tells it"),
        ("BLACK = 0.22", "BLACK = 0.95", "add up to more than 1"),
        ("months = 24", "months = ", "plan.toml:3: no TOML"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(tmp_path, program, old, new, words):
    with pytest.raises(BadInput) as said:
        case(tmp_path, program, plans.changed(old, new))
    assert words in str(said.value) and str(said.value).startswith("plan.toml:")


def test_a_state_that_no_census_tells(tmp_path, program):
    with pytest.raises(BadInput, match="state:TX: the census tells no adults"):
        case(tmp_path, program, census={"IL": CENSUS["IL"]})


def test_no_file_and_no_json(tmp_path, program):
    with pytest.raises(BadInput, match="no such file"):
        read_case(tmp_path / "none.toml", program, CENSUS)
    with pytest.raises(BadInput, match="no JSON"):
        case(tmp_path, program, "{", name="plan.json")
    with pytest.raises(BadInput, match="plan.json: months"):
        case(tmp_path, program, json.dumps(tomllib.loads(plans.PLAN) | {"months": 0}), name="plan.json")


def test_the_plan_in_the_documentation_can_be_read(tmp_path, program):
    page = (Path(__file__).parents[4] / "docs" / "planning.md").read_text("utf-8")
    found = case(tmp_path, program, page.split("```toml\n")[1].split("```")[0])
    assert [option.id for option in found.options] == ["chicago-mail", "chicago-fair-es"] and len(found.goals) == 5
