"""The end of normalisation: all that was read is checked, settled, and judged for wear."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from commonweal.vault.wearables.normal import nights
from commonweal.vault.wearables.normal.duck import query
from commonweal.vault.wearables.normal.parts import NIGHTS, Parts
from commonweal.vault.wearables.normal.plausible import plausible
from commonweal.vault.wearables.normal.resolving import resolved
from commonweal.vault.wearables.normal.wear import wear_days
from commonweal.vault.wearables.tables import COLUMNS


@dataclass(frozen=True)
class Normal:
    """The tables with rows: `owner`, then the table's own columns; each key once. `faults`: what was left out, by code."""

    tables: dict[str, pa.Table]
    faults: Counter[str]

    @property
    def rows(self) -> int:
        return sum(table.num_rows for table in self.tables.values())


def finish(parts: Parts, *, today: date) -> Normal:
    """The tables of all that was read. `today`: the day in UTC; what is dated after tomorrow is left out."""
    faults = Counter(parts.faults)
    tables: dict[str, pa.Table] = {}
    summary, levels, twice = nights.settle(parts.table("sleep_daily_summary"), parts.table("sleep_level"))
    faults.update({"twice": twice} if twice else {})
    given = {"sleep_daily_summary": summary, "sleep_level": levels}
    for name in COLUMNS:
        rows, found = plausible(name, given[name] if name in NIGHTS else parts.table(name), today)
        faults.update(found)
        once = resolved(name, _whole(name, rows))
        if name != "activity_summary" and rows.num_rows > once.num_rows:
            faults["twice"] += rows.num_rows - once.num_rows
        tables[name] = once
    if parts.totals_from_minutes:
        tables["activity_summary"] = _with_totals(tables["activity_summary"], tables["steps_intraday"])
    tables["wear_day"] = wear_days(tables, ["owner"])
    return Normal({name: rows for name, rows in tables.items() if rows.num_rows}, faults)


def _whole(table: str, rows: pa.Table) -> pa.Table:
    """In the table's own types: counts are whole numbers."""
    schema = pa.schema([("owner", pa.string()), *COLUMNS[table]])
    cells = [
        pc.round(rows[f.name]).cast(f.type) if pa.types.is_integer(f.type) and pa.types.is_floating(rows[f.name].type)
        else rows[f.name].cast(f.type)
        for f in schema
    ]  # fmt: skip
    return pa.table(cells, schema=schema)


def _with_totals(days: pa.Table, minutes: pa.Table) -> pa.Table:
    """A day's steps are the sum of its minutes, by the wearer's clock, where the source has no total of its own."""
    sums = query(
        "SELECT owner, datetime::DATE AS date, sum(steps) AS steps FROM minutes GROUP BY ALL ORDER BY ALL",
        minutes=minutes,
    )
    added = Parts()
    added.columns("activity_summary", days)
    added.columns("activity_summary", sums)
    return resolved("activity_summary", _whole("activity_summary", added.table("activity_summary")))
