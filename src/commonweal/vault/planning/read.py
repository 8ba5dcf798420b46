"""Inputs from the tables of others: Arrow in, plain arrays out; no question to a database.

People: site, state, county, race, invitation, the moments consented, complete and withdrawn (timestamps, naive UTC, null:
never), and of_ each representation category and of_overall (UBR | RBR | NotAnswer); others are not read.
Outreach, one row an invitation: invitation, site, approach, language, contacts, cost, and where known events and months.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.errors import BadInput
from commonweal.vault.planning.groups import GROUPS, OVERALL

NEEDED = ("site", "state", "race", "invitation", "consented", "complete", "withdrawn")
MONTH = np.timedelta64(2_629_746, "s")  # a twelfth of the mean year of the calendar


@dataclass(frozen=True)
class People:
    """All who ever consented, one place each in every array. `ubr`: (people, categories), true where UBR."""

    categories: tuple[str, ...]
    site: np.ndarray
    state: np.ndarray
    county: np.ndarray
    group: np.ndarray
    invitation: np.ndarray
    consented: np.ndarray
    complete: np.ndarray
    withdrawn: np.ndarray
    ubr: np.ndarray

    def counted(self, stage: str) -> np.ndarray:
        """Who counts now: consented, or complete; and has not withdrawn."""
        reached = self.consented if stage == "consented" else self.complete
        return ~np.isnat(reached) & np.isnat(self.withdrawn)


def people(table: pa.Table, categories: Iterable[str]) -> People:
    """BadInput where a column is missing. Whoever never consented is left out: contacts stand in the outreach table."""
    named = tuple(dict.fromkeys([OVERALL, *categories]))
    for column in (*NEEDED, *(f"of_{name}" for name in named)):
        if column not in table.column_names:
            raise BadInput(f"the table of people has no column '{column}'")
    table = table.filter(pc.is_valid(table["consented"]))
    return People(
        categories=named,
        site=_words(table, "site"),
        state=_words(table, "state"),
        county=_words(table, "county"),
        group=_groups(table),
        invitation=pc.fill_null(table["invitation"].cast(pa.int64()), -1).to_numpy(),
        consented=_moments(table, "consented"),
        complete=_moments(table, "complete"),
        withdrawn=_moments(table, "withdrawn"),
        ubr=_flags(table, named),
    )


def _words(table: pa.Table, column: str) -> np.ndarray:
    if column not in table.column_names:
        return np.full(table.num_rows, "", dtype=object)
    return pc.fill_null(table[column].cast(pa.string()), "").to_numpy().astype(object)


def places(values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Where each value stands among the names; after the last where it does not."""
    found = pc.index_in(pa.array(values, pa.string()), value_set=pa.array(list(names), pa.string()))
    return pc.fill_null(found, len(names)).to_numpy().astype(np.int64)


def _flags(table: pa.Table, named: tuple[str, ...]) -> np.ndarray:
    columns = [pc.fill_null(pc.equal(table[f"of_{c}"].cast(pa.string()), "UBR"), False).to_numpy() for c in named]
    return np.stack(columns, axis=1).astype(bool)


def _groups(table: pa.Table) -> np.ndarray:
    race = pc.fill_null(table["race"].cast(pa.string()), "")
    found = pc.index_in(race, value_set=pa.array(GROUPS))
    if found.null_count:
        raise BadInput(f"the table of people has a race that is none of {', '.join(GROUPS[:-1])}, or empty")
    return found.to_numpy().astype(np.int64)


def _moments(table: pa.Table, column: str) -> np.ndarray:
    return table[column].cast(pa.timestamp("us")).to_numpy().astype("datetime64[us]")


def monthly_loss(some: People, as_of: datetime) -> tuple[float, float]:
    """(shape, person-months) of the Gamma posterior of leaving in a month; before any data 0.2 %, as from 500 months."""
    end = np.where(np.isnat(some.withdrawn), np.datetime64(as_of, "us"), some.withdrawn)
    months = np.maximum((end - some.consented) / MONTH, 0.0).sum()
    return 1.0 + float((~np.isnat(some.withdrawn)).sum()), 500.0 + float(months)


def delay(some: People, stage: str) -> int:
    """Whole months from consent to being counted: the median of the past, rounded up; 1 where nobody has come so far."""
    if stage == "consented":
        return 0
    done = ~np.isnat(some.complete)
    if not done.any():
        return 1
    return max(int(np.ceil(np.median((some.complete[done] - some.consented[done]) / MONTH))), 0)


@dataclass(frozen=True)
class Sent:
    """One past outreach."""

    invitation: int
    site: str
    approach: str
    language: str
    contacts: float
    cost: float | None
    events: float | None
    months: float | None


def outreach(table: pa.Table | None) -> tuple[Sent, ...]:
    """The past outreach; none where there is no table. BadInput for a negative number or a missing column."""
    if table is None:
        return ()
    for column in ("invitation", "site", "approach", "contacts"):
        if column not in table.column_names:
            raise BadInput(f"the table of outreach has no column '{column}'")
    return tuple(_sent(row) for row in table.to_pylist())


def _sent(row: dict[str, Any]) -> Sent:
    def number(name: str) -> float | None:
        value = row.get(name)
        if value is not None and not 0 <= value < 1e12:
            raise BadInput(f"the table of outreach: `{name}` cannot be below zero, nor without end")
        return None if value is None else float(value)

    return Sent(
        invitation=int(row["invitation"]),
        site=row["site"] or "",
        approach=row["approach"] or "",
        language=row.get("language") or "en",
        contacts=number("contacts") or 0.0,
        cost=number("cost"),
        events=number("events"),
        months=number("months"),
    )
