"""Compaction of event files: whatever is compacted when, the store answers as if each submission still had its own file."""

import os
import random
import threading
import time
from datetime import timedelta

import duckdb
import pytest

from tests.disk import Disk
from tests.killing import dying, in_another_process
from tests.record_stores import Twin, grow_old, held

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def twin(cohort, events, tmp_path):
    return Twin(cohort, events, tmp_path / "plain")


@pytest.fixture
def small(monkeypatch):
    """Files of three rows, so that a few submissions make many."""
    from commonweal.vault.records.compact import folding, gathering, merging

    for module in (folding, gathering, merging):
        monkeypatch.setattr(module, "PIECE", 3)
    monkeypatch.setattr(gathering, "MOST", 9)


def bring(twin, count, seed, days=0):
    """Submissions of resources that come, come again as they were, change, and go; some with an earlier moment."""
    chance = random.Random(seed)
    for number in range(count):
        person = chance.choice(twin.people)
        rows = [
            ("Observation", f"{person.pk}-{chance.randrange(4)}", part, f"{chance.randrange(3)}")
            for part in range(chance.randrange(1, 3))
        ] + [("Condition", f"{person.pk}-c", 0, f"{chance.randrange(2)}")]
        rows = [(kind, rows[0][1] if kind == "Observation" else key, part, code) for kind, key, part, code in rows]
        twin.deposit(person, rows, days=days + number - chance.randrange(4))
        if number % 7 == 6:
            person = twin.people[chance.randrange(4)]
            twin.remove(("Observation", f"{person.pk}-{chance.randrange(4)}"))


def test_every_question_is_answered_as_before(twin, small):
    """Submissions, some late, with what they replace and take away; compacted in steps between others of them."""
    from commonweal.vault.records.compact import index
    from commonweal.vault.records.compact.actions import compact

    for round_ in range(2):
        bring(twin, 8, seed=round_, days=round_ * 10)
        for _step in range(2):
            compact(twin.home, most=1)
            twin.agrees()
    while compact(twin.home) or index.load(twin.home).of("folding"):
        pass
    twin.agrees(many=5)
    grow_old(twin.home)
    compact(twin.home)
    twin.agrees()
    bases = index.load(twin.home).of("base")
    assert len(bases) > 2
    assert all(one.high < other.low for one, other in zip(bases, bases[1:], strict=False))  # one person, one file


def test_what_comes_after_is_compared_with_what_is_compacted(twin):
    from commonweal.vault.records.compact.actions import compact

    ana = twin.people[0]
    twin.deposit(ana, [("Observation", "o", 0, "a"), ("Observation", "o", 1, "b"), ("Condition", "c", 0, "k")])
    compact(twin.home)
    grow_old(twin.home)
    compact(twin.home)
    again = twin.deposit(ana, [("Condition", "c", 0, "k"), ("Observation", "o", 0, "a")], days=1)
    assert (again["accepted"], again["unchanged"]) == (1, 1)
    assert [row[2:5] for row in held(twin.home)] == [("Condition", "c", 0), ("Observation", "o", 0)]
    assert len(held(twin.home, known_at=twin.cohort.now)) == 3
    compact(twin.home)
    twin.agrees()


def test_what_a_server_deleted_is_gone_and_was_there_before(twin):
    from commonweal.vault.records.compact.actions import compact

    ana, ben = twin.people[:2]
    for person in (ana, ben):
        twin.deposit(person, [("Condition", f"c{person.pk}", 0, "k"), ("Device", f"d{person.pk}", 0, "k")], days=-3)
    compact(twin.home)
    assert twin.remove(("Condition", f"c{ana.pk}"), ("Device", "not-there")) == 1
    twin.agrees()
    compact(twin.home)
    twin.agrees()
    assert [row[3] for row in held(twin.home)] == [f"d{ana.pk}", f"c{ben.pk}", f"d{ben.pk}"]
    assert len(held(twin.home, known_at=twin.cohort.now - timedelta(days=1))) == 4
    assert twin.remove(("Condition", f"c{ana.pk}")) == 0


