"""Adults of a state by group: bands of adults alone, groups that overlap scaled to everybody."""

from commonweal.vault.planning.census import census_groups


def row(race, age, population, sex="All", state="Illinois"):
    return {"state_name": state, "sex": sex, "age": age, "population": str(population), "race_category_id": race}


def test_adults_of_both_sexes_by_group():
    rows = [row("ALL", "18-19", 50), row("ALL", "20-24", 50), row("WHITE_NH", "18-19", 60), row("HISP", "85+", 40)]
    rows += [row("BLACK", "35-44", 25), row("WHITE", "18-19", 900)]  # 125 in groups that overlap, of 100 adults
    left_out = [
        row("HISP", "15-17", 7),
        row("HISP", "All", 7),
        row("HISP", "20-24", 7, sex="Female"),
        row("HISP", "20-24", 7, state="Guamia"),
    ]
    found = census_groups([*rows, *left_out])
    assert list(found) == ["IL"]
    assert {group: people for group, people in found["IL"].items() if people} == {"HISP": 32, "WHITE": 48, "BLACK": 20}


def test_a_census_without_sums_is_taken_as_it_is():
    assert census_groups([row("ASIAN", "20-24", 10)])["IL"]["ASIAN"] == 10
    assert census_groups([]) == {}
