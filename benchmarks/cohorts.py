"""Counting cohorts: 200 varied definitions from the index, by the engine over tables sorted by person, and in PostgreSQL.

Definitions are drawn from a fixed seed: those that sets decide (single concept sets, three groups with an exclusion,
demographics), and those that read rows (dates, ages, at least n, pick, within). One line each for p95 of the sets, of rows
up to a million touched, and beyond; a line says how many answers were compared, and all are equal or it ends with an error.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cohorts_data
import cohorts_postgres
import cohorts_site
import ibis
from homes import peak, tell

DEFINITIONS = 200
COMPARED = int(os.environ.get("COMPARED", "40"))  # of each kind are asked of the peers, which take seconds each
KINDS = ("condition", "drug", "measurement", "procedure", "observation")


def main(sizes: list[int]) -> None:
    """Each size in the folder that TMPDIR names, where its tables stay."""
    folder = Path(os.environ.get("COHORTS", tempfile.gettempdir()))
    for people in sizes:
        _size(cohorts_data.make(folder, people), people)


def _size(tables: Path, people: int) -> None:
    built = _built(tables)
    tell(
        "cohorts_index",
        people,
        built["seconds"],
        peak=built["peak"],
        floor=0,
        bytes=built["bytes"],
        tables=built["tables"],
    )
    from commonweal import commons

    release = commons.open(tables)
    asked = [Asked(release, made) for made in definitions(random.Random(20261127), DEFINITIONS)]
    for one in asked:
        one.ask()
    for kind in sorted({one.kind for one in asked}):
        of_kind = [one for one in asked if one.kind == kind]
        times = [one.seconds for one in of_kind]
        more = {"definitions": len(times), "median": _quantile(times, 0.5), "worst": max(times)}
        more |= {"p95_first": _quantile([one.first for one in of_kind], 0.95)}
        engine = [one.engine() for one in of_kind[:COMPARED]]
        more |= {"compared": len(engine)}
        p95 = _quantile(times, 0.95)
        tell(
            f"cohorts_{kind}",
            people,
            p95,
            peak=peak(),
            floor=0,
            peer="duckdb",
            peer_seconds=_quantile(engine, 0.95),
            **more,
        )
    _site(tables, people, asked)
    if cohorts_postgres.URL in os.environ:
        _postgres(tables, people, asked)


def _site(tables: Path, people: int, asked: list["Asked"]) -> None:
    """Through the research site; what it shows agrees with the counts under the program's gate."""
    found = cohorts_site.answers(tables, [one.made for one in asked])
    for kind in sorted({one.kind for one in asked}):
        times = [seconds for one, (seconds, _) in zip(asked, found, strict=True) if one.kind == kind]
        more = {"definitions": len(times), "median": _quantile(times, 0.5), "worst": max(times)}
        tell(f"cohorts_site_{kind}", people, _quantile(times, 0.95), peak=peak(), floor=0, **more)
    shown = sum(answer["persons"] is not None for _, answer in found)
    if not shown or any(abs((a["persons"] or 0) - one.found) > 100 for one, (_, a) in zip(asked, found, strict=True)):
        raise SystemExit("cohorts: the site answers something else")


def _postgres(tables: Path, people: int, asked: list["Asked"]) -> None:
    postgres = cohorts_postgres.Postgres(tables)
    for kind in sorted({one.kind for one in asked}):
        of_kind = [one for one in asked if one.kind == kind][:COMPARED]
        theirs = [one.postgres(postgres) for one in of_kind]
        p95 = _quantile([one.seconds for one in of_kind], 0.95)
        more = {"compared": len(theirs), "median": _quantile(theirs, 0.5), "loaded_in": round(postgres.seconds, 1)}
        tell(
            f"cohorts_{kind}",
            people,
            p95,
            peak=peak(),
            floor=0,
            peer="postgresql",
            peer_seconds=_quantile(theirs, 0.95),
            **more,
        )


class Asked:
    """A definition, what the index answered and how long it took: `first` of a new process, `seconds` the median after."""

    def __init__(self, release: Any, made: dict[str, Any]) -> None:
        self.release, self.made, self.kind = release, made, _kind(release, release.cohort(made))

    def ask(self) -> None:
        seconds = []
        for _ in range(4):
            cohort = self.release.cohort(self.made)
            began = time.perf_counter()
            self.found = cohort.count().persons
            seconds.append(time.perf_counter() - began)
        self.first, self.seconds = seconds[0], statistics.median(seconds[1:])
        if os.environ.get("VERBOSE"):
            sys.stderr.write(f"{self.kind} {self.seconds * 1e3:.1f} ms {self.found} {json.dumps(self.made)}\n")

    def engine(self) -> float:
        """Seconds of the same definition as SQL on the tables; its making is not timed."""
        sql = self.release.sql(self.release.cohort(self.made).compiled.counts)
        with self.release.cursor() as cursor:
            began = time.perf_counter()
            found = cursor.execute(sql).fetchone()
            return self._equal(time.perf_counter() - began, int(found[-1]), "engine")

    def postgres(self, postgres: "cohorts_postgres.Postgres") -> float:
        compiled = self.release.cohort(self.made).compiled
        return self._equal(*postgres.count(str(ibis.to_sql(compiled.counts, dialect="postgres"))), "PostgreSQL")

    def _equal(self, seconds: float, found: int, who: str) -> float:
        if found != self.found:
            raise SystemExit(f"cohorts: the index says {self.found}, {who} {found}: {json.dumps(self.made)}")
        return seconds


