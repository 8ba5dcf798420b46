"""What people of each group have of a trait: numbers summed up, categories counted; all by the engine."""

import math
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from commonweal.commons.analysis.traits import MISSING, Trait, names
from commonweal.commons.analysis.units import Study


@dataclass(frozen=True)
class Numbers:
    """Of the `known` values: mean, sample standard deviation (0 for a single value), quartiles."""

    known: int
    mean: float | None
    sd: float | None
    q1: float | None
    median: float | None
    q3: float | None


@dataclass(frozen=True)
class Summary:
    """Of one trait in one group: `counts` by value add up to everybody; `numbers` where it is a number."""

    counts: dict[str, int]
    numbers: Numbers | None = None


def summaries(study: Study, table: ir.Table, made: list[Trait]) -> list[list[Summary]]:
    """For each trait, for each group."""
    return [_of(study, table, f"t{place}", one) for place, one in enumerate(made)]


def _of(study: Study, table: ir.Table, column: str, one: Trait) -> list[Summary]:
    return _numbers(study, table, column) if one.kind == "number" else _counts(study, table, column, one.kind)


def _numbers(study: Study, table: ir.Table, column: str) -> list[Summary]:
    value = table[column].cast("float64")
    value = ibis.ifelse(value.isnan() | value.isinf(), None, value)
    asked = table.group_by("group").aggregate(
        everybody=table.count(),
        known=value.count(),
        mean=value.mean(),
        sd=value.std(how="sample"),
        q=value.quantile([0.25, 0.5, 0.75]),
    )
    found = {row["group"]: row for row in study.ask(asked).to_pylist()}
    return [_summed(found[group]) for group in range(len(study.names))]


def _summed(row: dict[str, Any]) -> Summary:
    known = row["known"]
    q1, median, q3 = row["q"] or (None, None, None)
    sd = row["sd"] if known > 1 and not math.isnan(row["sd"]) else 0.0 if known else None
    return Summary({"known": known, MISSING: row["everybody"] - known}, Numbers(known, row["mean"], sd, q1, median, q3))


def _counts(study: Study, table: ir.Table, column: str, kind: str) -> list[Summary]:
    """Every group has every value that any group has, most frequent first; what is missing comes last."""
    rows = study.ask(table.group_by(["group", column]).aggregate(n=table.count())).to_pylist()
    if kind == "binary":
        order: list[Any] = [True, False]
        said: dict[Any, str] = {True: "yes", False: "no"}
    else:
        totals: dict[Any, int] = {}
        for row in rows:
            totals[row[column]] = totals.get(row[column], 0) + row["n"]
        said = names(study.release, {v for v in totals if v is not None}) | {None: MISSING}
        order = sorted(totals, key=lambda v: (v is None, -totals[v], v or 0))
    found = {(row["group"], row[column]): row["n"] for row in rows}
    return [Summary({said[v]: found.get((g, v), 0) for v in order}) for g in range(len(study.names))]
