"""What is there twice within one delivery is settled: the fuller row stands.

Of two rows of the same key the one with more cells told stands, then the one with more steps, then the later in the
delivery. Daily activity is put together cell by cell in that order: a source may tell its columns in several files.
"""

import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault.wearables.normal.duck import query
from commonweal.vault.wearables.tables import COLUMNS, UNIT, WITHIN

MORE = {"activity_summary": "steps", "steps_intraday": "steps", "heart_rate_summary": "minute_in_zone"}


def resolved(table: str, rows: pa.Table) -> pa.Table:
    """The rows with each key once, in the order of the keys. Whose they are: all columns that are not the table's own."""
    own = [name for name, _ in COLUMNS[table]]
    key = [name for name in rows.column_names if name not in own] + [*UNIT[table], *WITHIN.get(table, ())]
    if is_ascending(rows, key):
        return rows
    cells = [name for name in rows.column_names if name not in key]
    order = ", ".join(f'"{name}"' for name in key)
    sql = _coalesced(key, cells) if table == "activity_summary" else _first(table, key, cells)
    found = query(f"{sql} ORDER BY {order}", rows=rows)
    return found.select(rows.column_names).cast(rows.schema)


def _rank(table: str, cells: list[str]) -> list[str]:
    full = " + ".join(f'("{name}" IS NOT NULL)::INTEGER' for name in cells) or "0"
    more = MORE.get(table)
    return [full, *([f'coalesce("{more}", -1)'] if more else []), "place"]


_NUMBERED = "(SELECT *, row_number() OVER () AS place FROM rows)"


def _first(table: str, key: list[str], cells: list[str]) -> str:
    by = ", ".join(f'"{name}"' for name in key)
    order = ", ".join(f"{part} DESC" for part in _rank(table, cells))
    return f"SELECT * FROM {_NUMBERED} QUALIFY row_number() OVER (PARTITION BY {by} ORDER BY {order}) = 1"


def _coalesced(key: list[str], cells: list[str]) -> str:
    by = ", ".join(f'"{name}"' for name in key)
    rank = f"({', '.join(_rank('activity_summary', cells))})"
    best = ", ".join(f'arg_max("{name}", {rank}) AS "{name}"' for name in cells)
    return f"SELECT {by}, {best} FROM {_NUMBERED} GROUP BY ALL"


def is_ascending(rows: pa.Table, key: list[str]) -> bool:
    """Whether the rows are in the strict order of their key: then none is there twice, and nothing is to be done."""
    if rows.num_rows < 2:
        return True
    above = None  # for each neighbour pair: the second is above the first in the columns so far
    same = None
    for name in key:
        column = rows[name].combine_chunks()
        if column.null_count == len(column):
            continue
        if column.null_count:
            return False
        column = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
        first, second = column.slice(0, len(column) - 1), column.slice(1)
        greater, equal = pc.greater(second, first), pc.equal(second, first)
        above = greater if above is None else pc.or_(above, pc.and_(same, greater))
        same = equal if same is None else pc.and_(same, equal)
    return above is not None and bool(pc.all(above).as_py())
