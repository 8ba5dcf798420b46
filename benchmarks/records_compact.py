"""Compaction of the event files of health records, and what it does for those who read them.

Sizes are small submissions of one to five patients, 30 events each, from a quarter as many people; beside them three large
ones about everybody, 100 events a person each. One in fifty resources of the small ones is replaced later. The files are written
as imports write them. `records_compact`: all of it; floor: its bytes copied. `records_person`: what one person's page reads (the
median of 6); `records_release`: everything, as a release reads it, at an earlier moment; peers the same before compaction.
Each has a process of its own, whose peak memory is told.
"""

import shutil
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import orjson

LARGE, EACH, FEW = 3, 100, 30  # large submissions; events of a person in them, and in a small one
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def main(sizes: list[int]) -> None:
    """Print three lines a size."""
    from homes import apart, command, copied, folder, size, tell

    for count in sizes:
        place = folder() / f"records-compact-{count}"
        command(place, "init")
        made = apart(__file__, place, "make", count)
        store = place / "vault" / "store" / "records"
        before, floor, packed = apart(__file__, place, "read", count), copied(store), size(store)
        done = apart(__file__, place, "compact", count)
        after = apart(__file__, place, "read", count)
        sys.stderr.write(
            f"records_compact: {made['rows']:,} rows, {made['rows'] / done['seconds']:,.0f} rows/s; {made['files']:,} files of"
            f" {packed / 1e6:,.0f} MB become {done['files']} of {done['bytes'] / 1e6:,.0f} MB\n"
        )
        tell("records_compact", count, done["seconds"], floor=floor, peak=done["peak"], rows=made["rows"],
             files=[made["files"], done["files"]], bytes=[packed, done["bytes"]])  # fmt: skip
        for what in ("person", "release"):
            tell(f"records_{what}", count, after[what], floor=0, peak=after["peak"], peer="not compacted",
                 peer_seconds=before[what], peer_peak_mb=before["peak"])  # fmt: skip
        if before["told"] != after["told"]:
            raise SystemExit("bench: the compacted store answers otherwise")
        shutil.rmtree(place)


def make(home: Any, count: int) -> dict[str, Any]:
    """Write the files and the submissions that they are named by."""
    from commonweal.vault.records import places
    from commonweal.vault.records.models import Submission

    people = max(count // 4, 10)
    Submission.objects.bulk_create(
        [
            Submission(id=n, site="site-a", format="fhir-bundle", sha256=f"{n:064x}", state="done",
                       received_time=FIRST + timedelta(minutes=n))
            for n in range(1, count + LARGE + 1)
        ], batch_size=5_000,
    )  # fmt: skip
    draw, rows = np.random.default_rng(7), 0
    with duckdb.connect() as con:
        for n in range(1, count + LARGE + 1):
            large = n <= LARGE
            some = range(1, people + 1) if large else draw.choice(people, draw.integers(1, 6), replace=False) + 1
            name = places.file_name(n)
            con.execute("CREATE OR REPLACE TEMP TABLE who (participant BIGINT)")
            con.execute("INSERT INTO who SELECT unnest($1)", [[int(one) for one in some]])
            places.copy_to(con, _events(n, EACH if large else FEW), places.events_path(home) / name, synced=False)
            rows += len(some) * (EACH if large else FEW)
            if not large and n % 2 and n > LARGE + 10:
                replaced = f"""SELECT submission, participant, resource_type, resource_id
                    FROM '{places.events_path(home)}/{places.file_name(n - 9)}' LIMIT 2"""
                places.copy_to(con, replaced, places.superseded_path(home) / name, synced=False)
    return {"rows": rows, "files": _files(home)[0]}


def _events(number: int, each: int) -> str:
    """Events of the people in `who`: vital signs, conditions and visits."""
    from commonweal.r4.events import EVENT_SCHEMA
    from commonweal.vault.records.scanning import _sql_type

    said = {
        "participant": "participant", "site": "'site-a'", "resource_id": f"md5({number} || '-' || participant || '-' || i)",
        "part": "0", "resource_type": "CASE i % 9 WHEN 0 THEN 'Encounter' WHEN 1 THEN 'Condition' ELSE 'Observation' END",
        "encounter_id": f"md5({number} || '-' || participant || '-' || (i // 9 * 9))", "status": "'final'",
        "category": "CASE i % 9 WHEN 0 THEN 'AMB' ELSE 'vital-signs' END",
        "code_system": "CASE i % 9 WHEN 1 THEN 'http://snomed.info/sct' ELSE 'http://loinc.org' END",
        "code": "CASE i % 9 WHEN 1 THEN '38341003' ELSE (8000 + i % 70) || '-6' END", "code_text": "'What it is called ' || i % 70",
        "start": f"TIMESTAMP '2016-01-01' + to_hours((i * 7919 + participant * 31 + {number}) % 90000)",
        "value_number": "(i * participant) % 1500 / 10.0", "unit": "'mm[Hg]'", "submission": f"{number}", "position": "row_number() OVER ()",
    }  # fmt: skip
    columns = [f'({said.get(f.name, "NULL")})::{_sql_type(f.type)} AS "{f.name}"' for f in EVENT_SCHEMA]
    return f"""SELECT {", ".join(columns)} FROM who, range({each}) r(i)
        ORDER BY participant, resource_type, "start", resource_id"""


def compact(home: Any, count: int) -> dict[str, Any]:
    """Compact as the worker does, one go after the other, until there is nothing left to do."""
    from commonweal.vault.records.compact import actions, index

    began, longest = time.perf_counter(), 0.0
    while True:
        before, start = index.load(home), time.perf_counter()
        actions.tick()
        longest = max(longest, time.perf_counter() - start)
        if index.load(home) == before:
            break
    seconds = time.perf_counter() - began
    files = index.load(home).files
    told = {"files": len(files), "bytes": sum(index.path_of(home, one).stat().st_size for one in files)}
    sys.stderr.write(f"records_compact: the longest go took {longest:.1f} s\n")
    return {"seconds": seconds} | told


def read(home: Any, count: int) -> dict[str, Any]:
    """How long a person's page and a release take, and a digest of all that they saw."""
    from commonweal.vault.records import store

    people, taken, told = max(count // 4, 10), [], 0
    for one in range(1, people + 1, max(people // 6, 1)):
        began = time.perf_counter()
        with duckdb.connect() as con:
            rows = con.execute(f"FROM {store.current_events(con, home, people=[one])}").fetchall()
        taken.append(time.perf_counter() - began)
        told += len(rows)
    began = time.perf_counter()
    with duckdb.connect() as con:
        con.execute("SET memory_limit = '512MB'")
        view = store.current_events(con, home, known_at=FIRST + timedelta(minutes=count * 3 // 4))
        digest = con.execute(f"SELECT bit_xor(hash(t))::VARCHAR, count(*) FROM {view} AS t").fetchone()
    release = time.perf_counter() - began
    return {"person": statistics.median(taken), "release": release, "told": [told, digest]}


def _files(home: Any) -> tuple[int, int]:
    from commonweal.vault.records import places

    found = [*places.events_path(home).iterdir(), *places.superseded_path(home).iterdir()]
    return len(found), sum(path.stat().st_size for path in found)


if __name__ == "__main__":
    import django

    django.setup()
    from django.conf import settings
    from homes import peak

    told = {"make": make, "compact": compact, "read": read}[sys.argv[1]](settings.COMMONWEAL_HOME, int(sys.argv[2]))
    told["peak"] = peak()
    sys.stdout.write(orjson.dumps(told).decode() + "\n")
