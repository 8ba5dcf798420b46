"""The index of a large store: read and written in parts, looked up once for many readers, compacted not too often."""

import os
from dataclasses import asdict
from datetime import date, timedelta

import duckdb
import orjson
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commonweal.vault.wearables import compacting, store
from commonweal.vault.wearables import index as indexes

DAY = date(2026, 3, 14)


def test_a_reader_of_one_person_reads_one_part_of_the_index(deliver, read, home, monkeypatch):
    monkeypatch.setattr(indexes, "PART_BUCKETS", 1)
    deliver("activity_summary", [{"participant": p * 10_000, "date": DAY, "steps": p} for p in range(20)])
    compacting.compact(home)
    folder = store.folder_of(home, "activity_summary")
    for part in folder.glob("index-*.json"):
        if not part.name.startswith("index-7."):
            part.unlink()
    assert [row["steps"] for row in read("activity_summary", participants=[70_000])] == [7]


def test_parts_that_have_not_changed_are_not_written_again_and_old_ones_are_swept(deliver, home, monkeypatch):
    monkeypatch.setattr(indexes, "PART_BUCKETS", 1)
    folder = store.folder_of(home, "activity_summary")

    def parts():
        return {path.name: path.stat().st_mtime for path in folder.glob("index-*.json")}

    deliver("activity_summary", [{"participant": p * 10_000, "date": DAY, "steps": p} for p in range(3)])
    compacting.compact(home)
    for path in folder.glob("index-*.json"):
        os.utime(path, (1, 1))
    deliver("activity_summary", [{"participant": 10_000, "date": DAY, "steps": 100}])
    compacting.compact(home)
    told = parts()
    assert sorted(mtime == 1 for mtime in told.values()) == [False, False, True, True]
    for path in folder.glob("index-1.*.json"):
        os.utime(path, (1, 1))
    compacting.compact(home)
    assert len(parts()) == 3


def test_an_index_of_before_there_were_parts_is_read_and_kept(deliver, read, home):
    folder = store.folder_of(home, "activity_summary")
    deliver("activity_summary", [{"participant": p, "date": DAY, "steps": p} for p in (1, 20_000)])
    compacting.compact(home)
    index = indexes.load(folder)
    for path in folder.glob("index-*.json"):
        path.unlink()
    files = [asdict(file) for file in index.files]
    (folder / "index.json").write_bytes(orjson.dumps({"settled": index.settled, "files": files}))
    assert [row["steps"] for row in read("activity_summary")] == [1, 20_000]
    deliver("activity_summary", [{"participant": 1, "date": DAY, "steps": 7}])
    compacting.compact(home)
    assert [row["steps"] for row in read("activity_summary")] == [7, 20_000]


def test_a_large_table_is_compacted_once_a_day_and_swept_once_an_hour(deliver, home, monkeypatch):
    monkeypatch.setattr(compacting, "LARGE", 0)
    monkeypatch.setattr(compacting, "MANY", 3)
    swept = []
    monkeypatch.setattr(
        compacting, "sweep", lambda home, table, real=compacting.sweep: swept.append(1) or real(home, table)
    )

    def tick():
        return compacting.compact(home, tables=("activity_summary",), often=False)

    def day(ago):
        return deliver("activity_summary", [{"participant": 1, "date": DAY - timedelta(days=ago), "steps": ago}])

    day(0)
    assert tick() == 1  # there was no table yet
    first = day(1)
    assert (tick(), len(swept)) == (0, 1)
    os.utime(store.append_path(home, "activity_summary", first.pk), (1, 1))
    assert tick() == 1
    for ago in (2, 3, 4):
        day(ago)
    assert (tick(), len(swept)) == (3, 1)


def test_many_views_look_the_store_up_once(deliver, home, monkeypatch):
    monkeypatch.setattr(store, "bucket_size", lambda table: 10)
    for n in range(3):
        deliver("activity_summary", [{"participant": p, "date": DAY, "steps": n} for p in range(1, 100)])
    looked = []
    monkeypatch.setattr(indexes, "_head", lambda folder, real=indexes._head: looked.append(folder) or real(folder))
    with CaptureQueriesContext(connection) as queries, duckdb.connect() as con:
        stock = store.Stock(home, "activity_summary")
        for first in range(0, 100, 10):
            view = stock.view(con, participants=range(first, first + 10))
            assert {steps for (steps,) in con.execute(f"SELECT steps FROM {view}").fetchall()} == {2}
    assert (len(looked), len(queries)) == (1, 1)


def test_what_was_looked_up_long_ago_is_looked_up_anew(deliver, home, monkeypatch):
    """Files that are compacted away meanwhile stay an hour, a long build takes longer."""
    monkeypatch.setattr(store, "LOOK", 0)
    deliver("activity_summary", [{"participant": 1, "date": DAY, "steps": 5}])
    stock = store.Stock(home, "activity_summary")
    compacting.compact(home)
    for path in (store.folder_of(home, "activity_summary") / "append").iterdir():
        path.unlink()
    with duckdb.connect() as con:
        view = stock.view(con, participants=[1])
        assert con.execute(f"SELECT steps FROM {view}").fetchall() == [(5,)]
