"""What a Parquet file may hold beside its rows: what the engines write there, and not a word more."""

import base64
import json

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from commonweal.curation.checks.beside import strange_files, strange_words
from commonweal.omop import tables as cdm

ROW, VERSION, ARROW = "org.apache.spark.sql.parquet.row.metadata", "org.apache.spark.version", "ARROW:schema"
FIELDS = [
    {"name": "a", "type": "long", "nullable": True, "metadata": {}},
    {"name": "b", "type": "timestamp_ntz", "nullable": False, "metadata": {}},
]


def _told(fields, **more):
    return json.dumps({"type": "struct", "fields": fields, **more}, separators=(",", ":"))


SPARK = _told(FIELDS)
COLUMNS = pa.schema([("a", pa.int64()), ("b", pa.timestamp("us"))])


def _file(folder, **keys):
    path = folder / "part-0000.parquet"
    told = ", ".join(f"'{key}': '{value}'" for key, value in keys.items())
    beside = f", KV_METADATA {{{told}}}" if told else ""
    duckdb.sql(f"COPY (SELECT 1::BIGINT AS a, TIMESTAMP '2020-01-01' AS b) TO '{path}' (FORMAT parquet{beside})")
    return path


def _arrow(schema):
    return base64.b64encode(schema.serialize().to_pybytes()).decode()


def test_what_duckdb_arrow_and_spark_write_is_known(tmp_path):
    assert strange_words(_file(tmp_path)) == 0
    assert strange_words(_file(tmp_path, **{ROW: SPARK, VERSION: "4.0.5", ARROW: _arrow(COLUMNS)})) == 0


@pytest.mark.parametrize("table", ["person", "heart_rate_minute_level", "concept"])
def test_a_table_that_arrow_writes_is_known(tmp_path, table):
    schema = cdm.tables()[table].schema
    pq.write_table(schema.empty_table(), tmp_path / "part-0000.parquet", compression="zstd")
    assert ARROW.encode() in pq.read_metadata(tmp_path / "part-0000.parquet").metadata
    assert strange_words(tmp_path / "part-0000.parquet") == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("note", "P100000001"),
        (VERSION, "4.0.5 of Ana"),
        (VERSION, "4.0.100000001"),
        (ROW, "Ana"),
        (ROW, "[]"),
        (ROW, SPARK + " "),
        (ROW, _told(FIELDS, note="Ana")),
        (ROW, _told([FIELDS[0] | {"metadata": {"comment": "Ana"}}, FIELDS[1]])),
        (ROW, _told([FIELDS[0] | {"type": "Ana"}, FIELDS[1]])),
        (ROW, _told([FIELDS[0] | {"name": "Ana"}, FIELDS[1]])),
        (ROW, _told(FIELDS[:1])),
        (ARROW, "Ana"),
        (ARROW, base64.b64encode(b"Ana lives by the mill").decode()),
        (ARROW, _arrow(COLUMNS.with_metadata({"from": "Ana"}))),
        (ARROW, _arrow(pa.schema([COLUMNS.field(0).with_metadata({"of": "Ana"}), COLUMNS.field(1)]))),
        (ARROW, _arrow(pa.schema([("a", pa.int64()), ("Ana", pa.timestamp("us"))]))),
        (ARROW, base64.b64encode(COLUMNS.serialize().to_pybytes() + b"Ana").decode()),
    ],
)
def test_more_than_that_is_strange(tmp_path, key, value):
    assert strange_words(_file(tmp_path, **{key: value})) == 1


def test_who_wrote_a_file_is_no_place_for_words(tmp_path):
    path = _file(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"DuckDB version", b"Ana at version"))
    assert strange_words(path) == 1


def test_files_of_other_names_are_strange(tmp_path):
    place = tmp_path / "tables" / "person"
    place.mkdir(parents=True)
    _file(place)
    (tmp_path / "manifest.json").write_text("{}")
    assert strange_files(tmp_path) == 0
    (place / "ana.parquet").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("Ana")
    assert strange_files(tmp_path) == 2
