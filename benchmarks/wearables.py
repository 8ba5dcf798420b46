"""Wearable data: daily summaries of many people, and heart rates by the minute of some, taken in through the bulk door.

Sizes are people, each with 30 days: `wearables_daily` has activity, four heart-rate zones and a night a day; for the minute
level a hundredth as many people, with all minutes of a day (MINUTES). Everything is drawn as a stream, day by day in slices
of people, each slice a delivery. Floor: the same tables, as they come, written as Parquet (zstd) by pyarrow, with no gate
and no check, in the same run. `wearables_compact_…`: all of it into files of people and month, against the same floor;
`wearables_history`: everything of one person (the median of 20), peer the same before compaction. COMPACT=0 leaves both
out; KINDS="minute" or "daily" measures one alone.
"""

import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

DAYS = int(os.environ.get("DAYS", "30"))
FIRST = date(2026, 1, 1)
SLICE = {"daily": 200_000, "minute": 2_000}  # people in a delivery
KINDS = tuple(os.environ.get("KINDS", "daily minute").split())


def main(sizes: list[int]) -> None:
    """Print the lines of each size, daily and by minute, each in a process and a home of its own."""
    from homes import command, folder, tell

    from commonweal import zone

    for size in sizes:
        for kind in KINDS:
            people = size if kind == "daily" else int(os.environ.get("MINUTES", max(size // 100, 10)))
            home = folder() / f"wearables-{kind}-{people}"
            command(home, "init")
            child = subprocess.run(
                [sys.executable, __file__, kind, str(people)],
                env=zone.child_environment(zone.Zone.PORTAL, home),
                stdout=subprocess.PIPE,
                check=True,
                cwd=Path(__file__).parent,
            )
            for line in map(orjson.loads, child.stdout.splitlines()):
                tell(line.pop("bench"), people, line.pop("seconds"), **line)
            shutil.rmtree(home)


def measure(kind: str, people: int) -> None:
    """Take everything in, compact it, read histories, and print what each took."""
    from django.conf import settings

    from commonweal.vault.wearables import bulk
    from commonweal.vault.wearables.compacting import compact

    home = settings.COMMONWEAL_HOME
    _enrol(people)
    said(f"{people:,} people share their devices")
    seconds = floor = 0.0
    rows = 0
    for number in range(DAYS):
        for tables in _drawn(kind, people, number):
            floor += _floor(home, tables)
            began = time.perf_counter()
            received = datetime.combine(FIRST + timedelta(days=number + 1), datetime.min.time(), UTC)
            answer = bulk.take_in(tables, source="simulation", received_time=received)
            seconds += time.perf_counter() - began
            rows += answer["accepted"]
        said(f"day {number + 1}: {rows:,} rows in {seconds:.1f} s, floor {floor:.1f} s, peak {_peak()} MB")
    _print(f"wearables_{kind}", seconds, floor=floor)
    if os.environ.get("COMPACT") == "0":
        return
    before = _history(home, people)
    began = time.perf_counter()
    files = compact(home)
    compacting = time.perf_counter() - began
    said(
        f"{files} files compacted in {compacting:.1f} s; {rows / seconds:,.0f} rows/s in, {rows / compacting:,.0f} compacted"
    )
    _print(f"wearables_compact_{kind}", compacting, floor=floor)
    _print(f"wearables_history_{kind}", _history(home, people), floor=0, peer="not compacted", peer_seconds=before)


def _drawn(kind: str, people: int, day: int) -> Iterator[dict[str, pa.Table]]:
    for first in range(1, people + 1, SLICE[kind]):
        numbers = np.arange(first, min(first + SLICE[kind], people + 1), dtype=np.int64)
        draw = np.random.default_rng([day, first])
        yield _daily(numbers, FIRST + timedelta(days=day), draw) if kind == "daily" else _minutes(numbers, day, draw)


def _whose(numbers: np.ndarray, each: int = 1) -> dict[str, Any]:
    return {"participant": np.repeat(numbers, each), "provider": pa.repeat("fitbit", len(numbers) * each)}


def _daily(numbers: np.ndarray, day: date, draw: np.random.Generator) -> dict[str, pa.Table]:
    count = len(numbers)

    def whole(low: int, high: int, each: int = 1) -> np.ndarray:
        return draw.integers(low, high, count * each, dtype=np.int32)

    zones = pa.array(["Cardio", "Fat Burn", "Out of Range", "Peak"])
    return {
        "activity_summary": pa.table(
            _whose(numbers)
            | {
                "date": pa.repeat(day, count),
                "activity_calories": whole(200, 2000) / 1.0,
                "calories_bmr": whole(1200, 2000) / 1.0,
                "calories_out": whole(1500, 4000) / 1.0,
                "elevation": whole(0, 60) * 3.048,
                "fairly_active_minutes": whole(0, 60),
                "floors": whole(0, 40),
                "lightly_active_minutes": whole(60, 400),
                "marginal_calories": whole(100, 1500) / 1.0,
                "sedentary_minutes": whole(400, 900),
                "steps": whole(500, 20_000),
                "very_active_minutes": whole(0, 90),
            }  # fmt: skip
        ),
        "heart_rate_summary": pa.table(
            _whose(numbers, 4)
            | {
                "date": pa.repeat(day, count * 4),
                "zone_name": pa.DictionaryArray.from_arrays(
                    pa.array(np.tile(np.arange(4, dtype=np.int32), count)), zones
                ).cast(pa.string()),
                "min_heart_rate": whole(30, 160, 4),
                "max_heart_rate": whole(90, 220, 4),
                "minute_in_zone": whole(0, 350, 4),
                "calorie_count": whole(0, 1000, 4) / 2.0,
            }  # fmt: skip
        ),
        "sleep_daily_summary": pa.table(
            _whose(numbers)
            | {
                "sleep_date": pa.repeat(day, count),
                "is_main_sleep": pa.repeat(True, count),
                "minute_in_bed": whole(300, 600),
                "minute_asleep": whole(250, 550),
                "minute_awake": whole(5, 80),
                "minute_deep": whole(20, 120),
                "minute_light": whole(100, 350),
                "minute_rem": whole(30, 150),
                "minute_wake": whole(5, 80),
                "minute_after_wakeup": whole(0, 10),
            }  # fmt: skip
        ),
    }


def _minutes(numbers: np.ndarray, day: int, draw: np.random.Generator) -> dict[str, pa.Table]:
    start = np.datetime64(FIRST + timedelta(days=day), "us")
    minutes = start + np.arange(1440) * np.timedelta64(60_000_000, "us")
    each = {
        "datetime": np.tile(minutes, len(numbers)),
        "utc_offset_minutes": pa.repeat(pa.scalar(-300, pa.int16()), len(numbers) * 1440),
        "heart_rate_value": draw.integers(45, 160, len(numbers) * 1440, dtype=np.int16),
    }
    return {"heart_rate_minute_level": pa.table(_whose(numbers, 1440) | each)}


def _floor(home: Any, tables: dict[str, pa.Table]) -> float:
    """Seconds to write the tables and to wait until they are on the disk."""
    began = time.perf_counter()
    path = home.root / "floor.parquet"
    for rows in tables.values():
        with open(path, "wb") as file:
            pq.write_table(rows, file, compression="zstd", row_group_size=50_000)
            file.flush()
            os.fsync(file.fileno())
    seconds = time.perf_counter() - began
    path.unlink()
    return seconds


def _history(home: Any, people: int) -> float:
    """The median seconds to read everything of one person."""
    import duckdb

    from commonweal.vault.wearables import store

    taken = []
    for one in random.Random(7).sample(range(1, people + 1), min(people, 20)):
        began = time.perf_counter()
        with duckdb.connect() as con:
            for table in store.TABLES:
                con.execute(f"FROM {store.current(con, home, table, participants=[one])}").fetchall()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _enrol(people: int) -> None:
    """People 1 to `people`, who share everything since 2025."""
    from django.db import transaction

    from commonweal.vault import columns
    from commonweal.vault.consent.models import ConsentAnswer
    from commonweal.vault.people.models import Participant

    at = datetime(2025, 6, 1, tzinfo=UTC)
    for first in range(1, people + 1, 50_000):
        numbers = range(first, min(first + 50_000, people + 1))
        with transaction.atomic():
            columns.insert(Participant, _people(numbers, at))
            for module, scopes in (("primary", "participate recontact"), ("wearables", "wearables:fitbit")):
                columns.insert(ConsentAnswer, _answers(numbers, module, scopes, at))


def _people(numbers: range, at: datetime) -> pa.Table:
    count = len(numbers)
    return pa.table(
        {
            "id": pa.array(numbers, pa.int64()), "uuid": [f"{n:032x}" for n in numbers],
            "participant_id": [f"P{n:09d}" for n in numbers], "biobank_id": [f"A{n:09d}" for n in numbers],
            "origin": pa.repeat("import", count), "is_test": pa.repeat(False, count),
            "registered_at": pa.repeat(pa.scalar(at, pa.timestamp("us", "UTC")), count),
        }
    )  # fmt: skip


def _answers(numbers: range, module: str, scopes: str, at: datetime) -> pa.Table:
    count, moment = len(numbers), pa.scalar(at, pa.timestamp("us", "UTC"))
    told = {
        "module": module, "version": "1", "scopes": scopes, "content_sha256": "0" * 64, "language": "en",
        "answer": "yes", "signed_name": "x", "source": "bench",
    }  # fmt: skip
    return pa.table(
        {"participant_id": pa.array(numbers, pa.int64()), "idempotency_key": [f"{module}:{n}" for n in numbers]}
        | {name: pa.repeat(value, count) for name, value in told.items()}
        | {name: pa.repeat(moment, count) for name in ("event_time", "authored_time", "received_time")}
    )


def said(words: str) -> None:
    sys.stderr.write(f"wearables: {words}\n")


def _peak() -> int:
    from homes import peak

    return peak()


def _print(bench: str, seconds: float, **more: Any) -> None:
    sys.stdout.write(orjson.dumps({"bench": bench, "seconds": seconds, "peak": _peak(), **more}).decode() + "\n")


if __name__ == "__main__":
    import django

    django.setup()
    measure(sys.argv[1], int(sys.argv[2]))
