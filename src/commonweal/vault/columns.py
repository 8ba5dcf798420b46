"""The vault's database by columns: reading tables as Arrow, and adding many rows in one statement.

Reading goes over a read-only connection of its own (ADBC on PostgreSQL), which sees what is committed; inside a
transaction, where that would miss what was just written, it goes through Django's connection. Adding goes through
Django's connection always. All of it works on SQLite and PostgreSQL.
"""

import functools
import io
import re
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from django.apps import apps
from django.db import connection, models

from commonweal.errors import BadInput
from commonweal.vault.added import AFTER_INSERT

MOMENT = pa.timestamp("us", tz="UTC")


def read(query: str) -> pa.Table:
    """The rows of a SELECT on the vault's database; columns named as in a model whose table it names get its types.

    Moments are timestamp[us, UTC], days date32, yes/no bool, UUIDs 32 hex digits, JSON text. Raises the driver's error
    for a query that is not valid or tries to write.
    """
    return read_all({"": query})[""]


def read_all(queries: Mapping[str, str]) -> dict[str, pa.Table]:
    """As `read`, several queries at one moment: a fact that comes in meanwhile is in all of the tables or in none."""
    if connection.in_atomic_block:
        tables = {name: _read_inside(query) for name, query in queries.items()}
    else:
        tables = _read_apart(queries)
    return {name: _typed(table, queries[name]) for name, table in tables.items()}


def _typed(table: pa.Table, query: str) -> pa.Table:
    known = _types(frozenset(re.findall(r"\w+", query)))
    columns = [_as(table.column(i), known.get(name)) for i, name in enumerate(table.column_names)]
    return pa.table(columns, names=table.column_names)


def insert(model: type[models.Model], rows: pa.Table) -> int:
    """Add `rows` (columns named by the model's columns) in the current transaction; returns how many were added.

    A row that would break a unique constraint, such as an idempotency key that is already there, is left out.
    """
    if rows.num_rows == 0:
        return 0
    added = _insert_sqlite(model, rows) if connection.vendor == "sqlite" else _insert_postgresql(model, rows)
    for hook in AFTER_INSERT:
        hook(model, rows)
    return added


def temporary(name: str, rows: pa.Table) -> None:
    """Put `rows` into a table of the current transaction's own, for SQL over many rows; one of that name is replaced."""
    kinds = {"sqlite": _SQLITE_KINDS, "postgresql": _POSTGRESQL_KINDS}[connection.vendor]
    fields = ", ".join(f"{_quote(f.name)} {next(kind for is_, kind in kinds if is_(f.type))}" for f in rows.schema)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(f"CREATE TEMPORARY TABLE {name} ({fields})")
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * rows.num_columns)
            cursor.executemany(
                f"INSERT INTO {name} VALUES ({marks})", zip(*map(_for_sqlite, rows.columns), strict=True)
            )
        else:
            _copy(cursor, f"COPY {name} FROM STDIN WITH (FORMAT csv)", rows)


_SQLITE_KINDS = ((pa.types.is_integer, "INTEGER"), (lambda kind: True, "TEXT"))
_POSTGRESQL_KINDS = (
    (pa.types.is_integer, "bigint"),
    (pa.types.is_timestamp, "timestamptz"),
    (lambda kind: True, "text"),
)


def lookup(model: type[models.Model], column: str, values: Iterable[Any], *give: str) -> list[tuple[Any, ...]]:
    """`give` columns (default: `column`) of the rows whose `column` is among `values`, seen inside the transaction."""
    wanted = ", ".join(_quote(name) for name in (give or (column,)))
    # one parameter whatever the number of values: both databases limit how many parameters a statement takes
    among = "IN (SELECT value FROM json_each(%s))" if connection.vendor == "sqlite" else "= ANY(%s)"
    listed = list(values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {wanted} FROM {_quote(model._meta.db_table)} WHERE {_quote(column)} {among}",
            [orjson.dumps(listed).decode() if connection.vendor == "sqlite" else listed],
        )
        return cursor.fetchall()


def literal(moment: datetime) -> str:
    """A moment (aware) as it is written in a query to compare with a column of moments."""
    plain = moment.astimezone(UTC).replace(tzinfo=None)
    return f"'{plain}'" if connection.vendor == "sqlite" else f"TIMESTAMPTZ '{plain}+00'"