def test_what_replaces_may_be_compacted_before_what_it_replaces(twin):
    """A killed import goes on under its early number after a later one came in, whose resource it replaces."""
    from commonweal.vault.records.compact.actions import compact
    from commonweal.vault.records.models import Submission

    early = Submission.objects.create(site="site-a", format="events", sha256="0" * 64, received_time=twin.cohort.now)
    ana = twin.people[0]
    twin.deposit(ana, [("Condition", "c", 0, "old")])
    last = twin.deposit(ana, [("Condition", "c", 0, "new")], days=1)["submission"]
    _renumber(twin, last, early.pk)
    twin.agrees()
    rows = held(twin.home)
    assert [row[9] for row in rows] == ["new"]
    from commonweal.vault.records.compact import gathering

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "MANY", 1)
        compact(twin.home, most=1)
        twin.agrees()
    compact(twin.home)
    assert held(twin.home) == rows
    twin.agrees()


def _renumber(twin, number, to):
    """As if the submission `number` had been begun earlier, as `to`."""
    from commonweal.vault.records import places
    from commonweal.vault.records.models import Submission

    done = Submission.objects.get(pk=number)
    for home in (twin.home, twin.plain):
        for folder in (places.events_path(home), places.superseded_path(home)):
            path = folder / places.file_name(number)
            with duckdb.connect() as con:
                told = f"SELECT * REPLACE ({to}::BIGINT AS submission)" if "events" in str(folder) else "SELECT *"
                places.copy_to(con, f"{told} FROM '{path}'", folder / places.file_name(to))
            path.unlink()
    Submission.objects.filter(pk=to).update(state="done", received_time=done.received_time)
    done.delete()


@pytest.mark.parametrize(
    ("module", "name", "after"),
    [
        ("files", "put", 2), ("gathering", "touch", 0), ("indexes", "save", 0), ("indexes", "save", 3),
        ("folding", "touch", 1), ("actions", "sweep", 0),
    ],
)  # fmt: skip
def test_killed_at_each_step(twin, small, monkeypatch, module, name, after):
    from commonweal import files
    from commonweal.vault.records.compact import actions, folding, gathering, index

    place = {"files": files, "gathering": gathering, "indexes": index, "folding": folding, "actions": actions}[module]
    bring(twin, 7, seed=5)

    def act():
        monkeypatch.setattr(place, name, dying(getattr(place, name), after))
        actions.compact(twin.home)

    assert in_another_process(act)
    twin.agrees()
    actions.compact(twin.home)
    grow_old(twin.home)
    actions.compact(twin.home)
    twin.agrees()
    kept = {path.name for path in index.folder_of(twin.home).iterdir() if ".parquet" in path.name}
    assert kept == {one.name for one in index.load(twin.home).files}


def test_what_an_index_names_is_on_the_disk(twin, small, monkeypatch):
    from commonweal.vault.records.compact.actions import compact

    bring(twin, 7, seed=5)
    told = Disk(monkeypatch).lost_at("index.json", lambda index: index.parent.glob("*.parquet"))
    compact(twin.home)
    assert told and not any(told)


def test_one_compacts_while_another_brings_and_reads(twin, small):
    """Each reading has all that was brought until then, once, whatever lies where at that moment."""
    from commonweal.vault.records.compact.actions import compact

    stop, taken = threading.Event(), []

    def work():
        from django.db import connection

        while not stop.is_set():
            taken.append(compact(twin.home, most=8))
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(8):
            person = twin.people[number % 4]
            twin.deposit(person, [("Condition", f"c{number}", 0, "k"), ("Observation", "o", 0, f"{number // 4}")])
            rows = held(twin.home)
            assert sum(row[2] == "Condition" for row in rows) == number + 1
            assert sum(row[2] == "Observation" for row in rows) == min(number + 1, 4)
    finally:
        stop.set()
        thread.join()
    assert sum(taken) > 2
    compact(twin.home)
    twin.agrees()


