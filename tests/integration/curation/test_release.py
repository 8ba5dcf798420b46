"""Build, check, publish, retract; what is refused, and what a second time changes."""

import shutil
from datetime import datetime

import orjson
import pytest
from pyroaring import BitMap

from commonweal import commons
from commonweal.errors import BadInput, Refused
from tests.curated import NOW, bytes_of


def test_from_facts_to_a_published_release(world):
    world.crowd(3)
    assert world.build()["built"]["registered"]["checks_failed"] == []
    assert commons.published(world.home) == []  # built is not visible
    world.check()
    assert commons.published(world.home) == []
    world.publish()
    (row,) = commons.published(world.home)
    assert (row["name"], row["tier"]) == ("2026Q4R1", "registered")
    release = commons.open("2026Q4R1", home=world.home)
    assert release.manifest["participants"] == 3 and "condition_occurrence" in release.tables


def test_the_manifest_says_what_the_contract_says(world):
    world.with_build(2)
    manifest = world.manifest()
    for name in [
        "name",
        "tier",
        "data_cutoff",
        "known_at",
        "grants_as_of",
        "software",
        "protocol",
        "vocabulary",
        "reference",
        "rules",
        "tables",
        "checks",
        "risk",
    ]:
        assert name in manifest, name
    assert manifest["data_cutoff"] == world.cutoff.isoformat() and manifest["participants"] == 2
    for table in manifest["tables"]:
        (file,) = table["files"]
        path = world.folder() / file["path"]
        assert path.stat().st_size == file["bytes"] and len(file["sha256"]) == 64
        assert {c["type"] for c in table["columns"]} <= {"integer", "float", "string", "date", "datetime"}
    for rule in manifest["rules"]:
        assert rule["rows_in"] >= rule["rows_out"] and rule["cells_changed"] >= 0
    raw = (world.folder() / "manifest.json").read_bytes()
    assert raw == orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def with_somebody_old(world):
    """Three people with everything, of whom one is too old to be in the release that is built."""

    def make():
        world.crowd(2)
        old = world.add("old", born=NOW.date().replace(year=NOW.year - 95, day=1))
        world.survey(old)
        world.visit(old)
        world.build()

    return world.once("somebody old", make)


def test_rows_of_the_release_are_raw_rows_less_what_rules_removed(world):
    with_somebody_old(world)
    manifest = world.manifest()
    released = {t["name"]: t["rows"] for t in manifest["tables"]}
    for table in ("person", "observation", "condition_occurrence", "measurement", "visit_occurrence"):
        removed = sum(r["by_table"].get(table, {"rows_in": 0, "rows_out": 0})["rows_in"]
                      - r["by_table"].get(table, {"rows_in": 0, "rows_out": 0})["rows_out"] for r in manifest["rules"])  # fmt: skip
        assert len(world.raw(table)) - removed == released[table] == len(world.rows(table)), table
    assert released["person"] == 2


def test_the_same_build_again_changes_nothing(world):
    world.with_build(1)
    before = bytes_of(world.folder())
    assert world.build()["unchanged"]
    assert bytes_of(world.folder()) == before
    world.check()
    assert not world.publish()["unchanged"]
    assert world.publish()["unchanged"] and world.build()["unchanged"]


def test_the_same_facts_and_keys_give_the_same_bytes(world, many_threads):
    world.with_build(2)
    before, known = unchanging(world), datetime.fromisoformat(world.manifest()["known_at"])
    forget(world)
    many_threads()
    world.build(known_at=known)
    assert unchanging(world) == before


def test_a_new_fact_before_publication_makes_a_new_build(world):
    world.with_build(1)
    world.add("late")
    assert not world.build()["unchanged"]
    assert world.manifest()["participants"] == 2
    lines = (world.folder() / "events.jsonl").read_bytes().splitlines()
    assert [orjson.loads(line)["event"] for line in lines] == ["built", "built"]  # nothing of its history is lost


def test_a_published_release_never_changes(world):
    world.with_release(1)
    before = bytes_of(world.folder())
    world.add("late")
    with pytest.raises(Refused, match="never changes"):
        world.build()
    assert bytes_of(world.folder()) == before


def test_publication_needs_passed_checks(world):
    world.with_build(1)
    with pytest.raises(Refused, match="check"):
        world.publish()
    assert commons.published(world.home) == []


def test_the_roll_holds_who_is_in_it_and_nobody_else(world):
    from commonweal.vault.voice.models import ReleaseRoll

    with_somebody_old(world)
    world.check()
    world.publish()
    roll = ReleaseRoll.objects.get(release="2026Q4R1", tier="registered")
    assert set(BitMap.deserialize(bytes(roll.members))) == {world.people["crowd0"].pk, world.people["crowd1"].pk}


