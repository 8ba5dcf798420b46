"""Wordings: what the rows of a raw table say in words (concepts, codes, sites), each combination of them numbered once.

A hundred million measurements say some thousand things about different people, days and numbers. Each raw row names its
wording beside its own columns, so that what rules make of words alone is worked out once a wording and not once a row (see
rules/layers.py). Which columns count as words is decided by the rows themselves: those that have few values.
"""

from pathlib import Path

import duckdb

from commonweal.curation.duck import quote
from commonweal.omop.tables import Table

NUMBER = "_wording"  # beside the columns of a raw row: which wording it has, from 0
FILE = "wordings.parquet"  # beside the cells of a table: NUMBER and the words of each
FEWEST = 100_000  # rows of a table from which on it pays to number its wordings
MOST = 500_000  # wordings of a table: so many are found in memory without looking twice
ROWS = 10  # to a wording, at the least, or it is no longer a word
SAMPLE = 200_000  # rows that are looked at to see which columns have few values
_FIRST = {"clinical": 0, "source_value": 2, "free_text": 3, "float": 4}  # in this order, others between the first two
_OWN = ("research_id", "row_id", "date", "birth", "device_id")  # classes of what a row has for itself


def numbered(
    con: duckdb.DuckDBPyConnection, spec: Table, query: str, beside: tuple[str, ...]
) -> tuple[str, str] | None:
    """SQL of the rows of `query` with NUMBER, and SQL of their wordings (a temporary table on `con`).

    `beside`: columns that rows have beside those of `spec`. No row is lost here: one without a wording, which cannot be, would stop
    a release by its reconciliation. None where rows are few, or say too many things.
    """
    rows = con.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0]
    words = _words(con, spec, query, rows, beside) if rows >= FEWEST else []
    if not words:
        return None
    told, listed = f"wordings_{spec.name}", ", ".join(words)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {told} AS SELECT (row_number() OVER () - 1)::INTEGER AS {NUMBER}, hash({listed}) AS _hash, *"
        f" FROM (SELECT DISTINCT {listed} FROM ({query}))"
    )
    many, hashes = con.execute(f"SELECT count(*), count(DISTINCT _hash) FROM {told}").fetchall()[0]
    if many > MOST or hashes < many:
        con.execute(f"DROP TABLE {told}")
        return None
    found = f"SELECT r.*, w.{NUMBER} FROM ({query}) r LEFT JOIN {told} w ON w._hash = hash({', '.join(f'r.{n}' for n in words)})"
    return found, f"SELECT * EXCLUDE (_hash) FROM {told} ORDER BY {NUMBER}"


def columns(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, ...]:
    """The columns of a raw table that are words of its wordings; none where these are not numbered."""
    if not path.exists():
        return ()
    return tuple(name for name, *_ in con.execute(f"DESCRIBE FROM {quote(path)}").fetchall() if name != NUMBER)


def _words(con: duckdb.DuckDBPyConnection, spec: Table, query: str, rows: int, beside: tuple[str, ...]) -> list[str]:
    """Columns by which a sample of the rows says few things: concepts first, numbers and texts last, of each those of few values."""
    several = [c.name for c in spec.columns[1:] if c.privacy not in _OWN] + list(beside)
    kinds = {c.name: c.privacy if c.type != "float" else "float" for c in spec.columns}
    share = min(100.0, 100 * SAMPLE / rows)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE sample AS SELECT {', '.join(several)} FROM ({query}) USING SAMPLE {share} PERCENT (system, 1)"
    )
    told = ", ".join(f"approx_count_distinct({name})" for name in several)
    few, *counted = con.execute(f"SELECT count(*), {told} FROM sample").fetchall()[0]
    words: list[str] = []
    for _, _, name in sorted(
        (_FIRST.get(kinds.get(name, ""), 1), many, name) for name, many in zip(several, counted, strict=True)
    ):
        together = f"hash({', '.join([*words, name])})"
        if con.execute(f"SELECT count(DISTINCT {together}) FROM sample").fetchall()[0][0] * ROWS <= few:
            words.append(name)
    con.execute("DROP TABLE sample")
    return words
