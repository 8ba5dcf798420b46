"""The vocabulary of a program: what the package ships, and what `vocabulary import` has merged into the home.

`connect(home)` gives a DuckDB connection with the views concept, concept_relationship, concept_ancestor,
concept_synonym and vocabulary; `tables(home)` the same as Arrow. Without a home: what the package ships.
What ships is our own small file: facts (ids, codes, names) about the concepts that the default program uses.
"""

import duckdb
import pyarrow as pa

from commonweal.home import Home
from commonweal.omop.vocabulary.importing import import_dirs
from commonweal.omop.vocabulary.merged import TABLES, attach, digest, versions

__all__ = ["TABLES", "attach", "connect", "digest", "import_dirs", "tables", "versions"]


def connect(home: Home | None = None) -> duckdb.DuckDBPyConnection:
    """A new in-memory DuckDB connection with one view for each of TABLES; the caller closes it."""
    con = duckdb.connect()
    con.execute("SET enable_progress_bar = false")
    attach(con, home)
    return con


def tables(home: Home | None = None) -> dict[str, pa.Table]:
    """Every vocabulary table as Arrow, sorted by its key. Whole Athena vocabularies are large: prefer `connect`."""
    with connect(home) as con:
        return {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").to_arrow_table() for name in TABLES}
