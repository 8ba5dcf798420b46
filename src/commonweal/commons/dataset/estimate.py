"""How large a dataset will be and how long it will take, told before anything is made, from counts alone."""

import os
from dataclasses import asdict, dataclass
from typing import Any

import ibis.expr.types as ir

from commonweal.commons.cohort.cohort import Cohort
from commonweal.commons.cohort.domains import DOMAINS
from commonweal.commons.dataset import events as source
from commonweal.commons.dataset.definition import FEATURES, DatasetDefinition
from commonweal.commons.dataset.plan import Plan
from commonweal.commons.dataset.resolving import Usage, usage
from commonweal.commons.dataset.values import FeatureValue, RowsValue
from commonweal.commons.release import Release

# Measured on one core (benchmarks/dataset.py): what reading a row costs, and what one value of a result costs.
_READ, _MADE, _START = 60e-9, 120e-9, 0.05
_WIDTHS = {"boolean": 1, "date": 4, "string": 24}
_OTHER = 8


@dataclass(frozen=True)
class TableEstimate:
    """About how many rows and bytes (in memory) a table will have."""

    name: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class Estimate:
    """Of a published release every number is made of counts that the gate let through, so it is rounded up."""

    rows: int
    bytes: int
    seconds: float
    tables: tuple[TableEstimate, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def estimate(release: Release, made: DatasetDefinition, cohort: Cohort, plan: Plan, counted: int | None) -> Estimate:
    """`counted`: the people as a gate shows them; where it shows none (None), the most that it would not have shown.

    Rows of a table are what its concepts have a person, times the people, and never more than there are. Windows are
    left out of account: it says too much rather than too little.
    """
    persons = release.policy.min_cell if counted is None else counted
    rows = {FEATURES: _units(made, cohort, persons)} | {
        value.name: _rows(release, made, value, plan, persons) for value in made.rows
    }
    told = []
    for name, table in plan.tables.items():
        shown = _rounded(release, rows[name])
        told.append(TableEstimate(name, shown, shown * _width(table)))
    seconds = _START + _seconds(release, made, plan, told)
    return Estimate(sum(t.rows for t in told), sum(t.bytes for t in told), round(seconds, 2), tuple(told))


def _units(made: DatasetDefinition, cohort: Cohort, persons: int) -> int:
    """Rows of the features: one a person, but one for each index event where all of them are asked for."""
    if made.cohort.index is None or made.cohort.index.which != "all" or not persons:
        return persons
    found = cohort.persons()
    return -(-persons * found.num_rows // max(len(found.column("person_id").unique()), 1))


def _rows(release: Release, made: DatasetDefinition, value: RowsValue, plan: Plan, persons: int) -> int:
    if value.set is not None:
        chosen = made.set_of(value.set)
        used = usage(release, chosen, plan.ids[chosen.name])
    else:
        table = release.table(source.of(release, value, None).table)
        counted = table.aggregate(rows=table.count(), persons=table.person_id.approx_nunique())
        used = Usage(*map(int, release.rows(counted)[0]))
    return min(used.rows, -(-used.rows * persons // max(used.persons, 1)))


def _rounded(release: Release, rows: int) -> int:
    if not release.gated or rows == 0:
        return rows
    step = max(release.policy.round_to, release.policy.min_cell, 1)
    return -(-rows // step) * step


def _size(release: Release, table: str) -> int:
    """Rows of a table: of Parquet, what its files say of themselves."""
    return int(release.rows(release.table(table).count().as_table())[0][0])


def _width(table: ir.Table) -> int:
    return sum(_WIDTHS.get(str(kind).partition("(")[0], _OTHER) for kind in table.schema().types)


def _seconds(release: Release, made: DatasetDefinition, plan: Plan, told: list[TableEstimate]) -> float:
    """Each table is read once for all features, and once for each value of type rows."""
    read = [_table(release, made, v) for v in made.rows]
    read += list({_table(release, made, v) for v in made.wide if isinstance(v, FeatureValue)})
    columns = {name: len(table.columns) for name, table in plan.tables.items()}
    made_values = sum(t.rows * columns[t.name] for t in told)
    return (sum(_size(release, t) for t in read) * _READ + made_values * _MADE) / (os.cpu_count() or 1)


def _table(release: Release, made: DatasetDefinition, value: FeatureValue | RowsValue) -> str:
    return (
        DOMAINS[made.set_of(value.set).domain].table if value.set is not None else source.of(release, value, None).table
    )