def test_of_two_that_compact_one_leaves_it(twin):
    from commonweal.vault import locking
    from commonweal.vault.records import places
    from commonweal.vault.records.compact import index
    from commonweal.vault.records.compact.actions import compact

    bring(twin, 3, seed=1)
    with locking.alone(places.made(index.folder_of(twin.home))) as mine:
        assert mine
        assert compact(twin.home) == 0
    assert compact(twin.home) == 3


def test_a_view_stays_readable_for_a_day(twin, small):
    from commonweal.vault.records import places, store
    from commonweal.vault.records.compact import index
    from commonweal.vault.records.compact.actions import compact

    bring(twin, 5, seed=2)
    before = held(twin.home)
    compact(twin.home)
    with duckdb.connect() as con:
        view = store.current_events(con, twin.home)
        bring(twin, 4, seed=3, days=20)
        compact(twin.home)
        assert con.execute(f"SELECT * FROM {view} ORDER BY ALL").fetchall() == before
    assert len(list(places.events_path(twin.home).iterdir())) == 9
    grow_old(twin.home)
    compact(twin.home)
    assert not list(places.events_path(twin.home).iterdir()) and not list(places.superseded_path(twin.home).iterdir())
    named = {one.name for one in index.load(twin.home).files}
    assert {path.name for path in index.folder_of(twin.home).glob("*.parquet")} == named
    twin.agrees()


def test_the_worker_waits_for_a_few_and_then_reads_few_files(twin, small, settings):
    """One person's records lie in a file of the base and a few recent ones, however many submissions came."""
    from commonweal.vault.records.compact import index
    from commonweal.vault.records.compact.actions import FEW, tick

    settings.COMMONWEAL_HOME = twin.home
    bring(twin, FEW - 2, seed=3)  # with one removal
    before = set(os.listdir(index.folder_of(twin.home))) if index.folder_of(twin.home).exists() else set()
    assert tick() == 0 and not before
    bring(twin, 20, seed=4, days=10)
    assert tick() > 20
    files = index.load(twin.home).files
    assert all(sum(one.is_about([person.pk]) for one in files) <= 4 for person in twin.people)
    twin.agrees()


def test_who_says_no_after_compaction_is_asked_for_no_more(twin):
    """What is held of a person stays with the person's number, by which every reader asks for the yes."""
    from commonweal.vault.records.compact.actions import compact
    from commonweal.vault.records.gates import sharing_now

    ana, ben = twin.people[:2]
    for person in (ana, ben):
        twin.deposit(person, [("Condition", "c", 0, "k")])
    compact(twin.home)
    twin.cohort.consent(ana, "ehr", "no", at=twin.cohort.now)
    later = twin.cohort.now + timedelta(days=1)
    assert sharing_now({row[0] for row in held(twin.home)}, later) == {ben.pk}
    answer = twin.deposit(ana, [("Condition", "c", 0, "other")], days=2)
    assert answer["rejected"] == 1 and answer["accepted"] == 0
    compact(twin.home)
    assert {row[0] for row in held(twin.home)} == {ana.pk, ben.pk}


def test_a_killed_run_may_still_use_its_number(twin):
    """A submission that has not ended is not settled by what is compacted around it."""
    from commonweal.vault.compaction.ranges import holds
    from commonweal.vault.records.compact import index
    from commonweal.vault.records.compact.actions import compact
    from commonweal.vault.records.models import Submission

    ana = twin.people[0]
    twin.deposit(ana, [("Condition", "c", 0, "k")])
    open_ = Submission.objects.create(site="site-a", format="events", sha256="1" * 64, received_time=twin.cohort.now)
    twin.deposit(ana, [("Condition", "d", 0, "k")])
    compact(twin.home)
    settled = index.load(twin.home).settled
    assert not holds(settled, open_.pk) and holds(settled, open_.pk + 1) and holds(settled, open_.pk - 1)


def test_the_answer_of_an_unwritten_store_is_empty(cohort):
    from commonweal.vault.records import store
    from commonweal.vault.records.compact.actions import compact

    assert held(cohort.home) == [] and held(cohort.home, people=[]) == [] and store.summary(cohort.home, 1) == {}
    began = time.monotonic()
    assert compact(cohort.home) == 0 and time.monotonic() >= began
