"""The tables of a tier that raw rows stand behind: part by part, several at a time, each finished one marked.

A part has all rows of its people, so what belongs together (a visit and what was done there) is built together, in memory.
A build that is interrupted loses the parts that were being built. One part is built by one thread: its bytes are the same
whenever it is built.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from commonweal import files
from commonweal.curation import engine, referring, tables
from commonweal.curation.engine import EXTENSIONS, Plan
from commonweal.curation.extract import RawExtract
from commonweal.curation.extract.run import PROVENANCE
from commonweal.curation.rules.base import Facts
from commonweal.curation.tables import Built
from commonweal.curation.tiers import Tier
from commonweal.omop import tables as cdm
from commonweal.omop.tables import WEARABLES

if TYPE_CHECKING:
    from commonweal.cli.console import Console

ORDER = (
    "person",
    "person_ext",
    "visit_occurrence",
    "visit_detail",
    "survey_conduct",
    "condition_occurrence",
    "drug_exposure",
    "procedure_occurrence",
    "device_exposure",
    "measurement",
    "observation",
    "specimen",
    "death",
    *WEARABLES,
)
"""Tables in the order of building: what others refer to comes first."""


class Stopped(Exception):
    """Another part failed, or the build was told to stop."""


@dataclass(frozen=True)
class Assembly:
    """What all parts of a tier have in common. On `con`: persons, found_TABLE, device_facts, parts."""

    con: duckdb.DuckDBPyConnection
    tier: Tier
    raw: RawExtract
    folder: Path  # the tier's, while it is built
    key: str  # digest of all that it is made from
    plans: dict[str, Future[Plan]]

    def mark(self, part: int) -> Path:
        return self.folder / ".done" / f"part-{part:04d}.json"

    def finished(self, part: int) -> list[Built] | None:
        """The pieces of a part that was built before from the same, else None."""
        done = files.load_json(self.mark(part)) if self.mark(part).exists() else {}
        return [Built(**piece) for piece in done["built"]] if done.get("key") == self.key else None


def assemble(
    con: duckdb.DuckDBPyConnection,
    tier: Tier,
    facts: Facts,
    raw: RawExtract,
    folder: Path,
    key: str,
    console: "Console",
) -> list[Built]:
    """Build every table of ORDER and their extension tables into `folder`."""
    work = Assembly(con, tier, raw, folder, key, {name: Future() for name in ORDER})
    before = {part: work.finished(part) for part in range(raw.parts)}
    left = [part for part, pieces in before.items() if pieces is None]
    with console.progress(f"Building the {tier.name} tier", len(left) * len(ORDER)) as step:
        done = {part: pieces for part, pieces in before.items() if pieces is not None}
        for told in _in_parallel(work, left, plans(con, tier, facts, raw)):
            if isinstance(told, tuple):
                done[told[0]] = told[1]
            else:
                step.advance()
    return tables.joined(piece for part in sorted(done) for piece in done[part])


def plans(con: duckdb.DuckDBPyConnection, tier: Tier, facts: Facts, raw: RawExtract) -> Iterator[tuple[str, Plan]]:
    """The queries of every table in ORDER; they are the same for each part."""
    engine.no_visits(con)
    for name in ORDER:
        spec = cdm.tables()[name]
        view = engine.source(spec, raw.source(name, tier.name, -1), "persons")
        con.execute(f"CREATE OR REPLACE VIEW source_{name} AS {view}")
        yield name, Plan.of(con, spec, tier, facts, raw.empty(name), raw.wordings(name))
        con.execute(f"DROP VIEW source_{name}")


def _in_parallel(
    work: Assembly, left: list[int], made: Iterable[tuple[str, Plan]]
) -> Iterator[str | tuple[int, list[Built]]]:
    """Names of tables as they are finished, and each part with its pieces. Raises what the first failing part raised.

    Plans are `made` while the first tables are built already.
    """
    told: SimpleQueue[str | tuple[int, list[Built]] | Future[None]] = SimpleQueue()
    stop = threading.Event()
    before = work.con.execute("SELECT current_setting('threads')").fetchall()[0][0]
    work.con.execute("SET threads = 1")
    pool = ThreadPoolExecutor(max_workers=max(1, min(len(os.sched_getaffinity(0)), len(left))))
    try:
        for part in left:
            pool.submit(_build, work, part, told, stop).add_done_callback(told.put)
        for name, plan in made if left else ():
            work.plans[name].set_result(plan)
        waiting = len(left)
        while waiting:
            if isinstance(news := told.get(), Future):
                news.result()
                waiting -= 1
            else:
                yield news
    finally:
        stop.set()
        for waited in work.plans.values():
            waited.cancel()
        pool.shutdown(cancel_futures=True)
        work.con.execute(f"SET threads = {before}")


def _build(work: Assembly, part: int, told: "SimpleQueue", stop: threading.Event) -> None:  # type: ignore[type-arg]
    con = work.con.cursor()
    try:
        people = f"SELECT s.* FROM persons s JOIN parts USING (person_id) WHERE parts.{work.tier.name} = {part}"
        counted = referring.persons(people, lambda name: work.raw.source(name, work.tier.name, part))
        con.execute(f"CREATE TEMP TABLE part_persons AS {counted}")
        pieces: list[Built] = []
        ids: dict[str, pa.Array] = {}
        for name in ORDER:
            if stop.is_set():
                raise Stopped
            pieces += _table(work, con, part, name, ids)
            told.put(name)
        tables.done(work.folder, pieces, work.mark(part), work.key)
        told.put((part, pieces))
    finally:
        con.close()


def _table(
    work: Assembly, con: duckdb.DuckDBPyConnection, part: int, name: str, ids: dict[str, pa.Array]
) -> list[Built]:
    """`ids`: of the tables of the part that others refer to; those of this one are added (Plan.linked)."""
    plan = work.plans[name].result()
    view = plan.source(work.raw.source(name, work.tier.name, part), "part_persons")
    con.execute(f"CREATE OR REPLACE TEMP VIEW source_{name} AS {view}")
    done = plan.done(con, ids)
    if name in referring.TARGETS:
        ids[name] = plan.linked(con, done)
    with done.seen(con, plan.view, plan.reads()):
        built = tables.copy(con, plan.released(), work.folder, name, part)
    built.counters = [vars(counters) for counters in plan.read(done.marks)]
    if name not in EXTENSIONS:
        return [built]
    with done.seen(con, plan.view, list(PROVENANCE)):
        return [built, tables.copy(con, plan.beside(), work.folder, EXTENSIONS[name], part)]
