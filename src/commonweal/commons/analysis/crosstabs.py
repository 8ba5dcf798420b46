"""Tables of one cohort by several traits, that leave together: every cell and total passes the gate as one."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from commonweal.commons.analysis import gate
from commonweal.commons.analysis.strata import DECADES, Bands
from commonweal.commons.analysis.tabular import WITHHELD, Tabular
from commonweal.commons.analysis.traits import MISSING, Trait, names, table, trait
from commonweal.commons.analysis.units import Study, study
from commonweal.commons.release import Release
from commonweal.disclosure import Count
from commonweal.disclosure.linked import Cell
from commonweal.errors import BadInput

ALL = "all"
MOST = 8  # tables, each of at most 4 traits
_DEEP = 4


@dataclass(frozen=True)
class Crosstab(Tabular):
    """One table by the traits `by`, totals included: a column a trait (a value, or "all"), persons, suppressed."""

    by: tuple[str, ...]

    @property
    def display(self) -> pa.Table:
        """The last trait across, the others down; totals last."""
        rows = self.table.to_pylist()
        *down, across = self.by
        columns = list(dict.fromkeys(row[across] for row in rows))
        lines: dict[tuple[str, ...], dict[str, str]] = {}
        for row in rows:
            lines.setdefault(tuple(row[name] for name in down), {})[row[across]] = (
                WITHHELD if row["suppressed"] else f"{row['persons']:,}"
            )
        heads = {name: [line[place] for line in lines] for place, name in enumerate(down)} or {across: [""]}
        return pa.table(heads | {column: [line[column] for line in lines.values()] for column in columns})


def crosstabs(
    release: Release,
    cohort: Any,
    tables: Sequence[Sequence[Any]],
    *,
    at: Any = None,
    ages: Sequence[int] = DECADES,
    exact: bool = False,
) -> tuple[Crosstab, ...]:
    """How many people of a cohort there are by several traits at once; one table for each list of traits.

    `tables`: up to 8, each of 1 to 4 traits (see `traits`): categories, yes or no, or "age" in the bands that begin with
    `ages`, on the day `at` or the cohort's index date. Tables that share traits share totals, so what one of them hides
    another could give back: of a release opened by name all are decided together (disclosure.linked), and totals are
    withheld where they would tell a cell. `exact=True` shows all, for who may read the rows.
    Raises BadInput for an empty cohort, a trait that is a number, too many combinations of values to decide.
    """
    given = [list(one) for one in tables]
    if not 1 <= len(given) <= MOST or any(not 1 <= len(one) <= _DEEP for one in given):
        raise BadInput(f"tables: give 1 to {MOST} lists, each of 1 to {_DEEP} traits")
    with study(release, cohort, at=at) as made:
        if len(made.names) > 1:
            raise BadInput("crosstabs: are of one cohort; call it once for each of several")
        chosen, wanted = _traits(made, given)
        bands = Bands.of(ages)
        assert bands is not None
        people, order = _counted(made, chosen, bands)
    shown = gate.linked_tables(people, list(chosen), wanted, gate.Gate.of(release, exact))
    return tuple(_table(by, order, shown) for by in wanted)


def _traits(made: Study, given: list[list[Any]]) -> tuple[dict[str, Trait], list[tuple[str, ...]]]:
    """Traits by label, each once, and the labels of each table."""
    chosen: dict[str, Trait] = {}
    wanted = []
    for one in given:
        found = [trait(made, what) for what in one]
        labels = tuple(t.label for t in found)
        if len(set(labels)) < len(labels):
            raise BadInput(f"table {', '.join(labels)}: names a trait twice")
        for what, t in zip(one, found, strict=True):
            if t.kind == "number" and what != "age":
                raise BadInput(f"{t.label}: is a number; a table takes categories, yes or no, and age in bands")
            chosen.setdefault(t.label, t)
        wanted.append(labels)
    return chosen, wanted


def _counted(
    made: Study, chosen: dict[str, Trait], bands: Bands
) -> tuple[dict[tuple[str, ...], int], dict[str, list[str]]]:
    """People by their values of all traits, and the values of each in the order in which they are read."""
    kept = table(made, list(chosen.values()))
    columns = [f"t{place}" for place in range(len(chosen))]
    rows = made.ask(kept.group_by(columns).aggregate(n=kept.count())).to_pylist()
    said = [_said(made, t, {row[c] for row in rows}, bands) for c, t in zip(columns, chosen.values(), strict=True)]
    people: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        people[tuple(say(row[c]) for c, say in zip(columns, said, strict=True))] += row["n"]
    order = {}
    for place, (label, one) in enumerate(chosen.items()):
        sizes: Counter[str] = Counter()
        for key, number in people.items():
            sizes[key[place]] += number
        fixed = bands.labels if one.kind == "number" else ["yes", "no"] if one.kind == "binary" else []
        frequent = sorted(sizes, key=lambda value: (value == MISSING, -sizes[value], value))
        order[label] = [v for v in fixed if v in sizes] + [v for v in frequent if v not in fixed]
    return dict(people), order


def _said(made: Study, one: Trait, found: set[Any], bands: Bands) -> Callable[[Any], str]:
    if one.kind == "number":
        return lambda years: (None if years is None else bands.label(years)) or MISSING
    if one.kind == "binary":
        return lambda value: "yes" if value else "no"
    called = names(made.release, found - {None}) | {None: MISSING}
    return lambda value: called[value]


def _table(by: tuple[str, ...], order: dict[str, list[str]], shown: dict[Cell, Count]) -> Crosstab:
    rows = _rows(by, order)
    counts = [shown[tuple(sorted((name, v) for name, v in zip(by, row, strict=True) if v != ALL))] for row in rows]
    columns: dict[str, Any] = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(by)}
    columns["persons"] = pa.array([count.persons for count in counts], pa.int64())
    columns["suppressed"] = pa.array([count.suppressed for count in counts], pa.bool_())
    return Crosstab(pa.table(columns), by)


def _rows(by: tuple[str, ...], order: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """Every combination of values, totals last in each."""
    rows: list[tuple[str, ...]] = [()]
    for name in by:
        rows = [(*row, value) for row in rows for value in (*order[name], ALL)]
    return rows
