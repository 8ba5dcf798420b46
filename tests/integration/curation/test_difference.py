"""Two releases side by side: what differs is what somebody did or a rule of the population, table by table."""

import re

import duckdb
import orjson
import pytest

from commonweal.curation import difference, release
from tests.curated import NOW

FIRST, SECOND = "2026Q4R1", "2026Q4R2"
WHOLE = (
    "cdm_source",
    "concept",
    "concept_ancestor",
    "concept_relationship",
    "concept_synonym",
    "vocabulary",
)  # of nobody
POPULATION = {  # columns that may differ for those who stay -> the rule that is named for it
    "src_id": "identifiers.sources",
    "state_of_residence_concept_id": "generalise.state",
    "state_of_residence_source_value": "generalise.state",
    "device_version": "wearables.models",
    "device_id": "identifiers.devices",
}


def differing(world, table, people):
    """Rows in one release and not in the other, of everybody but `people`: (columns that differ), or whole rows."""
    sides = [world.folder(name) / "tables" / table / "*.parquet" for name in (FIRST, SECOND)]
    columns = [c for c, *_ in duckdb.sql(f"DESCRIBE FROM read_parquet('{sides[0]}')").fetchall()]
    kept = [c for c in columns if c not in POPULATION]
    whose = "person_id" if "person_id" in columns else f"{columns[0]} // 1000000"
    chosen = ", ".join(kept)
    both = [f"(SELECT {chosen} FROM read_parquet('{s}') WHERE {whose} <> {people})" for s in sides]
    one, other = (duckdb.sql(f"{a} EXCEPT ALL {b}").fetchall() for a, b in (both, both[::-1]))
    return one + other


def test_after_one_withdrawal_that_person_alone_is_gone(world):
    """Their rows, all of them; the rows of all others are the same, ids too, but for columns of population rules."""
    world.crowd(4)
    leaver = world.people["crowd1"]
    world.published(FIRST, known_at=NOW)
    number = world.research_id(leaver)
    world.withdraw(leaver)
    world.build(SECOND)
    tables = sorted(p.name for p in (world.folder(FIRST) / "tables").iterdir())
    assert tables == sorted(p.name for p in (world.folder(SECOND) / "tables").iterdir())
    for table in set(tables) - set(WHOLE):
        assert differing(world, table, number) == [], table
        assert not [r for r in world.rows(table, SECOND) if number in (r.get("person_id"), *_owners(r))], table
    told = release.compare(world.home, FIRST, SECOND)["tiers"]["registered"]
    assert told["people"] == {"lost": {"withdrew": None}, "gained": {}}  # so few that the number is not told
    for name, table in told["tables"].items():
        if "rows_of_people" in table:
            assert (
                table["rows"][0] - table["rows"][1] == table["rows_of_people"][0] and table["rows_of_people"][1] == 0
            ), name
    assert told["reasons"][0].startswith("people left")
    assert (
        {r.split(" ")[0] for r in told["reasons"]}
        >= set(POPULATION.values())
        <= set(difference.population_rules().keys())
    )
    manifest = orjson.loads((world.folder(SECOND) / "manifest.json").read_bytes())
    assert manifest["difference"]["from"] == FIRST and manifest["difference"]["people"] == told["people"]
    assert str(number) not in orjson.dumps(manifest["difference"]).decode()


def _owners(row):
    key = next(iter(row.values()))
    return (key // 1_000_000,) if isinstance(key, int) else ()


def test_a_rule_of_the_population_is_named_where_it_changed_somebody_else(world, monkeypatch):
    """With one person fewer, a state has too few people to be named: the others' rows differ in that column alone."""
    toml = world.home.protocol / "privacy.toml"
    toml.write_text(re.sub(r"(?m)^small_state = \d+", "small_state = 3", toml.read_text()))
    world.crowd(3)
    world.published(FIRST)
    world.withdraw(world.people["crowd2"])
    world.build(SECOND)
    states = [
        {r["state_of_residence_source_value"] for r in world.rows("person_ext", name)} for name in (FIRST, SECOND)
    ]
    assert states[0] != states[1]
    assert differing(world, "person_ext", world.research_id(world.people["crowd2"])) == []
    reasons = release.compare(world.home, FIRST, SECOND)["tiers"]["registered"]["reasons"]
    assert any(r.startswith("generalise.state depends") for r in reasons)


@pytest.mark.parametrize("column", ["condition_start_date", None])
def test_a_cell_is_traced_rule_by_rule(world, column):
    world.with_build(1)
    (row,) = world.rows("condition_occurrence")
    found = release.trace(world.home, FIRST, "condition_occurrence", row["condition_occurrence_id"], column=column)
    changed = {r["id"]: r["changed"] for r in found["rules"]}
    assert "condition_start_date" in changed["dates.shift"] and "person_id" in changed["identifiers.persons"]
    (raw,) = world.raw("condition_occurrence")
    if column is None:
        return
    (change,) = found["cell"]["changes"]
    assert change["rule"] == "dates.shift"
    assert change["before"] == str(raw["condition_start_date"]) and change["after"] == str(row["condition_start_date"])


def test_what_is_traced_names_nobody_and_is_audited(world):
    from commonweal.audit.models import Event
    from commonweal.errors import BadInput

    world.with_build(1)
    (row,) = world.rows("condition_occurrence")
    place = (world.home, FIRST, "condition_occurrence", row["condition_occurrence_id"])
    (change,) = release.trace(*place, column="person_id")["cell"]["changes"]
    assert change["before"] == "(the person)" and change["after"] == row["person_id"]
    last = Event.objects.filter(action="release.trace").latest("pk")
    assert orjson.loads(last.details)["column"] == "person_id"
    with pytest.raises(BadInput, match="none of that name"):
        release.trace(*place, column="nonsense")


def test_which_releases_hold_a_person(world):
    from commonweal.errors import BadInput

    world.with_release(2)
    inside, outside = world.people["crowd0"], world.add("late")
    held = [release.holds(world.home, p.participant_id)["releases"] for p in (inside, outside)]
    assert [(r["release"], r["tier"]) for r in held[0]] == [(FIRST, "registered")] and held[1] == []
    with pytest.raises(BadInput, match="nobody"):
        release.holds(world.home, "P999999999")