def test_an_interrupted_publication_is_finished_by_the_next(world, monkeypatch):
    from commonweal.curation import publication
    from commonweal.vault.voice.models import ReleaseRoll

    world.with_build(1)
    world.check()
    monkeypatch.setattr(publication.events, "append", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        world.publish()
    assert commons.published(world.home) == [] and not ReleaseRoll.objects.exists()
    monkeypatch.undo()
    world.publish()
    ReleaseRoll.objects.all().delete()  # as if the process had died between the event and the commit
    world.publish()
    assert ReleaseRoll.objects.count() == 1 and len(commons.published(world.home)) == 1


def test_retraction_gives_its_reason_and_stays(world):
    from commonweal.cli.console import Console
    from commonweal.curation import release
    from commonweal.vault.voice.models import ReleaseRoll

    console = Console(json=True)
    world.with_build(1)
    with pytest.raises(Refused, match="not published"):
        release.retract(world.home, "2026Q4R1", why="wrong", console=console)
    world.check()
    world.publish()
    release.retract(world.home, "2026Q4R1", why="a unit was wrong", console=console)
    assert commons.published(world.home) == [] and ReleaseRoll.objects.get().retracted_at is not None
    with pytest.raises(Refused, match="retracted"):
        world.publish()
    assert release.retract(world.home, "2026Q4R1", why="again", console=console)["unchanged"]
    assert "a unit was wrong" in release.describe(world.home, "2026Q4R1")["text"]
    assert release.verify(world.home, "2026Q4R1")["intact"]


@pytest.mark.parametrize("name", ["2026", "2026Q5R1", "../2026Q4R1", "2026Q4R1/../x", ""])
def test_names_that_cannot_be(world, name):
    with pytest.raises(BadInput, match="2026Q4R1"):
        world.build(name)


def test_other_bad_requests(world):
    with pytest.raises(BadInput, match="tier"):
        world.build(tiers=("public",))
    with pytest.raises(BadInput, match="future"):
        world.build(cutoff=NOW.date().replace(year=NOW.year + 1, day=1))
    with pytest.raises(BadInput, match="none of that name"):
        world.check("2031Q1R1")


def test_a_release_of_nobody(world):
    world.build()
    world.check()
    assert world.manifest()["participants"] == 0


def test_compare_and_list_and_trace(world):
    from commonweal.curation import release

    world.with_release(2)
    ana = world.add("ana")
    world.visit(ana)
    world.build("2026Q4R2")
    change = release.compare(world.home, "2026Q4R1", "2026Q4R2")["tiers"]["registered"]
    assert change["participants"] == (2, 3) and change["rows"]["condition_occurrence"] == (2, 3)
    assert [r["status"] for r in release.every(world.home)["releases"]] == ["published", "built"]
    row = next(r for r in world.rows("condition_occurrence", "2026Q4R2") if r["person_id"] == world.research_id(ana))
    found = release.trace(world.home, "2026Q4R2", "condition_occurrence", row["condition_occurrence_id"])
    assert found["fact"]["site"] == "great-lakes-milwaukee" and found["fact"]["position"] == 2
    assert found["grant"]["module"] == "ehr" and "dates.shift" in [r["id"] for r in found["rules"]]
    answer = world.rows("observation", "2026Q4R2")[0]
    assert (
        release.trace(world.home, "2026Q4R2", "observation", answer["observation_id"])["fact"]["kind"]
        == "survey answer"
    )
    told = orjson.dumps(found).decode()
    assert ana.participant_id not in told and str(ana.uuid) not in told and "anafamily" not in told
    with pytest.raises(BadInput, match="no such row"):
        release.trace(world.home, "2026Q4R2", "condition_occurrence", 10_000)


def test_in_many_parts_and_by_wordings_it_is_the_same_release(world, monkeypatch, many_threads):
    from commonweal.curation import parts, wordings

    world.crowd(5).build(known_at=NOW)
    names = [t["name"] for t in world.manifest()["tables"]]
    whole, rules = {name: world.rows(name) for name in names}, world.manifest()["rules"]
    forget(world)
    monkeypatch.setattr(parts, "FEW", 2)
    monkeypatch.setattr(wordings, "FEWEST", 1)
    monkeypatch.setattr(wordings, "ROWS", 1)
    many_threads()
    world.build(known_at=NOW)
    for table in ("observation", "person"):
        assert len(list((world.folder() / "tables" / table).iterdir())) == 3
        assert any(world.home.vault_store.glob(f"curation/**/raw/{table}/{wordings.FILE}"))
    assert {name: world.rows(name) for name in names} == whole
    assert world.manifest()["rules"] == rules and world.check()["passed"]
    visits = {row["visit_occurrence_id"] for row in whole["visit_occurrence"]}
    assert visits and {row["visit_occurrence_id"] for row in whole["condition_occurrence"]} <= visits
    before = unchanging(world)
    forget(world)
    world.build(known_at=NOW)
    assert unchanging(world) == before  # and each time the same bytes


def forget(world):
    """As if nothing had been built; the keys and the crosswalk stay."""
    shutil.rmtree(world.home.releases / "2026Q4R1")
    shutil.rmtree(world.home.vault_store / "curation")


def unchanging(world):
    return {name: content for name, content in bytes_of(world.folder()).items() if name != "events.jsonl"}
