"""SQL over the files of a table: their rows, and which of them count."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from commonweal.vault.wearables.tables import DATED, TABLES, unit_of

Days = tuple[date, date]  # both included


def where(
    table: str, *, moment: datetime | None = None, people: Sequence[int] | None = None, days: Days | None = None
) -> str:
    """A condition: received by `moment` (naive UTC), of these people, dated within `days`; empty where none is given."""
    told = [] if moment is None else [f"received <= TIMESTAMP '{moment.isoformat(sep=' ')}'"]
    if isinstance(people, range):
        told.append(f"participant BETWEEN {people.start} AND {people.stop - 1}")
    elif people is not None:
        told.append(f"participant IN ({', '.join(map(str, people)) or 'NULL'})")
    if days is not None:
        told.append(within(table, days))
    return f" WHERE {' AND '.join(told)}" if told else ""


def within(table: str, days: Days) -> str:
    """SQL that holds for rows dated within `days`; plain comparisons, by which files and row groups are left unread."""
    day = DATED[table]
    return f"""("{day}" >= DATE '{days[0]}' AND "{day}" < DATE '{days[1]}' + INTERVAL 1 DAY)"""


def scan(table: str, paths: Sequence[Path], condition: str = "") -> str:
    """SQL of the rows in some files of a table."""
    columns = ", ".join(f'"{name}"' for name in TABLES[table].names)
    if not paths:
        empty = ", ".join(f'NULL::{_sql_type(f.type)} AS "{f.name}"' for f in TABLES[table])
        return f"SELECT {empty} WHERE false"
    listed = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"SELECT {columns} FROM read_parquet([{listed}], hive_partitioning = false){condition}"


def newest(table: str, rows: str) -> str:
    """SQL of the rows that count among all versions: each unit from the delivery that was received last.

    Whether a device was worn, once known, is not forgotten for a delivery that cannot tell.
    """
    return f"SELECT * FROM ({rows}) QUALIFY {place_of(table)} = 1"


def place_of(table: str) -> str:
    """SQL of a row's place among the versions of its unit: 1 is what counts."""
    known = "status <> 'unknown' DESC, " if table == "wear_day" else ""
    unit = ", ".join(f'"{name}"' for name in unit_of(table))
    return f"rank() OVER (PARTITION BY {unit} ORDER BY {known}received DESC, submission DESC)"


def _sql_type(kind: pa.DataType) -> str:
    names = {
        pa.int64(): "BIGINT",
        pa.int32(): "INTEGER",
        pa.int16(): "SMALLINT",
        pa.float64(): "DOUBLE",
        pa.bool_(): "BOOLEAN",
        pa.date32(): "DATE",
    }
    return "TIMESTAMP" if pa.types.is_timestamp(kind) else names.get(kind, "VARCHAR")
