"""What ships and what was imported, seen as one vocabulary.

The home holds, in HOME/vocabulary: `imported/TABLE.parquet` (rows of all sources, the first to name a key wins),
`TABLE.parquet` (those and the shipped rows together, which everybody reads) and `sources.json` (what was imported).
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from commonweal import duck
from commonweal.home import Home
from commonweal.omop.vocabulary.shapes import COLUMNS, KEYS, TABLES

__all__ = ["LOCAL", "TABLES", "attach", "rebuild", "shipped_sql", "sources", "versions"]

HERE = Path(__file__).parent
LOCAL = 2_000_000_000  # concept ids from here on are local to a program (OMOP convention)


@cache
def shipped_digest() -> str:
    """SHA-256 over the files that ship, which changes whenever any of them does."""
    digest = hashlib.sha256()
    for name in TABLES:
        path = HERE / f"{name}.csv"
        digest.update(path.read_bytes() if path.exists() else b"-")
    return digest.hexdigest()


def quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def shipped_sql(table: str) -> str:
    """A SELECT of the shipped rows of a table, typed."""
    path = HERE / f"{table}.csv"
    if not path.exists():
        return empty_sql(table)
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS[table].items())
    return f"SELECT * FROM read_csv({quoted(path)}, header = true, columns = {{{columns}}}, nullstr = '')"


@cache
def shipped_rows(table: str) -> pa.Table:
    """The shipped rows of a table; read once a process, as they are asked for again and again and are few."""
    with duck.passing() as con:
        return con.execute(shipped_sql(table)).to_arrow_table()


def empty_sql(table: str) -> str:
    return "SELECT " + ", ".join(f"NULL::{kind} AS {name}" for name, kind in COLUMNS[table].items()) + " WHERE false"


def imported_sql(table: str, folder: Path) -> str:
    path = folder / "imported" / f"{table}.parquet"
    return f"SELECT * FROM read_parquet({quoted(path)})" if path.exists() else empty_sql(table)


def derived_path(folder: Path) -> Path:
    """Ancestry that we worked out from relationships; made anew at each import."""
    return folder / "imported" / "derived_ancestor.parquet"


def merged_sql(table: str, folder: Path) -> str:
    """Shipped and imported rows together. A shipped concept stays as it is, but takes the imported name; a local
    concept of ours gives way where an import brings the real one (same vocabulary and code)."""
    shipped, imported = shipped_sql(table), imported_sql(table, folder)
    keys = ", ".join(KEYS[table])
    if table == "concept_ancestor":
        path = derived_path(folder)
        derived = f"UNION ALL SELECT * FROM read_parquet({quoted(path)})" if path.exists() else ""
        return f"""SELECT {keys}, min(min_levels_of_separation) AS min_levels_of_separation,
            max(max_levels_of_separation) AS max_levels_of_separation
            FROM ({shipped} UNION ALL {imported} {derived}) GROUP BY ALL"""
    if table != "concept":
        rest = f"SELECT i.* FROM ({imported}) AS i ANTI JOIN ({shipped}) AS s USING ({keys})"
        return f"{shipped} UNION ALL {rest}"
    return f"""WITH s AS ({shipped}), i AS ({imported}),
        kept AS (SELECT s.* REPLACE (coalesce(i.concept_name, s.concept_name) AS concept_name)
            FROM s LEFT JOIN i USING (concept_id)
            WHERE s.concept_id < {LOCAL} OR s.vocabulary_id <> 'PPI' OR NOT EXISTS (
                SELECT 1 FROM i AS real WHERE real.vocabulary_id = s.vocabulary_id
                AND lower(real.concept_code) = lower(s.concept_code) AND real.concept_id < {LOCAL}))
        SELECT * FROM kept UNION ALL SELECT i.* FROM i ANTI JOIN s USING (concept_id)"""


def attach(con: duckdb.DuckDBPyConnection, home: Home | None, tables: Sequence[str] = TABLES) -> None:
    """One view a table on `con`: the home's merged files where they are up to date, else merged on the fly."""
    folder = home.vocabulary if home is not None else None
    known = sources(folder) if folder else {}
    for table in tables:
        if not known.get("sources") or folder is None:
            sql = _copied(con, table)
        elif known.get("shipped") == shipped_digest():
            sql = f"SELECT * FROM read_parquet({quoted(folder / f'{table}.parquet')})"
        else:
            sql = merged_sql(table, folder)  # the package has moved on since the last import
        con.execute(f"CREATE VIEW {table} AS {sql}")


def _copied(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """SQL of the shipped rows, which are copied to `con`: quicker than to read their file with every query."""
    con.register("shipped_rows", shipped_rows(table))
    con.execute(f"CREATE TABLE shipped_{table} AS FROM shipped_rows")
    con.unregister("shipped_rows")
    return f"FROM shipped_{table}"


def rebuild(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the merged files anew, each in one move."""
    for table in TABLES:
        duck.copy(con, f"{merged_sql(table, folder)} ORDER BY {', '.join(KEYS[table])}", folder / f"{table}.parquet")


def sources(folder: Path) -> dict[str, Any]:
    path = folder / "sources.json"
    return json.loads(path.read_text()) if path.exists() else {}


def digest(home: Home | None = None) -> str:
    """SHA-256 of which vocabulary this is; another one after an import, or with another release of the software."""
    known = sources(home.vocabulary) if home is not None else {}
    return hashlib.sha256(json.dumps([shipped_digest(), known], sort_keys=True).encode()).hexdigest()


def versions(home: Home | None = None) -> dict[str, Any]:
    """What a manifest says of its vocabulary: {"shipped": {"version", "digest"}, "imported": [{"source", "version",
    "digest", "rows"}, …]}. A source is named by its number."""
    with duck.passing() as con:
        (version,) = con.execute(
            f"SELECT vocabulary_version FROM ({shipped_sql('vocabulary')}) WHERE vocabulary_id = 'Commonweal'"
        ).fetchone() or ("",)
    known = sources(home.vocabulary) if home is not None else {}
    return {"shipped": {"version": version, "digest": shipped_digest()}, "imported": known.get("sources", [])}