def moment(value: Any) -> Any:
    """A moment (aware, UTC) as a plain cursor gives it: SQLite as text or without saying that it is UTC. None stays None."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def _read_inside(query: str) -> pa.Table:
    with connection.cursor() as cursor:
        cursor.execute(query)
        names = [column[0] for column in cursor.description]
        told = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(names)
    return pa.table([pa.array([_simple(value) for value in column]) for column in told], names=names)


def _simple(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return value.hex
    return bytes(value) if isinstance(value, memoryview) else value


def _read_apart(queries: Mapping[str, str]) -> dict[str, pa.Table]:
    """On a read-only connection of its own, in one transaction."""
    if connection.vendor == "sqlite":
        return _read_sqlite(queries)
    with postgresql() as link:
        tables = {}
        for name, query in queries.items():
            with link.cursor() as cursor:
                cursor.execute(query)
                tables[name] = cursor.fetch_arrow_table()
    return tables


def sqlite() -> sqlite3.Connection:
    """A read-only connection through the SQLite library that Django uses, never a second one (ADBC brings its own).

    Two copies of SQLite in one process do not see each other's file locks: the second takes a database in WAL mode for
    unused and cuts off the index that the first has mapped into memory (sqlite.org/howtocorrupt.html, 2.2.1).
    """
    name = str(connection.settings_dict["NAME"])
    if "memory" in name:
        raise BadInput("the vault's database is in memory, where a second connection cannot read it: use a file")
    address = f"file:{name.replace('?', '%3f').replace('#', '%23')}?mode=ro"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=30)


def _read_sqlite(queries: Mapping[str, str]) -> dict[str, pa.Table]:
    with closing(sqlite()) as link:
        link.execute("BEGIN")
        return {name: _fetched(link.execute(query)) for name, query in queries.items()}


def _fetched(cursor: sqlite3.Cursor) -> pa.Table:
    names = [column[0] for column in cursor.description]
    parts = [pa.table([pa.nulls(0)] * len(names), names=names)]
    while rows := cursor.fetchmany(20_000):
        parts.append(pa.table([pa.array(column) for column in zip(*rows, strict=True)], names=names))
    return pa.concat_tables(parts, promote_options="permissive")


def postgresql() -> Any:
    """A read-only ADBC connection, which sees the database as of its first query."""
    from adbc_driver_postgresql import dbapi
    from psycopg.conninfo import make_conninfo

    s = connection.settings_dict
    parts = {"host": s["HOST"], "port": s["PORT"], "user": s["USER"], "password": s["PASSWORD"], "dbname": s["NAME"]}
    parts |= {name: value for name, value in s.get("OPTIONS", {}).items() if name.startswith("ssl")}
    careful = "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
    return dbapi.connect(make_conninfo("", **{k: str(v) for k, v in parts.items() if v}, options=careful))


@functools.lru_cache(maxsize=256)
def _types(words: frozenset[str]) -> dict[str, pa.DataType]:
    """Column name -> Arrow type, over the models whose tables a query names; where two differ, the driver decides."""
    kinds: list[tuple[type[models.Field[Any, Any]], pa.DataType]] = [
        (models.DateTimeField, MOMENT),
        (models.DateField, pa.date32()),
        (models.BooleanField, pa.bool_()),
        (models.UUIDField, pa.string()),
        (models.JSONField, pa.string()),
        (models.CharField, pa.string()),
        (models.TextField, pa.string()),
        (models.FloatField, pa.float64()),
        (models.BinaryField, pa.binary()),
        (models.ForeignKey, pa.int64()),
        (models.IntegerField, pa.int64()),
    ]
    found: dict[str, set[pa.DataType]] = {}
    for model in (model for model in apps.get_models() if model._meta.db_table in words):
        for field in model._meta.local_fields:
            kind = next((arrow for django, arrow in kinds if isinstance(field, django)), None)
            if kind is not None:
                found.setdefault(field.column, set()).add(kind)
    return {name: kinds.pop() for name, kinds in found.items() if len(kinds) == 1}


def _as(column: pa.ChunkedArray, wanted: pa.DataType | None) -> pa.ChunkedArray:
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    if wanted is None or column.type == wanted:
        return column
    if column.null_count == len(column):
        return pa.chunked_array([pa.nulls(len(column), wanted)])
    if wanted == pa.string() and pa.types.is_fixed_size_binary(column.type):
        return pa.chunked_array([pa.array([v and v.hex() for v in column.to_pylist()], pa.string())])
    if wanted == MOMENT and pa.types.is_string(column.type):
        return column.cast(pa.timestamp("us")).cast(MOMENT)
    return column.cast(wanted)


def _insert_sqlite(model: type[models.Model], rows: pa.Table) -> int:
    names = ", ".join(_quote(name) for name in rows.column_names)
    marks = ", ".join(["%s"] * rows.num_columns)
    sql = f"INSERT INTO {_quote(model._meta.db_table)} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
    with connection.cursor() as cursor:
        cursor.executemany(sql, zip(*(_for_sqlite(column) for column in rows.columns), strict=True))
        return cursor.rowcount


def _for_sqlite(column: pa.ChunkedArray) -> list[Any]:
    """As Django writes it: moments as text without offset, and without a fraction where it is zero."""
    if pa.types.is_timestamp(column.type):
        text = column.cast(MOMENT).cast(pa.timestamp("us")).cast(pa.string())  # in UTC; many times faster than strftime
        return pc.replace_substring_regex(text, pattern=r"\.000000$", replacement="").to_pylist()
    if pa.types.is_date(column.type):
        return column.cast(pa.string()).to_pylist()
    if pa.types.is_boolean(column.type):
        return column.cast(pa.int8()).to_pylist()
    return column.to_pylist()


def _insert_postgresql(model: type[models.Model], rows: pa.Table) -> int:
    """COPY into a table that ends with the transaction, then into the real one: COPY itself knows no conflicts."""
    names = ", ".join(_quote(name) for name in rows.column_names)
    target = _quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming")
        cursor.execute(f"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {target} WITH NO DATA")
        _copy(cursor, f"COPY incoming ({names}) FROM STDIN WITH (FORMAT csv)", rows)
        cursor.execute(f"INSERT INTO {target} ({names}) SELECT {names} FROM incoming ON CONFLICT DO NOTHING")
        return cursor.rowcount


def _copy(cursor: Any, statement: str, rows: pa.Table) -> None:
    from pyarrow import csv

    buffer = io.BytesIO()
    csv.write_csv(rows, buffer, csv.WriteOptions(include_header=False))
    with cursor.cursor.copy(statement) as copy:
        copy.write(buffer.getbuffer())
