"""The store of wearable data: what counts, what was known, and compaction that changes neither."""

import os
import random
import time
from datetime import date, datetime, timedelta

import pytest

from .conftest import NOW

DAY = date(2026, 3, 14)


def steps(rows):
    return [(row["participant"], row["date"], row["steps"]) for row in rows]


def test_the_latest_delivery_counts_and_the_earlier_stays_known(deliver, read):
    deliver("activity_summary", [{"participant": 1, "date": DAY, "steps": 10}], NOW - timedelta(days=2))
    deliver("activity_summary", [{"participant": 1, "date": DAY, "steps": 20}], NOW - timedelta(days=1))
    assert steps(read("activity_summary")) == [(1, DAY, 20)]
    assert steps(read("activity_summary", known_at=NOW - timedelta(days=2))) == [(1, DAY, 10)]
    assert read("activity_summary", known_at=NOW - timedelta(days=3)) == []


def test_what_is_not_done_does_not_count(deliver, read):
    deliver("activity_summary", [{"participant": 1, "date": DAY, "steps": 10}], done=False)
    assert read("activity_summary") == []


def test_a_night_that_was_revised_leaves_no_level_of_the_old_one(deliver, read, home):
    from commonweal.vault.wearables.compacting import compact

    night = {"participant": 1, "sleep_date": DAY, "is_main_sleep": True, "level": "light", "duration_in_min": 30.0}
    old = [night | {"start_datetime": datetime(2026, 3, 13, 23, minute)} for minute in (0, 30)]
    deliver("sleep_level", old, NOW - timedelta(days=1))
    deliver("sleep_level", [night | {"start_datetime": datetime(2026, 3, 13, 23, 10)}], NOW)
    for _ in range(2):
        assert [row["start_datetime"].minute for row in read("sleep_level")] == [10]
        assert len(read("sleep_level", known_at=NOW - timedelta(hours=1))) == 2
        compact(home)


def test_a_day_known_to_be_worn_is_not_forgotten_for_one_that_cannot_be_told(deliver, read):
    worn = {"participant": 1, "date": DAY, "status": "worn", "minutes_worn": 600}
    deliver("wear_day", [worn], NOW - timedelta(days=1))
    deliver("wear_day", [worn | {"status": "unknown", "minutes_worn": None}], NOW)
    assert read("wear_day")[0]["status"] == "worn"


def test_a_repeated_hour_is_kept_twice(deliver, read, home):
    from commonweal.vault.wearables.compacting import compact

    at = datetime(2026, 11, 1, 1, 30)
    minutes = [
        {"participant": 1, "datetime": at, "utc_offset_minutes": offset, "steps": n}
        for n, offset in enumerate((-240, -300, None))
    ]
    deliver("steps_intraday", minutes)
    compact(home)
    assert sorted(row["steps"] for row in read("steps_intraday")) == [0, 1, 2]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_delivered_and_compacted_reads_as_the_plain_rule_says(deliver, read, home, seed):
    from commonweal.vault.wearables.compacting import compact

    chance, versions = random.Random(seed), []
    for _number in range(12):
        received = NOW - timedelta(days=chance.randint(0, 6))
        units = {(chance.randint(9_998, 10_001), DAY + timedelta(chance.randint(0, 30))) for _ in range(8)}
        rows = [{"participant": who, "date": day, "steps": chance.randint(0, 99)} for who, day in sorted(units)]
        done = chance.random() < 0.9
        submission = deliver("activity_summary", rows, received, done)
        versions += [(received, submission.pk, *row.values()) for row in rows if done]
        if chance.random() < 0.3:
            compact(home)
        for known in (NOW, NOW - timedelta(days=3)):
            assert steps(read("activity_summary", known_at=known)) == latest(versions, known)
        assert steps(read("activity_summary", participants=[10_000])) == latest(versions, NOW, {10_000})


def latest(versions, known, people=None):
    found = {}
    for received, _, who, day, count in sorted(versions):
        if received <= known and (people is None or who in people):
            found[who, day] = (who, day, count)
    return [found[unit] for unit in sorted(found)]


def test_compaction_makes_one_file_of_a_bucket_and_month_and_sweeps_later(deliver, read, home):
    from commonweal.vault.wearables import compacting, store

    for number in range(5):
        deliver("activity_summary", [{"participant": p, "date": DAY, "steps": number} for p in (1, 9_999, 10_000)])
    assert compacting.compact(home, least=6) == 0
    assert compacting.compact(home) == 5
    assert compacting.compact(home) == 0
    folder = store.folder_of(home, "activity_summary")
    counted = [path for path in (folder / "month").glob("*/*")]
    assert len(counted) == 4  # two buckets, what counts and what it replaced
    assert len(list((folder / "append").iterdir())) == 5  # a reader may still be at them
    long_ago = time.time() - 2 * compacting.GRACE
    for path in (*counted, *(folder / "append").iterdir()):
        os.utime(path, (long_ago, long_ago))
    compacting.compact(home)
    assert not list((folder / "append").iterdir())
    assert steps(read("activity_summary")) == [(p, DAY, 4) for p in (1, 9_999, 10_000)]


def test_a_view_made_before_compaction_reads_on(deliver, home):
    import duckdb

    from commonweal.vault.wearables import compacting, store

    deliver("activity_summary", [{"participant": 1, "date": DAY, "steps": 1}])
    with duckdb.connect() as con:
        view = store.current(con, home, "activity_summary")
        deliver("activity_summary", [{"participant": 1, "date": DAY, "steps": 2}])
        compacting.compact(home)
        compacting.compact(home)
        assert con.execute(f"SELECT steps FROM {view}").fetchall() == [(1,)]
