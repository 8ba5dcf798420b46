"""Participants against the population, and what is known of their areas: small tables worked by hand, and the real ones."""

import csv
import gzip
from dataclasses import replace

import pytest

from commonweal import protocol
from commonweal.protocol.reference import ReferenceTable
from commonweal.vault.representation import census
from commonweal.vault.representation.areas import Areas

PROGRAM = protocol.load(protocol.DEFAULT)


def with_tables(**tables):
    made = {kind: ReferenceTable(kind, "1", "", f"{kind}{len(rows)}", tuple(rows)) for kind, rows in tables.items()}
    return replace(PROGRAM, reference=PROGRAM.reference | made, digest="-".join(sorted(tables)))


def row(state, sex, age, people, race):
    return {"state_name": state, "sex": sex, "age": age, "population": str(people), "race_category_id": race}


CENSUS = [
    row("Texas", "All", "0-4", 900, "HISP"),  # children are compared with nobody
    row("Texas", "All", "18-19", 30, "HISP"),
    row("Texas", "All", "20-24", 50, "HISP"),
    row("Texas", "All", "All", 9999, "HISP"),
    row("Texas", "All", "35-44", 20, "WHITE_NH"),
    row("Texas", "Female", "18-19", 60, "ALL"),
    row("Texas", "Male", "85+", 40, "ALL"),
    row("Texas", "Female", "30-40", 7000, "ALL"),  # lies across two bands
    row("Ohio", "Female", "65-66", 100, "ALL"),
    row("Ohio", "Female", "65-66", 100, "ALL"),  # told twice
    row("Ruritania", "Female", "65-66", 100, "ALL"),
]


def test_adults_by_state_group_sex_and_age():
    found = census.population(with_tables(census=CENSUS), ["TX"])
    assert (found.people, found.race) == (100, {"HISP": 80, "WHITE_NH": 20})
    assert found.sex == {"female": 60, "male": 40}
    assert found.age == {"18-24": 60, "85+": 40}
    assert census.population(with_tables(census=CENSUS)).people == 200
    assert census.population(with_tables(census=CENSUS), ["AK"]) is None
    assert census.population(PROGRAM) is None


def test_ratios_are_of_shares_and_withheld_numbers_make_none():
    people = census.population(with_tables(census=CENSUS), ["TX"])
    pooled = {"HISP": "HISP", "WHITE": "WHITE_NH", "MENA": "WHITE_NH", "NHPI": "NHPI"}
    shown = {"HISP": 40, "WHITE": 40, "MENA": 20, "NHPI": None, "": 500}
    told = {one.group: one for one in census.compare(shown, people.race, people.people, pooled)}
    assert (told["HISP"].participants, told["HISP"].population, told["HISP"].ratio) == (0.4, 0.8, 0.5)
    assert told["WHITE_NH"].ratio == pytest.approx(0.6 / 0.2)
    assert "NHPI" not in told  # the census has none of them here
    assert all(one.ratio is None for one in census.compare({"HISP": None}, people.race, people.people, pooled))


def test_areas_by_fifths_and_by_commuting():
    index = [{"ZCTA5": f"{n:05d}", "dep_index": str(n / 100)} for n in range(1000, 1010)] + [
        {"ZCTA5": "1", "dep_index": "NA"}
    ]
    ruca = [{"ZIP_CODE": code, "RUCA1": first, "RUCA2": first} for code, first in (("01000", "1"), ("01001", "4"), ("01002", "9"), ("01003", "10"), ("01004", "99"))]  # fmt: skip
    program = with_tables(area_deprivation=index, ruca=ruca)
    areas = Areas(program)
    assert [areas.fifth(f"{n:05d}") for n in range(1000, 1010)] == ["1", "1", "2", "2", "3", "3", "4", "4", "5", "5"]
    assert [areas.fifth(one) for one in ("00001", "99999", None)] == ["", "", ""]
    told = [areas.rural(f"0100{n}") for n in range(6)]
    assert told == ["metropolitan", "micropolitan", "small_town", "rural", "", ""]


def test_the_real_census_adds_up(shared_data):
    file = shared_data / "census" / "het_acs_sex_age_race_state_current.csv.gz"
    lines = gzip.decompress(file.read_bytes()).decode().splitlines()
    program = with_tables(census=list(csv.DictReader(lines)))
    found = census.population(program)
    assert 250e6 < found.people < 270e6  # adults of the United States and Puerto Rico
    assert sum(found.age.values()) == found.people
    assert 0.17 < found.race["HISP"] / found.people < 0.18
    assert 0.60 < found.race["WHITE_NH"] / found.people < 0.62


COUNTY = {"GEOID": "1001", "name": "Autauga County", "POPULATION SIZE": "1000", "age 18 plus": "80", "african american": "20", "age 65 plus": "16"}  # fmt: skip


def test_a_county_by_what_its_table_tells():
    program = with_tables(counties=[COUNTY, COUNTY | {"GEOID": "48301", "age 65 plus": "NA"}])
    found = census.county(program, "01001")
    assert (found.people, found.race, found.age) == (800, {"BLACK": 160}, {"65+": 160})
    assert census.county(program, "48301") is None
    assert census.county(program, "99999") is None
    assert census.county(PROGRAM, "01001") is None
    shown = {"18-24": 40, "65-74": 20, "75-84": 20, "85+": None}
    (old,) = census.compare(shown, found.age, found.people, {band: "65+" for band in ("65-74", "75-84", "85+")})
    assert (old.participants, old.population, old.ratio) == (0.5, 0.2, 2.5)
