"""Compaction killed anywhere, in another process, by the signal that nobody can catch: nothing is lost or counted twice."""

import os
import time
from datetime import date

import pytest

from tests.disk import Disk
from tests.killing import dying, in_another_process

DAY = date(2026, 3, 14)


@pytest.fixture
def days(deliver):
    """Three deliveries of the same day of four people; the last one counts."""
    for number in range(3):
        deliver("activity_summary", [{"participant": p, "date": DAY, "steps": number} for p in (1, 2, 20_000, 40_000)])


@pytest.mark.parametrize(
    ("module", "name", "after"),
    [
        ("compacting", "_written", 0), ("compacting", "_written", 1), ("compacting", "_written", 4), ("files", "put", 1),
        ("compacting", "touch", 0), ("indexes", "save", 0), ("compacting", "sweep", 0),
    ],
)  # fmt: skip
def test_killed_at_each_step(days, read, home, monkeypatch, module, name, after):
    from commonweal import files
    from commonweal.vault.wearables import compacting

    place = {"compacting": compacting, "indexes": compacting.indexes, "files": files}[module]
    before = read("activity_summary")

    def act():
        monkeypatch.setattr(place, name, dying(getattr(place, name), after))
        compacting.compact(home)

    assert in_another_process(act)
    assert read("activity_summary") == before and len(before) == 4
    compacting.compact(home)
    assert read("activity_summary") == before
    _age(home)
    compacting.compact(home)
    assert read("activity_summary") == before


def _age(home):
    """As if an hour had passed since each file was last needed."""
    from commonweal.vault.wearables import compacting, store

    long_ago = time.time() - 2 * compacting.GRACE
    for path in store.folder_of(home, "activity_summary").glob("*/**/*"):
        if path.is_file():
            os.utime(path, (long_ago, long_ago))


def test_what_an_index_names_is_on_the_disk(days, home, monkeypatch):
    from commonweal.vault.wearables import compacting

    told = Disk(monkeypatch).lost_at(
        "index.json", lambda index: [index.parent / "month", *(index.parent / "month").rglob("*")]
    )
    compacting.compact(home)
    assert told == [[]]


def test_what_a_killed_compaction_wrote_is_swept(days, home, monkeypatch):
    from commonweal.vault.wearables import compacting, store

    def act():
        monkeypatch.setattr(compacting.indexes, "save", dying(compacting.indexes.save, 0))
        compacting.compact(home)

    in_another_process(act)
    month = store.folder_of(home, "activity_summary") / "month"
    left = set(month.glob("*/*"))
    _age(home)
    compacting.compact(home)
    assert left and not left & set(month.glob("*/*"))


def test_a_table_that_is_being_compacted_is_left_alone(days, home):
    from commonweal.vault import locking
    from commonweal.vault.wearables import compacting, store

    with locking.alone(store.folder_of(home, "activity_summary")) as mine:
        assert mine
        assert compacting.compact(home) == 0
    assert compacting.compact(home) == 3
