"""SQL over Parquet files of the store whose columns are known, though files that were written earlier lack some."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

People = Sequence[int] | range | None  # vault ids; None: everybody


def reading(paths: Iterable[Path], schema: pa.Schema, condition: str = "") -> str:
    """The rows of some files, in the columns of `schema`; a column that a file does not have is empty in its rows."""
    listed = ", ".join(quoted(path) for path in paths)
    if not listed:
        return empty(schema)
    source = f"{empty(schema)} UNION ALL BY NAME FROM read_parquet([{listed}], union_by_name=true)"
    return f"SELECT {names(schema)} FROM ({source}){where(condition)}"


def empty(schema: pa.Schema) -> str:
    """No row, all columns."""
    columns = ", ".join(f'NULL::{_sql_type(f.type)} AS "{f.name}"' for f in schema)
    return f"SELECT {columns} WHERE false"


def names(schema: pa.Schema) -> str:
    return ", ".join(f'"{f.name}"' for f in schema)


def quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def where(*conditions: str) -> str:
    """A clause of the conditions that say something; empty where none does."""
    told = [one for one in conditions if one]
    return f" WHERE {' AND '.join(told)}" if told else ""


def among(people: People) -> str:
    """A condition: about these people. Plain comparisons, by which row groups of sorted files are left unread."""
    if people is None:
        return ""
    if isinstance(people, range):
        return f"participant BETWEEN {people.start} AND {people.stop - 1}"
    within = f"participant BETWEEN {min(people)} AND {max(people)} AND " if people else ""
    return f"{within}participant IN ({', '.join(map(str, people)) or 'NULL'})"


def _sql_type(kind: pa.DataType) -> str:
    known = {
        pa.int64(): "BIGINT",
        pa.int32(): "INTEGER",
        pa.int16(): "SMALLINT",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
    }
    return "TIMESTAMP" if pa.types.is_timestamp(kind) else known.get(kind, "VARCHAR")
