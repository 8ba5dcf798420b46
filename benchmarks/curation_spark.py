"""Both tiers built by Spark on this machine's cores (`make setup-spark`); the peer is DuckDB. Tables must be equal.

Both build the same people of one home into a release each, from the raw extract on, in PARTS parts (default 4), so that
dealing out is tried with few people as well. `unlike` names what is not the same: each file of a table row by row and
column by column, what the rules of the tier counted, what its checks found. Times are whole builds: the extract, findings,
checks and manifest are DuckDB's in both; `rules_seconds` are those of the tables that raw rows stand behind.
"""

import os
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import orjson

NAMES = {"duckdb": "2026Q4R1", "spark": "2026Q4R2"}
TIERS = ("registered", "controlled")
SPARK = Path(__file__).resolve().parent.parent / ".spark"


def main(sizes: list[int]) -> None:
    """Print one line a size."""
    from homes import simulated, tell

    for people in sizes:
        home, found, _, _ = simulated(people)
        plain, spark = (_apart(home, engine, found["until"]) for engine in NAMES)
        tell(
            "curation_spark", people, spark.pop("seconds"), peak=spark.pop("peak"), floor=0.0,
            peer="duckdb", peer_seconds=plain.pop("seconds"), peer_peak_mb=plain["peak"],
            peer_rules_seconds=plain["rules_seconds"], **spark, unlike=_unlike(home),
        )  # fmt: skip


def _apart(home: Path, engine: str, cutoff: str) -> dict[str, Any]:
    from commonweal import zone

    child = subprocess.run(
        [sys.executable, __file__, engine, cutoff, os.environ.get("PARTS", "4")],
        env=zone.child_environment(zone.Zone.BRIDGE, home) | {"PYTHONPATH": str(SPARK)},
        stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parent,
    )  # fmt: skip
    return dict(orjson.loads(child.stdout.splitlines()[-1]))


def _build(engine: str, cutoff: str, number: str) -> dict[str, Any]:
    """Build both tiers in this process. Its peak is that of Python and that of Java, added up."""
    import django

    django.setup()
    from homes import peak

    from commonweal.cli.console import Console
    from commonweal.curation import building_tier, parts, release
    from commonweal.home import Home

    parts.how_many = lambda *_: int(number)
    took: list[float] = []

    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        built = ruled(*args, **kwargs)
        took.append(time.perf_counter() - began)
        return built

    ruled, building_tier._assembled = building_tier._assembled, timed
    began = time.perf_counter()
    told = release.build(
        Home.locate(),
        NAMES[engine],
        cutoff=date.fromisoformat(cutoff),
        tiers=TIERS,
        by=engine,
        console=Console(json=True),
    )
    java = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return {
        "seconds": time.perf_counter() - began,
        "peak": peak() + (java if engine == "spark" else 0),
        "rules_seconds": [round(seconds, 1) for seconds in took],
        "rows": {tier: sum(told["built"][tier]["rows"].values()) for tier in TIERS},
        "parts": int(number),
    }


def _unlike(home: Path) -> list[str]:
    """What is not the same in the two releases; cdm_source tells the name of its release."""
    found = []
    for tier in TIERS:
        one, other = (home / "commons" / "releases" / name / tier for name in NAMES.values())
        files = [{str(p.relative_to(folder)) for p in folder.glob("tables/*/*.parquet")} for folder in (one, other)]
        same = {
            path for path in files[0] & files[1] if "/cdm_source/" in path or not _differs(one / path, other / path)
        }
        manifests = [orjson.loads((folder / "manifest.json").read_bytes()) for folder in (one, other)]
        told = [part for part in ("rules", "checks") if manifests[0][part] != manifests[1][part]]
        found += [f"{tier} {what}" for what in [*sorted((files[0] | files[1]) - same), *told]]
    return found


def _differs(one: Path, other: Path) -> bool:
    """Whether columns, their types, rows or their order differ."""
    numbered = "SELECT *, file_row_number AS _place FROM read_parquet('{}', file_row_number = true)"
    a, b = numbered.format(one), numbered.format(other)
    with duckdb.connect() as con:
        if con.execute(f"DESCRIBE {a}").fetchall() != con.execute(f"DESCRIBE {b}").fetchall():
            return True
        odd = f"SELECT count(*) FROM (({a} EXCEPT {b}) UNION ALL ({b} EXCEPT {a}))"
        return bool(con.execute(odd).fetchall()[0][0])


if __name__ == "__main__":
    sys.stdout.write(orjson.dumps(_build(*sys.argv[1:])).decode() + "\n")
