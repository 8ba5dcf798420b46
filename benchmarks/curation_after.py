"""What is done with a registered tier once its tables are built, and the dearest finding before: the raw tables of `curation`.

One line each: `risk` (groups, sensitive values, attacks), `public` (counting and the gate), `difference` (against the same
tier with one person in a hundred gone), `dictionary`, and `branching` (answers that others do not lead to, on raw tables).
Floor: one plain scan of all columns that the step may read: the released tables, or the raw answers for `branching`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

STEPS = ("risk", "public", "difference", "dictionary", "branching")
TIER, LATER = "registered", "2026Q2R2"


def main(sizes: list[int]) -> None:
    """Five lines a size."""
    import curation
    from homes import command, folder, tell

    for people in sizes:
        home = folder() / f"after-{people}"
        command(home, "init")
        curation._apart(home, "raw", people)
        curation._apart(home, "tier", TIER)
        for step in STEPS:
            found = _apart(home, step)
            tell(f"curation_{step}", people, found.pop("seconds"), peak=found.pop("peak"), **found)


def _apart(home: Path, step: str) -> dict[str, Any]:
    from commonweal import zone

    child = subprocess.run(
        [sys.executable, __file__, step],
        env=zone.child_environment(zone.Zone.BRIDGE, home) | {"COMMONWEAL_MEMORY_MB": "4000"},
        stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parent,
    )  # fmt: skip
    return dict(orjson.loads(child.stdout.splitlines()[-1]))


def _step(step: str) -> dict[str, Any]:
    import django

    django.setup()
    from curation import Bench
    from homes import peak

    from commonweal.curation import building

    bench = Bench()
    with building.engine(bench.layout) as con:
        act, tables = _ready(bench, con, step)
        floor = _timed(lambda: [con.execute(f"SELECT max(COLUMNS(*)) FROM {table}").fetchall() for table in tables])
        return {"seconds": _timed(act), "floor": floor, "peak": peak()}


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _ready(bench: Any, con: Any, step: str) -> tuple[Callable[[], Any], list[str]]:
    """What to time, and the tables or views that it reads."""
    from commonweal import files
    from commonweal.cli.console import Console
    from commonweal.curation import derived, dictionary, difference, risk
    from commonweal.curation.public import building as counted

    if step == "branching":
        return _branching(bench, con), ["in_observation"]
    program, folder = bench.run.protocol, bench.layout.tier(TIER)
    tables = [f"rel_{name}" for name in derived.open_release(con, folder)]
    manifest = files.load_json(folder / "manifest.json")
    later = _later(bench, con, folder) if step in ("difference", "dictionary") else folder
    acts: dict[str, Callable[[], Any]] = {
        "risk": lambda: risk.of_tier(con, bench.layout, TIER, program, bench.moment.cutoff),
        "public": lambda: counted.build(con, bench.layout, program, Console(json=True)),
        "difference": lambda: difference.of(con, bench.layout, TIER, later, manifest, counted.policy_of(program)),
        "dictionary": lambda: dictionary.write(later, manifest),
    }
    return acts[step], tables


def _later(bench: Any, con: Any, folder: Path) -> Path:
    """The same tier without one person in a hundred; files that are the same are linked."""
    import shutil

    later = bench.home.releases / LATER / TIER
    if not later.exists():
        shutil.copytree(folder, later, copy_function=os.link)
        for file in (later / "tables" / "person").iterdir():
            file.unlink()
            rows = f"FROM '{folder / 'tables' / 'person' / file.name}' WHERE hash(person_id) % 100 <> 0"
            con.execute(f"COPY ({rows}) TO '{file}' (FORMAT parquet)")
    return later


def _branching(bench: Any, con: Any) -> Callable[[], Any]:
    from commonweal.curation import population
    from commonweal.curation.extract.terms import load_terms
    from commonweal.curation.findings.base import Known
    from commonweal.curation.findings.surveys import branching
    from commonweal.curation.findings.surveys.program import load

    program = bench.run.protocol
    load_terms(con, bench.home)
    bench._deal(con, bench.raw())
    population.open_raw(con, bench.raw())
    load(con, bench.home)
    known = Known(con, bench.moment.cutoff, program.privacy.registered, program.reference)
    (finding,) = branching.FINDINGS
    return lambda: con.execute(f"CREATE OR REPLACE TEMP TABLE found AS {finding.find(known)}")


if __name__ == "__main__":
    sys.stdout.write(orjson.dumps(_step(sys.argv[1])).decode() + "\n")
