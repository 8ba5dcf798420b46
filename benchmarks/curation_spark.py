"""The registered tier built by Spark on this machine's cores (`make setup-spark`); the peer is DuckDB. Tables must be equal.

Both build the same people of one home, from the raw extract on; `equal` says whether every table has the same rows in the
same order. Times are whole builds: the extract, findings, checks and manifest are DuckDB's in both.
"""

import os
from pathlib import Path

import duckdb
from homes import command, simulated, tell

BY_DUCKDB, BY_SPARK = "2026Q4R1", "2026Q4R2"
SPARK = Path(__file__).resolve().parent.parent / ".spark"


def main(sizes: list[int]) -> None:
    """Print one line a size."""
    os.environ["PYTHONPATH"] = str(SPARK)
    for people in sizes:
        home, found, _, _ = simulated(people)
        asked = ("--cutoff", found["until"])
        built, plain, _ = command(home, "release", "build", BY_DUCKDB, *asked)
        _, seconds, peak = command(home, "release", "build", BY_SPARK, *asked, "--engine", "spark")
        rows = sum(built["built"]["registered"]["rows"].values())
        more = {"rows": rows, "unlike": _unlike(home)}
        tell("curation_spark", people, seconds, peak=peak, floor=0.0, peer="duckdb", peer_seconds=plain, **more)


def _unlike(home: Path) -> list[str]:
    """Tables that are not the same, row by row; cdm_source tells the name of its release."""
    first, second = (home / "commons" / "releases" / name / "registered" / "tables" for name in (BY_DUCKDB, BY_SPARK))
    names = sorted({path.name for folder in (first, second) for path in folder.iterdir()} - {"cdm_source"})
    return [name for name in names if _differs(first / name, second / name)]


def _differs(one: Path, other: Path) -> bool:
    numbered = "SELECT *, row_number() OVER () AS _place FROM read_parquet('{}/*.parquet')"
    a, b = numbered.format(one), numbered.format(other)
    with duckdb.connect() as con:
        odd = f"SELECT count(*) FROM (({a} EXCEPT {b}) UNION ALL ({b} EXCEPT {a}))"
        return bool(con.execute(odd).fetchall()[0][0])
