"""What of a delivery is new: units of which every row is in the store already are left out."""

from collections.abc import Iterable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from commonweal import duck
from commonweal.home import Home
from commonweal.vault.wearables import store
from commonweal.vault.wearables.normal import grain
from commonweal.vault.wearables.tables import COLUMNS, DATED, unit_of

_MANY = 1000  # people; of more, all between the first and the last are read


def news(home: Home, table: str, rows: pa.Table) -> pa.Table:
    """The rows of `rows` (`arrived_columns`, each key once) whose unit is not in the store as it is here.

    Of steps also rows that empty what others took the place of (see `normal.grain`).
    """
    if not rows.num_rows:
        return rows
    people, days = _people(rows["participant"]), _days(rows[DATED[table]])
    with duck.passing() as con:
        view = store.current(con, home, table, participants=people, days=days)
        con.register("arrived", rows)
        if not con.execute(f"SELECT 1 FROM {view} LIMIT 1").fetchone():
            return rows
        came = "arrived"
        if table == grain.TABLE:
            grain.settle(con, came, view)
            came = "settled"
        con.execute(f"CREATE TEMP TABLE known AS {_prints(table, view)}")
        con.execute(
            f"CREATE TEMP TABLE same AS SELECT a.* FROM ({_prints(table, came)}) AS a JOIN known AS k {_on(table)}"
        )
        found = con.execute(f"SELECT a.* FROM {came} AS a ANTI JOIN same AS k {_on(table, exact=False)}")
        return found.to_arrow_table().select(rows.column_names).cast(rows.schema)


def _people(column: pa.ChunkedArray) -> Iterable[int]:
    """Who they are, or where they are many the range that they lie in."""
    people = pc.unique(column)
    if len(people) <= _MANY:
        return list(people.to_pylist())
    span = pc.min_max(people).as_py()
    return range(span["min"], span["max"] + 1)


def _days(column: pa.ChunkedArray) -> tuple[date, date]:
    span = pc.min_max(column.cast(pa.date32())).as_py()
    return span["min"], span["max"]


def _prints(table: str, rows: str) -> str:
    """One row a unit: a fingerprint over all its rows, whatever their order."""
    unit = ", ".join(f'"{name}"' for name in unit_of(table))
    cells = ", ".join(f'"{name}"' for name, _ in COLUMNS[table])
    vague = "status = 'unknown'" if table == "wear_day" else "false"
    return f"SELECT {unit}, bit_xor(hash({cells})) AS print, count(*) AS n, bool_and({vague}) AS vague FROM {rows} GROUP BY ALL"


def _on(table: str, *, exact: bool = True) -> str:
    """A day of wear that cannot be told adds nothing to one that is there."""
    same = " AND ".join(f'a."{name}" IS NOT DISTINCT FROM k."{name}"' for name in unit_of(table))
    return f"ON {same} AND (a.vague OR (a.print = k.print AND a.n = k.n))" if exact else f"ON {same}"
