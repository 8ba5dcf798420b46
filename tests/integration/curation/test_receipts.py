"""What studies used, taken in by the bridge: research ids become the vault's people, once, and nothing else gets in."""

import threading
from datetime import date
from uuid import UUID

import numpy as np
import pytest
from pyroaring import BitMap

from commonweal.audit.models import Event
from commonweal.commons import usage
from commonweal.curation import crosswalk, receipts, worker

STUDY, OTHER = UUID(int=1 << 100, version=4), UUID(int=2 << 100, version=4)


@pytest.fixture
def released(world):
    """Four people in a published release; one more who is in none."""
    world.with_release(4)
    world.add("late")
    return world


def research_ids(world, *names, tier="registered"):
    xw = crosswalk.load(world.home)
    known = dict(zip(xw["participant"].to_pylist(), xw[tier].to_pylist(), strict=True))
    return sorted(known[world.people[name].pk] for name in names)


def used(world, name, persons, *, study=STUDY, tier="registered", release="2026Q4R1", kind="cohort"):
    """A file of the research site; `name`: one hexadecimal digit."""
    path = usage.place(world.home.usage, study, name * 64)
    usage.write(path, usage.Use(study, kind, release, tier, date(2026, 11, 2), np.array(persons, dtype=np.int64)))
    return path


def roll(study=STUDY):
    from commonweal.vault.voice.models import StudyRoll

    return BitMap.deserialize(bytes(StudyRoll.objects.get(study__key=study).members))


def pks(world, *names):
    return BitMap([world.people[name].pk for name in names])


def test_the_people_of_all_uses_of_a_study_are_its_roll(released):
    from commonweal.vault.voice.models import Study, StudyUse

    used(released, "a", research_ids(released, "crowd0", "crowd1"))
    used(released, "b", research_ids(released, "crowd1", "crowd2"), kind="export")
    used(released, "c", research_ids(released, "crowd3"), study=OTHER)
    done = receipts.receive(released.home)
    assert (done.accepted, done.unchanged, done.refused) == (3, 0, {})
    assert roll() == pks(released, "crowd0", "crowd1", "crowd2")
    assert roll(OTHER) == pks(released, "crowd3")
    assert Study.objects.get(key=STUDY).first_used == date(2026, 11, 2)
    assert sorted(StudyUse.objects.values_list("kind", flat=True)) == ["cohort", "cohort", "export"]
    assert Event.objects.filter(action="usage.taken").count() == 3


def test_taken_in_once_however_often_and_whatever_the_file_says_later(released):
    used(released, "a", research_ids(released, "crowd0"))
    receipts.receive(released.home)
    used(released, "a", research_ids(released, "crowd0", "crowd1"))
    done = receipts.receive(released.home)
    assert (done.accepted, done.unchanged) == (0, 1)
    assert roll() == pks(released, "crowd0")


def test_what_cannot_be_is_refused_and_the_rest_is_taken_in(released):
    stranger = next(n for n in range(1_000_000, 2_000_000) if n not in research_ids(released, "crowd0", "crowd1"))
    used(released, "a", [stranger])
    used(released, "b", research_ids(released, "crowd0"), release="2020Q1R1")
    used(released, "c", research_ids(released, "crowd0"), tier="controlled")
    used(released, "d", research_ids(released, "crowd0")).write_bytes(b'{"format":')
    used(released, "e", research_ids(released, "crowd1"))
    done = receipts.receive(released.home)
    why = {name.split("/")[1][0]: said for name, said in done.refused.items()}
    assert done.accepted == 1 and set(why) == set("abcd")
    assert "1 are not in release 2026Q4R1, tier registered" in why["a"] and str(stranger) not in why["a"]
    assert "never published" in why["b"] and "never published" in why["c"]
    assert roll() == pks(released, "crowd1")


def test_somebody_who_is_known_but_in_no_release_is_a_stranger(released):
    import pyarrow as pa

    crosswalk.ensure(released.home, pa.array([released.people["late"].pk]))
    used(released, "a", research_ids(released, "crowd0", "late"))
    assert "1 are not in release" in next(iter(receipts.receive(released.home).refused.values()))


def test_names_that_are_no_uses_are_left_alone(released):
    folder = used(released, "a", research_ids(released, "crowd0")).parent
    for name in ("notes.txt", ".half.json.abc", "short.json"):
        (folder / name).write_bytes(b"x")
    assert receipts.receive(released.home).refused == {}


def test_a_kill_in_the_middle_leaves_nothing_half_done(released, monkeypatch):
    from commonweal.vault.voice.models import Study, StudyUse

    used(released, "a", research_ids(released, "crowd0"))
    monkeypatch.setattr(receipts, "_add", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        receipts.receive(released.home)
    assert not StudyUse.objects.exists() and not Study.objects.exists()
    assert not Event.objects.filter(action="usage.taken").exists()
    monkeypatch.undo()
    assert receipts.receive(released.home).accepted == 1


def test_of_two_bridges_each_file_is_taken_in_by_one(released):
    from django.db import connection

    names = "0123456789"
    for name in names:
        used(released, name, research_ids(released, f"crowd{int(name) % 4}"))
    done = []

    def take_in():
        try:
            done.append(receipts.receive(released.home))
        finally:
            connection.close()

    both = [threading.Thread(target=take_in) for _ in range(2)]
    [one.start() for one in both]
    [one.join() for one in both]
    assert sum(one.accepted for one in done) == len(names)
    assert roll() == pks(released, "crowd0", "crowd1", "crowd2", "crowd3")


def test_the_bridge_takes_in_by_itself_and_tells_of_a_refused_file_once(released, caplog):
    used(released, "a", research_ids(released, "crowd0"))
    used(released, "b", [7])
    stop, told = threading.Event(), set()
    thread = threading.Thread(target=worker.run_forever, args=(stop, released.home))
    thread.start()
    for _ in range(200):
        if receipts.receive(released.home).unchanged:
            break
        stop.wait(0.05)
    stop.set()
    thread.join()
    worker.take_in(released.home, told)
    worker.take_in(released.home, told)
    assert roll() == pks(released, "crowd0")
    assert len([one for one in caplog.messages if "b" * 64 in one]) == 2  # the bridge once, and the first call here


def test_an_error_of_the_program_does_not_stop_the_bridge(released, monkeypatch, caplog):
    monkeypatch.setattr(receipts, "_files", lambda folder: 1 / 0)
    worker.take_in(released.home, set())
    assert "ZeroDivisionError" in caplog.text