def _built(tables: Path) -> dict[str, Any]:
    """Builds the index in a process of its own."""
    code = (
        "import sys,json,time,resource;from pathlib import Path;from commonweal import commons;"
        "from commonweal.commons.index import build,layout;f=Path(sys.argv[1]);t=time.perf_counter();"
        "build.build(commons.open(f),layout.place(f));s=time.perf_counter()-t;"
        "print(json.dumps([s,resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024]))"
    )
    seconds, mb = json.loads(subprocess.run([sys.executable, "-c", code, tables], check=True, stdout=-1).stdout)
    sizes = {part: sum(p.stat().st_size for p in (tables / part).rglob("*") if p.is_file()) for part in (".", "index")}
    return {"seconds": seconds, "peak": mb, "bytes": sizes["index"], "tables": sizes["."] - sizes["index"]}


def _kind(release: Any, cohort: Any) -> str:
    """By the rows that the index reads: of criteria that sets do not decide, and of an index event always."""
    counter, definition = release.counter, cohort.definition
    rows = sum(counter._rows_of_group(group) for group in (*definition.include, *definition.exclude))
    rows += counter.events.touched(definition.index.of) if definition.index else 0
    return "sets" if rows == 0 else "rows_to_million" if rows <= 1_000_000 else "rows_beyond"


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def definitions(rng: random.Random, number: int) -> list[dict[str, Any]]:
    """Half that sets decide, half that read rows."""
    return [_by_sets(rng) if n % 2 == 0 else _by_rows(rng) for n in range(number)]


def _concepts(rng: random.Random, kind: str) -> list[int]:
    """One to five concepts from anywhere in the tree: some common and high, most rare."""
    ranks = [int(cohorts_data.CONCEPTS[kind] ** rng.uniform(0.25, 1)) for _ in range(rng.choice([1, 1, 2, 5]))]
    return sorted({cohorts_data.BASE[kind] + min(r, cohorts_data.CONCEPTS[kind] - 1) for r in ranks})


def _event(rng: random.Random, kind: str | None = None) -> dict[str, Any]:
    kind = kind or rng.choice(KINDS)
    return {"type": kind, "concepts": _concepts(rng, kind)}


def _person(rng: random.Random) -> dict[str, Any]:
    low = rng.randint(18, 60)
    made: dict[str, Any] = {"type": "person"}
    if rng.random() < 0.7:
        made["sex_at_birth"] = [rng.choice([8507, 8532])]
    if rng.random() < 0.3:
        made["race"] = rng.sample([8527, 8516, 8515, 8657], 2)
    return made | {"age_at": {"date": "2025-06-30", "min": low, "max": low + rng.randint(5, 25)}}


def _by_sets(rng: random.Random) -> dict[str, Any]:
    if rng.random() < 0.4:
        return {"version": 1, "include": [{"any": [_event(rng)]}, {"any": [_person(rng)]}]}
    groups = [{"any": [_event(rng) for _ in range(rng.choice([1, 2]))]} for _ in range(2)] + [{"any": [_person(rng)]}]
    return {"version": 1, "include": groups, "exclude": [{"any": [_event(rng)]}]}


def _by_rows(rng: random.Random) -> dict[str, Any]:
    event = _event(rng)
    what = rng.choice(["dates", "ages", "twice", "first", "within", "value", "index"])
    year = rng.randint(2013, 2021)
    if what == "dates":
        event["start"] = {"from": f"{year}-01-01", "to": f"{year + 3}-12-31"}
    elif what == "ages":
        event["age"] = {"min": rng.randint(18, 60), "max": 75}
    elif what == "twice":
        event["at_least"] = rng.choice([2, 2, 3, 5])
    elif what == "first":
        event |= {"pick": rng.choice(["first", "last"]), "start": {"from": f"{year}-01-01"}}
    elif what == "within":
        event["within"] = {"of": _event(rng), "days": [0, rng.choice([30, 180, 365])]}
    elif what == "value":
        event = _event(rng, "measurement") | {"value": {"min": 50, "max": 120, "units": [8840]}}
    made: dict[str, Any] = {"version": 1, "include": [{"any": [event]}, {"any": [_person(rng)]}]}
    if what == "index":
        made["index"] = {"of": event, "which": rng.choice(["first", "all"])}
        after = _event(rng) | {"within": {"of": "index", "days": [0, 365]}}
        made["include"] = [{"any": [after]}, {"any": [{"type": "person", "age_at": {"date": "index", "min": 30}}]}]
    if rng.random() < 0.5:
        made["exclude"] = [{"any": [_event(rng)]}]
    return made
