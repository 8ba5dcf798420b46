"""What files hold beside their rows: their names, and the few words that an engine writes into a file about itself.

Keys of a Parquet file may hold anything. Three are known, and each only with what belongs there: the columns again, as Arrow and
as Spark write them, and Spark's version. Of who wrote the file only the name and the version may stand in it.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from commonweal.commons.index import layout

_BESIDE = frozenset(["manifest.json", "events.jsonl", "figures.json", "dictionary.json"])
_VERSION = re.compile(r"\d{1,3}(\.\d{1,3}){1,3}")
_WRITER = re.compile(
    r"DuckDB version v\d{1,3}(\.\d{1,3}){2}(-\w{1,8})? \(build [0-9a-f]{10,40}\)"
    r"|parquet-cpp-arrow version \d{1,3}(\.\d{1,3}){2}"
    r"|parquet-mr version \d{1,3}(\.\d{1,3}){2} \(build [0-9a-f]{40}\)"
)
_SPARK_TYPES = frozenset(["long", "integer", "double", "float", "string", "date", "timestamp", "timestamp_ntz"])


def strange_files(folder: Path) -> int:
    """Files of another name than those of a table's parts, and words in a file that say more than what wrote it."""
    found = 0
    for path in folder.rglob("*"):
        place = path.relative_to(folder).parts
        if path.is_dir() or place[0] in (".done", layout.FOLDER):
            continue
        if len(place) == 3 and place[0] == "tables" and path.match("part-[0-9][0-9][0-9][0-9].parquet"):
            found += strange_words(path)
        else:
            found += len(place) > 1 or place[0] not in _BESIDE
    return found + layout.strange(layout.place(folder))


def strange_words(path: Path) -> int:
    """How many keys of a Parquet file are unknown or hold what does not belong there; one more for an unknown writer."""
    try:
        told, columns = pq.read_metadata(path), pq.read_schema(path)
    except pa.ArrowException:  # it does not even say which columns it has
        return 1
    strange = sum(not _belongs(key, value, columns) for key, value in (told.metadata or {}).items())
    return strange + (_WRITER.fullmatch(told.created_by) is None)


def _belongs(key: bytes, value: bytes, columns: pa.Schema) -> bool:
    known = _KNOWN.get(key)
    return known is not None and known(value, columns)


def _is_arrow(value: bytes, columns: pa.Schema) -> bool:
    """The columns, to the byte as Arrow writes them: nothing else is hidden between."""
    try:
        raw = base64.b64decode(value, validate=True)
        told = pa.ipc.read_schema(pa.py_buffer(raw))
    except (binascii.Error, pa.ArrowException, OSError):
        return False
    bare = pa.schema([field.remove_metadata() for field in told])
    return told.names == columns.names and bare.serialize().to_pybytes() == raw


def _is_spark(value: bytes, columns: pa.Schema) -> bool:
    """The columns as Spark writes them: names, types and whether cells may be empty; nothing that says more of a column."""
    try:
        told = json.loads(value)
        named = [(field["name"], field["type"], field["nullable"]) for field in told["fields"]]
    except (ValueError, TypeError, KeyError):
        return False
    fields = [{"name": name, "type": kind, "nullable": empty, "metadata": {}} for name, kind, empty in named]
    bare = json.dumps({"type": "struct", "fields": fields}, separators=(",", ":")).encode()
    plain = all(kind in _SPARK_TYPES and isinstance(empty, bool) for _, kind, empty in named)
    return plain and [name for name, *_ in named] == columns.names and value == bare


def _is_version(value: bytes, columns: pa.Schema) -> bool:
    return _VERSION.fullmatch(value.decode("ascii", "replace")) is not None


_KNOWN: dict[bytes, Callable[[bytes, pa.Schema], bool]] = {
    b"ARROW:schema": _is_arrow,
    b"org.apache.spark.version": _is_version,
    b"org.apache.spark.sql.parquet.row.metadata": _is_spark,
}
