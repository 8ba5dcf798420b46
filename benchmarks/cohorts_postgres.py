"""The same tables in PostgreSQL, indexed as OMOP databases are: by person and by concept. Run it under tests/postgres.

`POSTGRES_OPTIONS="-c shared_buffers=4GB -c work_mem=256MB" tests/postgres python benchmarks/run.py cohorts`
"""

import os
import time
from pathlib import Path

import duckdb

URL = "COMMONWEAL_TEST_POSTGRES_URL"
_TYPES = {"BIGINT": "bigint", "INTEGER": "integer", "DOUBLE": "double precision", "DATE": "date", "VARCHAR": "text"}


class Postgres:
    """A database of its own with the CDM tables of a folder; `seconds` is what loading and indexing took."""

    def __init__(self, tables: Path) -> None:
        import psycopg

        self.con = psycopg.connect(os.environ[URL], autocommit=True)
        began = time.perf_counter()
        for folder in sorted(p for p in tables.iterdir() if p.is_dir() and p.name != "index"):
            self._load(folder)
        self.con.execute("VACUUM ANALYZE")
        self.seconds = time.perf_counter() - began

    def _load(self, folder: Path) -> None:
        name = folder.name
        with duckdb.connect() as con:
            con.execute("SET enable_progress_bar = false")
            files = f"'{folder}/*.parquet'"
            columns = [(c, t) for c, t, *_ in con.execute(f"DESCRIBE FROM {files}").fetchall()]
            defined = ", ".join(f"{c} {_TYPES.get(t, 'bigint')}" for c, t in columns)
            self.con.execute(f"CREATE TABLE {name} ({defined})")  # type: ignore[call-overload]
            for path in sorted(folder.glob("*.parquet")):
                text = folder.parent.parent / "rows.csv"
                con.execute(f"COPY (FROM '{path}') TO '{text}' (FORMAT csv, HEADER false)")
                with open(text, "rb") as rows, self.con.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)") as copy:
                    while part := rows.read(1 << 20):
                        copy.write(part)
                text.unlink()
        for column, _ in columns:
            if column in ("person_id", "ancestor_concept_id") or (
                column.endswith("_concept_id") and column.startswith(name.split("_")[0])
            ):
                self.con.execute(f"CREATE INDEX ON {name} ({column})")  # type: ignore[call-overload]

    def count(self, sql: str) -> tuple[float, int]:
        """Seconds of the second run, and the last column of its one row."""
        self.con.execute(sql)  # type: ignore[call-overload]
        began = time.perf_counter()
        found = self.con.execute(sql).fetchone()  # type: ignore[call-overload]
        return time.perf_counter() - began, int(found[-1])
