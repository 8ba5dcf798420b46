"""Tables of a folder, wherever and however they lie: a release, or any OMOP CDM 5.3 or 5.4 export.

`person.parquet`, `person/*.parquet`, `PERSON.csv`, `person.csv.gz`, or any of them inside `tables/`; names of files and
columns in any letter case. Column types are those of our table specs where a table is known.
"""

import re
from pathlib import Path

import duckdb

from commonweal.errors import BadInput
from commonweal.omop.tables import tables as specs

_FILE = re.compile(r"(?P<name>[a-z0-9_]+)\.(?P<kind>parquet|csv|csv\.gz)")
_ENDS = (".parquet", ".csv", ".csv.gz")
_CAST = {"integer": "BIGINT", "float": "DOUBLE", "string": "VARCHAR", "date": "DATE", "datetime": "TIMESTAMP"}
_SAME = {
    "BIGINT": ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT"),
    "DOUBLE": ("DOUBLE", "FLOAT"),
    "VARCHAR": ("VARCHAR",),
    "DATE": ("DATE",),
    "TIMESTAMP": ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"),
}


def find(folder: Path) -> dict[str, list[Path]]:
    """Table name (lower case) -> its files. Raises BadInput where there is no person table, or a table twice."""
    inside = folder / "tables" if (folder / "tables").is_dir() else folder
    found: dict[str, list[Path]] = {}
    for entry in sorted(inside.iterdir()):
        match = _FILE.fullmatch(entry.name.lower())
        if entry.is_dir():
            files = sorted(p for p in entry.iterdir() if p.name.lower().endswith(_ENDS) and not p.name.startswith("."))
            name = entry.name.lower()
        elif match:
            files, name = [entry], match["name"]
        else:
            continue
        if files and name in found:
            raise BadInput(f"{folder}: table {name} is there twice; keep one of the two")
        if files:
            found[name] = files
    if "person" not in found:
        raise BadInput(f"{folder}: no person table; give a release folder, or one with OMOP tables as Parquet or CSV")
    return found


def connect(files: dict[str, list[Path]]) -> tuple[duckdb.DuckDBPyConnection, dict[str, list[str]]]:
    """A connection in memory with one view for each table, and the columns of each (lower case)."""
    con = duckdb.connect()
    columns = {}
    for name, paths in files.items():
        reader = _reader(paths)
        try:
            present = con.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()
        except duckdb.Error:
            raise BadInput(f"{paths[0].parent}: table {name} cannot be read; is the file whole?") from None
        text = paths[0].name.lower().endswith((".csv", ".csv.gz"))
        chosen = ", ".join(_column(name, column, kind, text) for column, kind, *_ in present)
        con.execute(f'CREATE VIEW "{name}" AS SELECT {chosen} FROM {reader}')
        columns[name] = [column.lower() for column, *_ in present]
    return con, columns


def _reader(paths: list[Path]) -> str:
    names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    if paths[0].name.lower().endswith(".parquet"):
        return f"read_parquet([{names}], union_by_name = true)"
    return f"read_csv([{names}], all_varchar = true, header = true, union_by_name = true)"


def type_of(table: str, column: str) -> str | None:
    """The DuckDB type that a column of a known table has, whatever its file says; None where the file decides."""
    spec, name = specs().get(table), column.lower()
    kind = next((c.type for c in spec.columns if c.name == name), None) if spec else None
    return _CAST.get(kind or "") or ("BIGINT" if name.endswith("_concept_id") else None)


def _column(table: str, column: str, present: str, text: bool) -> str:
    """One column of a view: lower-case name, type of the spec; values that need no conversion are left alone."""
    quoted, name = '"' + column.replace('"', '""') + '"', column.lower()
    wanted = type_of(table, name)
    if not wanted or present in _SAME[wanted]:
        return f'{quoted} AS "{name}"'
    if text and wanted == "DATE":  # vocabulary files write days as 20240331
        return (
            f"CASE WHEN length({quoted}) = 8 THEN strptime({quoted}, '%Y%m%d')::DATE ELSE {quoted}::DATE END"
            f' AS "{name}"'
        )
    return f'CAST({quoted} AS {wanted}) AS "{name}"'
