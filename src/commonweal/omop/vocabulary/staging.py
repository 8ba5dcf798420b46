"""Read one vocabulary file, clean it, and add to the imported rows what they do not yet have."""

import gzip
from pathlib import Path
from typing import Any

import duckdb

from commonweal import duck
from commonweal.errors import BadInput
from commonweal.omop.vocabulary import merged
from commonweal.omop.vocabulary.shapes import COLUMNS, IDENTITY, KEYS

TOLD = 200  # conflicts written out in a report; all of them are counted


def merge(con: duckdb.DuckDBPyConnection, table: str, path: Path, folder: Path) -> dict[str, Any]:
    """Merge one file into HOME/vocabulary/imported/TABLE.parquet.

    Returns {"rows", "accepted", "unchanged", "rejected", "unreadable", "conflicts", "told": [...]} in rows.
    """
    rows = _stage(con, table, path)
    keys, identity = ", ".join(KEYS[table]), IDENTITY[table]
    con.execute(f"CREATE OR REPLACE TEMP TABLE known AS {_known_sql(table, folder)}")
    differs = " OR ".join(f"s.{c} IS DISTINCT FROM k.{c}" for c in identity) or "false"
    con.execute(f"""CREATE OR REPLACE TEMP TABLE conflict AS
        SELECT s.*, {", ".join(f"k.{c} AS known_{c}" for c in identity) or "1 AS known"}
        FROM staged AS s JOIN known AS k USING ({keys}) WHERE {differs}""")
    con.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT s.* FROM staged AS s ANTI JOIN known USING ({keys})")
    accepted, conflicts, distinct = (_count(con, name) for name in ("fresh", "conflict", "staged"))
    unreadable = rows - _count(con, "readable")
    if accepted:
        imported = merged.imported_sql(table, folder)
        duck.copy(con, f"{imported} UNION ALL SELECT * FROM fresh", folder / "imported" / f"{table}.parquet")
    unchanged = rows - unreadable - accepted - conflicts
    told = con.execute(f"SELECT * FROM conflict ORDER BY ALL LIMIT {TOLD}").to_arrow_table().to_pylist()
    return {
        "rows": rows,
        "accepted": accepted,
        "unchanged": unchanged,
        "rejected": unreadable + conflicts,
        "unreadable": unreadable,
        "repeated": rows - unreadable - distinct,
        "conflicts": conflicts,
        "told": [{key: str(value) for key, value in row.items() if value is not None} for row in told],
    }


def _known_sql(table: str, folder: Path) -> str:
    columns = ", ".join(dict.fromkeys(KEYS[table] + IDENTITY[table]))
    shipped = merged.shipped_sql(table)
    if table == "concept_ancestor":  # levels of two sources are put together when merged
        shipped = merged.empty_sql(table)
    imported = merged.imported_sql(table, folder)
    keys = ", ".join(KEYS[table])
    return f"""SELECT {columns} FROM ({shipped}) UNION ALL
        SELECT {columns} FROM ({imported}) AS i ANTI JOIN ({shipped}) AS s USING ({keys})"""


def _stage(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> int:
    """Temp tables `readable` (cleaned rows) and `staged` (one a key). Returns the rows of the file."""
    con.execute(f"CREATE OR REPLACE TEMP VIEW raw AS SELECT * FROM {reader(path)}")
    try:
        named = {row[0].lower().replace("_", ""): row[0] for row in con.execute("DESCRIBE raw").fetchall()}
    except duckdb.Error:
        raise BadInput(f"the {table} file cannot be read as a table: give the file as it was downloaded") from None
    absent = [name for name in KEYS[table] if name.replace("_", "") not in named]
    if absent:
        raise BadInput(f"the {table} file has no column {absent[0]}: give the file as it was downloaded")
    chosen = ", ".join(
        f"{_whole(name, _cell(named.get(name.replace('_', '')), kind))} AS {name}"
        for name, kind in COLUMNS[table].items()
    )
    whole = " AND ".join(f"{key} IS NOT NULL" for key in KEYS[table])
    spoilt = " AND NOT regexp_full_match(concept_code, '\\d(\\.\\d+)?E\\+\\d+')" if table == "concept" else ""
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE cells AS SELECT {chosen} FROM raw")
    except duckdb.Error:
        raise BadInput(f"the {table} file breaks off or is not a table: download it again") from None
    con.execute(f"CREATE OR REPLACE TEMP TABLE readable AS SELECT * FROM cells WHERE {whole}{spoilt}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE staged AS SELECT DISTINCT ON ({', '.join(KEYS[table])}) * FROM readable")
    return _count(con, "cells")


def reader(path: Path) -> str:
    """DuckDB's call that reads a vocabulary file as text: Athena's tab files know no quotes, comma files do."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as file:
            head = file.readline()
    except (OSError, EOFError, UnicodeDecodeError):
        raise BadInput("a vocabulary file is broken or is not text: download it again") from None
    if not head.strip():
        raise BadInput("a vocabulary file is empty: download it again")
    tab = "\t" in head
    quote = "quote = '', escape = ''" if tab else "quote = '\"', escape = '\"'"
    delimiter = "\\t" if tab else ","
    return (
        f"read_csv({merged.quoted(path)}, delim = '{delimiter}', {quote}, header = true, all_varchar = true, "
        "auto_detect = false, " + _columns(head, "\t" if tab else ",") + ")"
    )


def _columns(head: str, delimiter: str) -> str:
    names = [cell.strip().strip('"').lstrip("\ufeff") for cell in head.rstrip("\r\n").split(delimiter)]
    return "columns = {" + ", ".join(f"'{name.replace(chr(39), '')}': 'VARCHAR'" for name in names) + "}"


def _cell(column: str | None, kind: str) -> str:
    if column is None:
        return f"NULL::{kind}"
    text = f"""nullif(nullif(nullif(trim("{column}"), ''), 'NA'), 'None')"""
    if kind == "BIGINT":
        return f"TRY_CAST({text} AS BIGINT)"
    if kind == "DATE":
        formats = "['%Y-%m-%d', '%Y%m%d', '%d/%m/%Y']"
        return f"TRY_CAST(try_strptime({text}, {formats}) AS DATE)"
    return f"""trim("{column}")""" if column in ("vocabulary_id", "concept_code") else text


def _whole(name: str, cell: str) -> str:
    """Subsets leave out when a concept holds; the CDM requires it, and 1970 to 2099 is its way to say always."""
    always = {"valid_start_date": "DATE '1970-01-01'", "valid_end_date": "DATE '2099-12-31'"}
    return f"coalesce({cell}, {always[name]})" if name in always else cell


def _count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    (found,) = con.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,)
    return int(found)


def version_of(con: duckdb.DuckDBPyConnection, files: dict[str, Path]) -> str:
    """What vocabulary.csv says of the release: the version of the vocabulary `None`, else of the first; else ''."""
    if "vocabulary" not in files:
        return ""
    _stage(con, "vocabulary", files["vocabulary"])
    row = con.execute(
        "SELECT vocabulary_version FROM staged WHERE vocabulary_version IS NOT NULL "
        "ORDER BY vocabulary_id <> 'None', vocabulary_id LIMIT 1"
    ).fetchone()
    return row[0] if row else ""
