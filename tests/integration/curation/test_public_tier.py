"""The public tier: numbers of people through the gate, made of the registered tier of the same release."""

import shutil
from datetime import date, datetime

import duckdb
import orjson
import pytest

from commonweal import commons, files
from commonweal.curation import crosswalk
from commonweal.curation.layout import Layout
from commonweal.curation.public.specification import tables
from commonweal.errors import BadInput, Refused
from tests.curated import DIABETES, HYPERTENSION, World, bytes_of

BOTH = ("registered", "public")


def public(world: World, table, name="2026Q4R1"):
    files = world.home.releases / name / "public" / "tables" / table / "*.parquet"
    return duckdb.sql(f"FROM read_parquet('{files}')").to_arrow_table().to_pylist()


@pytest.fixture
def many(world):
    """45 people who answered and have diabetes."""

    def make():
        for n in range(45):
            person = world.add(f"p{n}", born=date(1950 + n % 40, 3, 1))
            world.survey(person)
        visits(world, list(world.people.values()))

    return world.once("45 people", make)


@pytest.fixture
def built(world, request):
    """The same, of whom 22 have high blood pressure and 3 have asthma, with both tiers."""

    def make():
        people = list(request.getfixturevalue("many").people.values())
        visits(world, people[:22], HYPERTENSION)
        visits(world, people[:3], "195967001")
        world.build(tiers=BOTH)

    return world.once("45 people, told of", make)


def visits(world, people, code=DIABETES, day=datetime(2020, 5, 6)):
    rows = [{"resource_type": "Condition", "code": code, "start": day, "participant": p.pk} for p in people]
    world.records(people[0], rows)


def test_what_it_tells(built):
    many = built
    manifest = orjson.loads((many.home.releases / "2026Q4R1" / "public" / "manifest.json").read_bytes())
    assert {c["outcome"] for c in manifest["checks"]} == {"passed"} and manifest["participants"] == 60
    told = {row["group"]: row["people"] for row in public(many, "totals")}
    assert told["everybody"] == told["health records"] == told["surveys"] == 60 and told["wearables"] == 0
    counts = {
        (r["concept_name"], r["sex_at_birth"], r["age_band"]): r["people"] for r in public(many, "concept_counts")
    }
    everybody = {name: people for (name, sex, age), people in counts.items() if (sex, age) == ("all", "all")}
    # So few have asthma that it is not listed.
    assert everybody == {"Hypertensive disorder": 40, "Type 2 diabetes mellitus": 60}
    answers = public(many, "survey_answers")
    assert {r["people"] for r in answers if r["answer"] == "all" and r["sex_at_birth"] == r["age_band"] == "all"} == {
        60
    }
    for name, table in tables().items():
        for row in public(many, name):
            assert list(row) == table.schema.names
            assert row["people"] is None or row["people"] == 0 or (row["people"] > 20 and row["people"] % 20 == 0)
    for people in many.people.values():
        assert people.participant_id not in str(bytes_of(many.home.releases / "2026Q4R1" / "public"))
        break
    published(many)


def published(world):
    from commonweal.vault.voice.models import ReleaseRoll

    world.check()
    world.publish()
    assert [r["tier"] for r in commons.published(world.home)] == ["registered"]  # nobody's rows are in the public one
    rolls = {roll.tier: bytes(roll.members) for roll in ReleaseRoll.objects.all()}
    assert rolls["public"] == rolls["registered"]


def test_it_needs_the_registered_tier_as_it_was_built(world):
    world.with_build(1)
    with pytest.raises(BadInput, match="--tier registered --tier public"):
        world.build("2026Q4R2", tiers=("public",))
    assert list(world.build(tiers=BOTH)["built"]) == ["public"]
    assert world.build(tiers=BOTH)["unchanged"]
    before = public_bytes(world)
    shutil.rmtree(world.home.releases / "2026Q4R1" / "public")
    assert list(world.build(tiers=("public",))["built"]) == ["public"]
    assert public_bytes(world) == before
    world.add("late")
    world.build()  # the registered tier alone is built again: the public one now tells of another
    with pytest.raises(Refused, match=r"public\.source"):
        world.check()


def public_bytes(world):
    found = bytes_of(world.home.releases / "2026Q4R1" / "public")
    return {name: content for name, content in found.items() if name != "events.jsonl"}


def test_numbers_stand_until_enough_have_changed(many):
    """One person who leaves makes no difference, though the true number crosses from one bin to another."""
    visits(many, list(many.people.values())[:41], HYPERTENSION)
    many.published(tiers=BOTH)
    many.withdraw(many.people["p0"])
    many.build("2026Q4R2", tiers=BOTH)
    for table in tables():
        assert public(many, table, "2026Q4R2") == public(many, table)
    manifest = orjson.loads((many.home.releases / "2026Q4R2" / "public" / "manifest.json").read_bytes())
    assert manifest["told_before"]["name"] == "2026Q4R1"
    for n in range(1, 25):
        many.withdraw(many.people[f"p{n}"])
    many.build("2026Q4R2", tiers=BOTH)
    assert [r["people"] for r in public(many, "totals", "2026Q4R2")][0] is None


def test_a_number_that_is_not_rounded_is_found(built):
    path = next((built.home.releases / "2026Q4R1" / "public" / "tables" / "totals").iterdir())
    duckdb.sql(f"COPY (SELECT \"group\", people - 1 AS people FROM '{path}') TO '{path}2' (FORMAT parquet)")
    shutil.move(f"{path}2", path)
    with pytest.raises(Refused, match=r"public\.numbers"):
        built.check()


def test_the_protocol_it_was_made_under(world):
    world.with_build(1)
    toml = world.home.protocol / "privacy.toml"
    toml.write_text(toml.read_text().replace("histogram_bins = 12", "histogram_bins = 8"))
    layout = Layout(world.home, "2026Q4R1")
    before = files.sha256(layout.tier("registered") / "manifest.json")
    with pytest.raises(Refused, match="protocol has changed"):
        world.build(tiers=("public",))
    assert files.sha256(layout.tier("registered") / "manifest.json") == before and layout.tiers == ["registered"]
    assert crosswalk.load(world.home).num_rows == 1
