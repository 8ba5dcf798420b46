"""Features: one row a person (and index event), whatever is asked of a table read from it in one pass."""

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import ibis.expr.types as ir

from commonweal.commons.cohort.people import in_range
from commonweal.commons.dataset import events as source
from commonweal.commons.dataset import persons, statistics
from commonweal.commons.dataset.definition import DatasetDefinition
from commonweal.commons.dataset.events import Events
from commonweal.commons.dataset.names import name_of, with_names
from commonweal.commons.dataset.sets import SetTables
from commonweal.commons.dataset.statistics import Statistic
from commonweal.commons.dataset.values import FeatureValue, PersonValue
from commonweal.commons.release import Release
from commonweal.errors import BadInput


@dataclass(frozen=True)
class _Pass:
    """Features that are read from one table together; `sources` are theirs, in the same order."""

    features: list[FeatureValue]
    sources: list[Events]


def features(release: Release, made: DatasetDefinition, units: ir.Table, sets: SetTables) -> ir.Table:
    """person_id (, index_date), then each value in the order of the definition, its name beside a concept."""
    of_person = [v for v in made.wide if isinstance(v, PersonValue)]
    joined, known = persons.joined_to_person(release, units, of_person), dict[str, Statistic]()
    for number, one in enumerate(_passes(release, made)):
        found = _aggregated(release, one, units, sets, known)
        found = found.rename({f"dataset_key_{number}_{key}": key for key in units.columns})
        joined = joined.left_join(found, [(key, f"dataset_key_{number}_{key}") for key in units.columns])
    shown = [_shown(joined, v).name(v.title) for v in made.wide]
    named = [v.title for v in made.wide if v.names and _tells_concept(v, known)]
    _check_names([v.title for v in made.wide], named)
    table = with_names(release, joined.select(*units.columns, *shown), named)
    columns = list(units.columns)
    for value in made.wide:
        columns += [value.title, *([name_of(value.title)] if value.title in named else [])]
    return table.select(*columns).order_by(units.columns)


def _shown(joined: ir.Table, value: PersonValue | FeatureValue) -> ir.Value:
    if isinstance(value, PersonValue):
        return persons.finished(joined, value)
    return statistics.finished(joined, value)


def _tells_concept(value: PersonValue | FeatureValue, known: dict[str, Statistic]) -> bool:
    return persons.is_concept(value) if isinstance(value, PersonValue) else known[value.title].is_concept


def _check_names(titles: list[str], named: list[str]) -> None:
    """A name beside a concept must not be the title of another value."""
    taken = {title.lower() for title in titles}
    clash = next((title for title in named if name_of(title).lower() in taken), None)
    if clash is not None:
        raise BadInput(
            f'{clash}: the concept\'s name goes into {name_of(clash)}, which is taken; rename one, or "names": false'
        )


def _passes(release: Release, made: DatasetDefinition) -> list[_Pass]:
    found: dict[str, _Pass] = {}
    for value in made.wide:
        if isinstance(value, FeatureValue):
            events = source.of(release, value, made.set_of(value.set) if value.set is not None else None)
            if events.start is None:
                raise BadInput(f"{value.title}: table {events.table} has no date; features are told of what has one")
            one = found.setdefault(events.key, _Pass([], []))
            one.features.append(value)
            one.sources.append(events)
    return list(found.values())


def _aggregated(
    release: Release, one: _Pass, units: ir.Table, sets: SetTables, known: dict[str, Statistic]
) -> ir.Table:
    """The statistics of one pass by person (and index event); adds to `known` how each came about."""
    rows, marks = _marked(release, one, units, sets)
    told = {
        f.name: statistics.statistic(release, rows, f, s, _condition(rows, f, s, marks))
        for f, s in zip(one.features, one.sources, strict=True)
    }
    known |= told
    return rows.group_by(list(units.columns)).aggregate(**{name: t.aggregate for name, t in told.items()})


def _marked(
    release: Release, one: _Pass, units: ir.Table, sets: SetTables
) -> tuple[ir.Table, dict[tuple[str, str], str]]:
    """The rows that any feature of a pass asks for, of the people of the dataset, and the column that tells of each
    (concept column, set) whether a row is in it."""
    first = one.sources[0]
    assert first.start is not None
    rows = first.rows(release)
    rows = rows.filter(rows[first.start].notnull())
    by_column: dict[str, list[str]] = {}
    for feature, events in zip(one.features, one.sources, strict=True):
        if events.concept is not None and feature.set is not None:
            names = by_column.setdefault(events.concept, [])
            names += [feature.set] if feature.set not in names else []
    everything = any(feature.set is None for feature in one.features)
    marks: dict[tuple[str, str], str] = {}
    for column, names in by_column.items():
        chosen, columns = sets.add(names)
        prefix = f"dataset_{column}_"
        chosen = chosen.rename({prefix + c: c for c in chosen.columns})
        join = rows.left_join if everything or len(by_column) > 1 else rows.join
        rows = join(chosen, [(column, f"{prefix}concept_id")])
        marks |= {(column, name): prefix + columns[name] for name in names}
    if by_column and not everything and len(by_column) > 1:
        rows = rows.filter(reduce(or_, [rows[f"dataset_{c}_concept_id"].notnull() for c in by_column]))
    rows = rows.join(units.rename(dataset_person="person_id"), [("person_id", "dataset_person")])
    if "index_date" in units.columns:
        rows = rows.mutate(dataset_days=rows[first.start].delta(rows.index_date, unit="day"))
        rows = _in_any_window(rows, one.features)
    return rows, marks


def _in_any_window(rows: ir.Table, asked: list[FeatureValue]) -> ir.Table:
    """Without the rows that lie outside of every window."""
    windows = [f.days or [None, None] for f in asked]
    low = None if any(w[0] is None for w in windows) else min(w[0] for w in windows if w[0] is not None)
    high = None if any(w[1] is None for w in windows) else max(w[1] for w in windows if w[1] is not None)
    return rows if low is None and high is None else rows.filter(in_range(rows.dataset_days, low, high))


def _condition(
    rows: ir.Table, feature: FeatureValue, events: Events, marks: dict[tuple[str, str], str]
) -> ir.BooleanValue | None:
    """Whether a row counts for a feature; None where every row does."""
    parts: list[ir.BooleanValue] = []
    if events.concept is not None and feature.set is not None:
        parts.append(rows[marks[events.concept, feature.set]])
    if feature.days is not None:
        parts.append(in_range(rows.dataset_days, *feature.days))
    if feature.value is not None:
        parts += _value(rows, feature, events)
    return reduce(and_, parts) if parts else None


def _value(rows: ir.Table, feature: FeatureValue, events: Events) -> list[ir.BooleanValue]:
    wanted, parts = feature.value, []
    assert wanted is not None
    number = "number" if events.signal else source.NUMBER
    needed = {
        number: wanted.min is not None or wanted.max is not None,
        "unit_concept_id": wanted.units is not None,
        events.answer or "value_as_concept_id": wanted.concepts is not None,
    }
    for column, asked in needed.items():
        if asked and column not in rows.columns:
            raise BadInput(f"{feature.title}: value: table {events.table} has no column {column}; leave it out")
    if needed[number]:
        parts.append(in_range(rows[number], wanted.min, wanted.max))
    if wanted.units is not None:
        parts.append(rows.unit_concept_id.isin(wanted.units))
    if wanted.concepts is not None:
        parts.append(rows[events.answer or "value_as_concept_id"].isin(wanted.concepts))
    return parts
