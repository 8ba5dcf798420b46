"""Both tiers of one release: the same people under two numbers, real dates in one and shifted dates in the other."""

from datetime import date, datetime, timedelta

import duckdb
import pytest

from commonweal.curation import crosswalk


@pytest.fixture
def both(world):
    """Two tiers with one plain person, one of a tribe, one of many years, and one whose earliest rows are from infancy."""
    plain = world.add("plain", born=date(1961, 8, 27))
    world.survey(plain, {"Race_WhatRaceEthnicity": ["WhatRaceEthnicity_White", "WhatRaceEthnicity_Asian"],
                         "HealthInsurance_InsuranceTypeUpdate": ["InsuranceTypeUpdate_Indian"],
                         "StreetAddress_PIIZIP": [("text", "53202-1234")],
                         "EducationLevel_HighestGrade": ["HighestGrade_AdvancedDegree"]})  # fmt: skip
    world.visit(plain)
    native = world.add("native", state="AZ")
    world.survey(
        native, {"Race_WhatRaceEthnicity": ["WhatRaceEthnicity_AIAN"], "StreetAddress_PIIZIP": [("text", "86001")]}
    )
    old = world.add("old", born=date(1930, 2, 3))
    world.survey(old)
    infant = world.add("infant", born=date(1990, 5, 6))
    world.visit(infant, datetime(1990, 5, 9, 8))
    world.visit(infant, datetime(2001, 5, 9, 8))
    world.build(tiers=("registered", "controlled"))
    return world, {"plain": plain, "native": native, "old": old, "infant": infant}


def _rows(world, tier, table):
    files = world.home.releases / "2026Q4R1" / tier / "tables" / table / "*.parquet"
    return duckdb.sql(f"FROM read_parquet('{files}')").to_arrow_table().to_pylist()


def _number(world, tier, person):
    return next(row[tier] for row in crosswalk.load(world.home).to_pylist() if row["participant"] == person.pk)


def test_what_the_controlled_tier_tells_and_what_it_does_not(both):
    world, people = both
    number = {name: _number(world, "controlled", person) for name, person in people.items()}
    assert all(number[name] != _number(world, "registered", person) for name, person in people.items())

    person = {row["person_id"]: row for row in _rows(world, "controlled", "person")}
    assert set(person) == set(number.values())  # nobody is left out for their age
    assert {name: person[n]["year_of_birth"] for name, n in number.items()} == {
        "plain": 1961, "native": 1961, "old": 1930, "infant": 1990,
    }  # fmt: skip
    assert {row[c] for row in person.values() for c in ("month_of_birth", "day_of_birth", "birth_datetime")} == {None}
    assert person[number["plain"]]["race_concept_id"] == 2000000008
    assert person[number["native"]]["race_concept_id"] == 8657

    visits = _rows(world, "controlled", "visit_occurrence")
    days = {(row["person_id"], row["visit_start_date"]) for row in visits}
    assert days == {(number["plain"], date(2021, 3, 4)), (number["infant"], date(2001, 5, 9))}

    told = {
        (row["person_id"], row["observation_source_value"]): row for row in _rows(world, "controlled", "observation")
    }
    assert told[number["plain"], "StreetAddress_PIIZIP"]["value_as_string"] == "532**"
    assert told[number["native"], "StreetAddress_PIIZIP"]["value_as_string"] == "000**"
    assert told[number["plain"], "HealthInsurance_InsuranceTypeUpdate"]["value_as_concept_id"] == 43528423
    assert told[number["plain"], "EducationLevel_HighestGrade"]["value_as_concept_id"] == 1585948
    states = {
        row["person_id"]: row["state_of_residence_source_value"] for row in _rows(world, "controlled", "person_ext")
    }
    assert states[number["plain"]] == "PIIState_WI" and states[number["native"]] != "PIIState_AZ"

    shift = next(r["shift"] for r in crosswalk.load(world.home).to_pylist() if r["participant"] == people["plain"].pk)
    mine = [
        r
        for r in _rows(world, "registered", "visit_occurrence")
        if r["person_id"] == _number(world, "registered", people["plain"])
    ]
    assert [r["visit_start_date"] for r in mine] == [date(2021, 3, 4) - timedelta(days=shift)]
    assert not [
        r for r in _rows(world, "registered", "observation") if r["observation_source_value"] == "StreetAddress_PIIZIP"
    ]
