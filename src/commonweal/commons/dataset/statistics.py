"""The statistics of a feature: what is aggregated while a table is read, and what is made of it afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from commonweal.commons.dataset import events as source
from commonweal.commons.dataset.events import Events
from commonweal.commons.dataset.values import FeatureValue
from commonweal.commons.release import Release
from commonweal.errors import BadInput


@dataclass(frozen=True)
class Statistic:
    """`aggregate`: over the rows that count. `is_concept`: whether a concept comes out, which has a name."""

    aggregate: ir.Scalar
    is_concept: bool = False


def statistic(
    release: Release, rows: ir.Table, feature: FeatureValue, events: Events, holds: ir.BooleanValue | None
) -> Statistic:
    """Raises BadInput where the column is not there, or is not one for this statistic."""
    start = rows[events.start]
    if feature.statistic in ("count", "exists"):
        return Statistic(rows.count(where=holds))
    if feature.statistic == "days_since":
        return Statistic(start.max(where=holds) if feature.pick == "last" else start.min(where=holds))
    name = _column(release, feature, events)
    value = rows[name]
    is_concept = name.endswith("_concept_id") and feature.statistic != "mean"
    if feature.statistic in ("min", "max", "mean"):
        _check_type(feature, events, name, value)
        return Statistic(getattr(value, feature.statistic)(where=holds), is_concept and feature.statistic != "mean")
    if name == events.start and feature.statistic != "nearest":
        return Statistic(start.min(where=holds) if feature.statistic == "first" else start.max(where=holds))
    return Statistic(_picked(rows, feature, events, value, holds), is_concept)


def finished(joined: ir.Table, feature: FeatureValue) -> ir.Value:
    """The column as it is shown: of somebody without any event a count is 0, and every other statistic empty."""
    column = joined[feature.name]
    if feature.statistic == "count":
        return column.fill_null(0)
    if feature.statistic == "exists":
        return column.fill_null(0) > 0
    if feature.statistic == "days_since":
        return joined.index_date.delta(column, unit="day")
    return column


def _picked(
    rows: ir.Table, feature: FeatureValue, events: Events, value: ir.Value, holds: ir.BooleanValue | None
) -> ir.Value:
    """Of the events that have a value, that of the first, last or nearest; of several on one day, of the smallest row id.

    Day and row id make one number, so that the engine keeps two numbers for each person, however many rows there are.
    """
    if events.id is None or events.id not in rows.columns:
        raise BadInput(
            f"{feature.title}: table {events.table} has no row ids, so none of a day's rows comes first; use min or max"
        )
    day = rows[events.start].delta(ibis.date(1970, 1, 1), unit="day")
    if feature.statistic == "nearest":  # of two as near, the earlier
        day = rows.dataset_days.abs() * 2 + (rows.dataset_days > 0).cast("int64")
    order = -day if feature.statistic == "last" else day
    there = value.notnull() if holds is None else holds & value.notnull()
    return _arg_min(value)(value, order * _factorial(21) + rows[events.id], where=there)


@ibis.udf.scalar.builtin(name="factorial")
def _factorial(number: int) -> dt.Decimal(38, 0):  # type: ignore[valid-type]
    """Of 21: 5.1e19, the first that is larger than any row id; DuckDB gives it 128 bits."""


@cache
def _arg_min_of(kind: dt.DataType) -> Callable[..., ir.Value]:
    def arg_min(value, key):  # type: ignore[no-untyped-def]
        """DuckDB's own. The one that Ibis makes sorts all rows of a person first: twice the time, and unbounded memory."""

    arg_min.__annotations__ = {"value": kind, "key": dt.Decimal(38, 0), "return": kind}
    return ibis.udf.agg.builtin(arg_min)


def _arg_min(value: ir.Value) -> Callable[..., ir.Value]:
    return _arg_min_of(value.type())


def _column(release: Release, feature: FeatureValue, events: Events) -> str:
    if feature.column is not None:
        return source.column(release, events, feature, feature.column)
    name = events.default
    assert name is not None
    if events.signal is None and not release.has(events.table, name):
        raise BadInput(f"{feature.title}: table {events.table} of release {release.name} has no column {name}")
    return name


def _check_type(feature: FeatureValue, events: Events, name: str, value: ir.Value) -> None:
    kind = value.type()
    if feature.statistic == "mean" and not kind.is_numeric():
        raise BadInput(f"{feature.title}: column {name} of {events.table} has no mean; name a column of numbers")
    if name.endswith(("_concept_id", "_id")):
        raise BadInput(f"{feature.title}: {feature.statistic} of ids says nothing; name a column of numbers or days")
