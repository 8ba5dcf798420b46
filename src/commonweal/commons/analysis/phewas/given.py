"""Tables that a caller brings: Arrow, pandas, Polars, a dict of columns, or the path of a Parquet, CSV or TSV file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from commonweal.errors import BadInput

_WORDS = pa.dictionary(pa.int32(), pa.string())  # few words, many times
_TEXT = {name: _WORDS for name in ("vocabulary_id", "vocabulary", "code", "phecode")}


def table(given: Any, what: str) -> pa.Table:
    """Columns in small letters. Raises BadInput where it cannot be read, or has no person_id."""
    try:
        found = _read(Path(given)) if isinstance(given, str | os.PathLike) else pa.table(given)
    except (OSError, pa.ArrowInvalid, TypeError, ValueError):
        raise BadInput(
            f"{what}: it cannot be read; give an Arrow, pandas or Polars table, or a .parquet, .csv or .tsv file"
        ) from None
    found = found.rename_columns([name.lower() for name in found.column_names])
    return needing(found, ("person_id",), what)


def needing(found: pa.Table, columns: Sequence[str], what: str) -> pa.Table:
    """The table itself; raises BadInput where it lacks a column."""
    missing = [name for name in columns if name not in found.column_names]
    if missing:
        raise BadInput(f"{what}: there is no column {missing[0]}; there are {', '.join(found.column_names)}")
    return found


def _read(path: Path) -> pa.Table:
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".parquet"):
        return pq.read_table(path)
    if not name.endswith((".csv", ".tsv")):
        raise ValueError(path)
    parse = pyarrow.csv.ParseOptions(delimiter="\t" if name.endswith(".tsv") else ",")
    convert = pyarrow.csv.ConvertOptions(column_types=_TEXT)
    return pyarrow.csv.read_csv(path, parse_options=parse, convert_options=convert)
