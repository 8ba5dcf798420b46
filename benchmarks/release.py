"""Building a release from the vault. Floor: DuckDB reading and writing the tables of the release, nothing changed."""

import time

import duckdb
from homes import RELEASE, folder, released, tell


def main(sizes: list[int]) -> None:
    """Print one line a size."""
    for people in sizes:
        home, _, seconds, peak = released(people)
        tables = sorted((home / "commons" / "releases" / RELEASE / "registered" / "tables").iterdir())
        target = folder() / f"rewritten-{people}"
        target.mkdir()
        began = time.perf_counter()
        with duckdb.connect() as con:
            for table in tables:
                con.execute(f"COPY (FROM '{table}/*.parquet') TO '{target / table.name}.parquet' (FORMAT parquet)")
        tell("release", people, seconds, peak=peak, floor=time.perf_counter() - began)
