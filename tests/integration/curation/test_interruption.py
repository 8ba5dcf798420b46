"""A build may end at any moment: nothing half-done is ever in place, and the next one goes on to the same result."""

import shutil

import pytest

from commonweal import commons, files
from commonweal.curation import (
    assembling,
    crosswalk,
    derived,
    engine,
    events,
    parts,
    placing,
    tables,
)
from commonweal.curation.checks import run as checks
from commonweal.curation.extract import run as extraction
from commonweal.curation.layout import Layout
from tests.curated import NOW, bytes_of
from tests.disk import Disk


class Killed(BaseException):
    """As if the process had been killed: nothing may catch it."""


POINTS = (  # in the order in which a build comes by; each run goes on from where the one before was killed
    (extraction, "load_surveys", 1),
    (extraction, "_write", 1),
    (crosswalk, "ensure", 1),
    (engine.Plan, "of", 9),  # while the first tables wait for theirs, or are built
    (tables, "copy", 1),
    (tables, "copy", 4),
    (tables.Writer, "close", 2),
    (files, "save_json", 2),
    (derived, "vocabulary", 1),
    (checks, "run", 1),
    (events, "append", 1),
    (files.os, "replace", 3),
)


def arm(monkeypatch, owner, name, nth):
    original, count = getattr(owner, name), [0]

    def armed(*args, **kwargs):
        count[0] += 1
        if count[0] == nth:
            raise Killed
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, armed)
    return count


def test_killed_again_and_again(world, monkeypatch, many_threads):
    world.crowd(2)
    for point in POINTS:
        with monkeypatch.context() as patch:
            arm(patch, *point)
            with pytest.raises(Killed):
                world.build(known_at=NOW)
        assert commons.published(world.home) == [], point
        assert not world.folder().exists() or (world.folder() / "events.jsonl").exists(), point
    world.build(known_at=NOW)
    resumed = unchanging(world)
    assert world.check()["passed"]
    shutil.rmtree(world.home.releases / "2026Q4R1")
    shutil.rmtree(world.home.vault_store / "curation")
    many_threads()
    world.build(known_at=NOW)
    assert unchanging(world) == resumed


def test_what_a_mark_says_is_finished_and_what_is_signed_is_on_the_disk(world, monkeypatch):
    world.crowd(2)
    disk, built = Disk(monkeypatch), Layout(world.home, "2026Q4R1").building("registered")
    told = [
        disk.lost_at("done.json", lambda mark: mark.parent.rglob("[!.]*")),
        disk.lost_at("part-*.json", lambda mark: (built / "tables").rglob("*")),
        disk.lost_at("registered", lambda place: [built, *built.rglob("*")]),
    ]
    world.build(known_at=NOW)
    assert told == [[[]]] * 3


def unchanging(world):
    return {name: content for name, content in bytes_of(world.folder()).items() if name != "events.jsonl"}


@pytest.mark.parametrize("rename", [2, 3])  # the old tier out of the way; the new one in its place
def test_killed_while_one_build_takes_the_place_of_another(world, monkeypatch, rename):
    world.with_build(1)
    world.add("late")
    appear = placing.appear

    def killed(*args):
        arm(patch, files.os, "replace", rename)
        appear(*args)

    with monkeypatch.context() as patch:
        patch.setattr(placing, "appear", killed)
        with pytest.raises(Killed):
            world.build()
    assert commons.published(world.home) == []
    world.build()
    assert [e["event"] for e in events.read(world.folder())][0] == "built" and len(events.read(world.folder())) == 2
    assert world.manifest()["participants"] == 2 and world.check()["passed"]


def test_finished_parts_are_not_built_again(world, monkeypatch):
    monkeypatch.setattr(parts, "FEW", 1)
    world.crowd(3)
    everything = len(assembling.ORDER) + len(engine.EXTENSIONS)
    with monkeypatch.context() as patch:
        patch.setattr(assembling.os, "sched_getaffinity", lambda _: {0})  # one part after the other
        arm(patch, tables, "copy", 2 * everything + 5)
        with pytest.raises(Killed):
            world.build()
    count = arm(monkeypatch, tables, "copy", -1)
    read = arm(monkeypatch, extraction, "load_surveys", -1)
    world.build()
    assert count[0] == everything and read[0] == 0
    assert world.manifest()["participants"] == 3 and world.check()["passed"]


def test_a_fact_that_came_meanwhile_is_not_mixed_in(world, monkeypatch):
    world.crowd(2)
    with monkeypatch.context() as patch:
        arm(patch, tables, "copy", 9)
        with pytest.raises(Killed):
            world.build()
    world.withdraw(world.people["crowd0"])
    world.build()
    assert world.manifest()["participants"] == 1 and world.check()["passed"]


def test_an_event_cut_off_in_the_middle_is_no_event(world):
    world.with_build(1)
    world.check()
    path = world.folder() / "events.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"event": "published", "rel')
    assert events.status(world.folder()) == "checked" and commons.published(world.home) == []
    world.publish()
    assert path.read_bytes().startswith(whole) and len(commons.published(world.home)) == 1


def test_two_builds_at_once_are_refused(world):
    from commonweal.curation.lock import alone
    from commonweal.errors import Refused

    with alone(world.home), pytest.raises(Refused, match="another process"):
        world.build()
