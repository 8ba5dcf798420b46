"""Areas of three digits of a ZIP code: the table of the program against public counts, and the check that holds by it."""

import bz2
import csv
import gzip
import json
from collections import Counter, defaultdict

import pytest

from commonweal import protocol
from commonweal.protocol import DEFAULT
from commonweal.protocol.area_checks import few

PROGRAM = protocol.load(DEFAULT)
PEOPLE = {row["zip3"]: int(row["people"]) for row in PROGRAM.reference["zip3"].rows}
AREAS = PROGRAM.privacy.controlled.zip_areas
TOLD = {begins: area.becomes for area in AREAS for begins in area.begins}
ISLANDS = {"006", "007", "008", "009", "969"}  # Puerto Rico and the island areas: not in the survey of the states

# 45 CFR 164.514(b): areas of 20,000 people or fewer, as counted in 2010 and again in 2020
_SMALL = (36, 59, 102, 202, 203, 204, 205, 369, 556, 692, 753, 772, 821, 823, 878, 879, 884, 893)
SMALL = {f"{number:03}" for number in _SMALL}


def test_areas_of_few_people_are_those_of_the_census():
    assert few(PEOPLE) == set(TOLD) and set(TOLD) >= SMALL
    assert {area for area in TOLD if PEOPLE[area]} == SMALL - {"202", "753"}  # in all others nobody lives
    assert all(PEOPLE[becomes] > 20_000 and becomes not in TOLD for becomes in TOLD.values())


def test_each_area_is_counted_once_and_all_people_are():
    assert len(PEOPLE) == len(PROGRAM.reference["zip3"].rows) == 917
    states = sum(number for area, number in PEOPLE.items() if area not in ("008", "969"))
    assert abs(states - (331_449_281 + 3_285_874)) < 10_000  # the states, DC and Puerto Rico; few live outside an area


def test_where_the_survey_knows_nobody_nobody_lives(shared_data):
    with gzip.open(shared_data / "census" / "dep_index_2018_zcta.csv.gz", "rt", newline="") as lines:
        surveyed = {row["ZCTA5"][:3] for row in csv.DictReader(lines)} - {""}
    assert surveyed <= set(PEOPLE)
    assert all(PEOPLE[area] == 0 for area in set(PEOPLE) - surveyed - ISLANDS)


def test_states_have_as_many_people_as_their_counties(shared_data):
    """By the state of most ZIP codes of an area; the counties were counted three years later."""
    with gzip.open(shared_data / "census" / "npm" / "zip_state_county.json.gz", "rt") as file:
        codes = json.load(file)["zip_state_county"]
    of = defaultdict(Counter)
    for code, state, _ in codes:
        of[code[:3]][state] += 1
    states = Counter()
    for area, number in PEOPLE.items():
        if of[area]:
            states[of[area].most_common(1)[0][0]] += number
    with gzip.open(shared_data / "census" / "openintro_county_2023.csv.gz", "rt", newline="") as lines:
        counties = Counter()
        for row in csv.DictReader(lines):
            counties[row["state"].strip()] += float(row["POPULATION SIZE"] or 0)
    told, counted = sorted(v for s, v in states.items() if s != "PR"), sorted(counties.values())
    assert len(told) == len(counted) == 51
    assert all(one == pytest.approx(other, rel=0.05) for one, other in zip(told, counted, strict=True))


def test_a_neighbour_lies_in_the_same_state(shared_data):
    with bz2.open(shared_data / "census" / "npm" / "zipcodes_pypi_zips.json.bz2", "rt") as file:
        states = defaultdict(set)
        for place in json.load(file):
            states[place["zip_code"][:3]].add(place["state"])
    assert all(states[area] & states[becomes] for area, becomes in TOLD.items())


def test_a_small_area_told_as_it_is_is_found(folder, spoil):
    spoil("privacy.toml", 'begins = ["036"]', 'begins = ["037"]')
    (problem,) = protocol.check(folder)
    assert problem.file == "privacy.toml" and problem.line and "13153 people live in 036" in problem.message


def test_a_neighbour_of_few_people_is_found(folder, spoil):
    spoil("privacy.toml", 'becomes = "034"', 'becomes = "059"')
    (problem,) = protocol.check(folder)
    assert "059 stands for others" in problem.message


def test_a_new_census_is_held_against_the_areas(folder, spoil):
    spoil("reference/zip3.csv", "576,20310", "576,19990")
    assert ["19990 people live in 576" in problem.message for problem in protocol.check(folder)] == [True]


def test_a_table_without_people_says_nothing(folder):
    (folder / "reference" / "zip3.csv").write_text("zip3\n036\n")
    assert protocol.check(folder) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('576,"20,310"', "people is a whole number"),
        ("576,20310.0", "people is a whole number"),
        ("576,", "people is a whole number"),
        ("576,²", "people is a whole number"),
        ("57,20310", "first three digits"),
        ("57²,20310", "first three digits"),
        ("577,20310", "577 has a row already"),
    ],
)
def test_a_count_that_cannot_be_read_is_no_count_that_is_enough(folder, spoil, row, words):
    """Not found before, such an area was told as it is, whoever lives there."""
    spoil("reference/zip3.csv", "576,20310", row)
    (problem,) = [one for one in protocol.check(folder) if one.file == "reference/zip3.csv"]
    assert problem.line and words in problem.message
