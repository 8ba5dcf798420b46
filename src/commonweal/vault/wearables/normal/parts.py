"""Raw rows on their way to the tables: numbers still unchecked, and whose they are in the words of the source."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from commonweal.vault.wearables.normal import grain
from commonweal.vault.wearables.tables import COLUMNS

NIGHTS = ("sleep_daily_summary", "sleep_level")


def raw(table: str) -> pa.Schema:
    """A table before it is checked: `owner` (the account in the source's words; empty: the only one), all numbers as
    float64, and for sleep the provider's `log`, by which naps of a day are told apart."""
    own = [(name, pa.float64() if pa.types.is_integer(kind) else kind) for name, kind in COLUMNS[table]]
    return pa.schema([("owner", pa.string()), *own, *([("log", pa.string())] if table in NIGHTS else [])])


class Parts:
    """What was read so far, from however many files of one archive: rows by table, and faults by code."""

    def __init__(self) -> None:
        self.tables: dict[str, list[pa.Table]] = defaultdict(list)
        self.faults: Counter[str] = Counter()
        self.hours: list[pa.Table] = []  # steps by the hour, as `columns` has them
        self.totals_from_minutes = False  # the source has all minutes of a day, and no totals of its own

    def rows(self, table: str, rows: Iterable[Mapping[str, Any]], owner: str = "") -> None:
        """Add some rows, given one by one: for payloads, which are small."""
        listed = [{"owner": owner, **row} for row in rows]
        if listed:
            self.tables[table].append(pa.Table.from_pylist(listed, raw(table)))

    def columns(self, table: str, rows: pa.Table) -> None:
        """Add many rows; columns that are not there are empty."""
        self.tables[table].append(_shaped(table, rows))

    def hourly_steps(self, rows: pa.Table) -> None:
        """Add steps by the hour, which count on days without minutes."""
        self.hours.append(_shaped(grain.TABLE, rows))

    def fault(self, code: str, count: int = 1) -> None:
        """Count what could not be used, by its code (see `faults.WORDS`)."""
        if count:
            self.faults[code] += count

    def table(self, name: str) -> pa.Table:
        """All rows of a table, in the order in which they were read."""
        found = pa.concat_tables([raw(name).empty_table(), *self.tables.get(name, [])])
        if name == grain.TABLE and self.hours:
            return grain.with_hours(found, pa.concat_tables(self.hours))
        return found


def _shaped(table: str, rows: pa.Table) -> pa.Table:
    schema = raw(table)
    own = [
        rows[f.name].cast(f.type) if f.name in rows.column_names else pa.nulls(rows.num_rows, f.type) for f in schema
    ]
    return pa.table(own, schema=schema)
