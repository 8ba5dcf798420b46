"""Rows of a table of the release as events under our names, and conditions on what such a row holds."""

from functools import reduce
from operator import and_

import ibis
import ibis.expr.types as ir

from commonweal.commons.cohort import signals
from commonweal.commons.cohort.criteria import ConceptCriterion, EventCriterion, WearableCriterion
from commonweal.commons.cohort.domains import DOMAINS, Domain
from commonweal.commons.cohort.people import in_bounds
from commonweal.commons.cohort.ranges import Column, Value
from commonweal.commons.release import Release
from commonweal.errors import BadInput


def of_table(release: Release, criterion: EventCriterion) -> ir.Table:
    """Events of the right kind before any condition: person_id, event_id, start (never null), end, visit_id, concept
    and what `with_values` needs."""
    if isinstance(criterion, WearableCriterion):
        return signals.days(release, criterion.signal)
    assert isinstance(criterion, ConceptCriterion)
    domain = DOMAINS[criterion.type]
    if not release.has(domain.table):
        raise BadInput(f"{criterion.type}: release {release.name} has no table {domain.table}; leave the criterion out")
    return _of_concepts(release, domain, criterion)


def with_values(release: Release, found: ir.Table, criterion: EventCriterion) -> ir.Table:
    """Those of the events whose value, further columns and visit are as asked."""
    if criterion.value is not None:
        found = _with_value(found, criterion.value)
    if not isinstance(criterion, ConceptCriterion):
        return found
    for number, asked in enumerate(criterion.columns):
        found = found.filter(_column_holds(release, found[f"column{number}"], asked))
    return found if criterion.visit is None else _in_visits(release, found, criterion)


def among(release: Release, column: ir.IntegerValue, ids: list[int], descendants: bool) -> ir.BooleanValue:
    """Whether a concept is one of these, or (with descendants) below one of them."""
    if not descendants:
        return column.isin(ids)
    ancestors = release.vocabulary.ancestors
    below = ancestors.filter(ancestors.ancestor_concept_id.isin(ids)).descendant_concept_id
    return column.isin(ids) | column.isin(below)


def _of_concepts(release: Release, domain: Domain, criterion: ConceptCriterion) -> ir.Table:
    table = release.table(domain.table)
    name = str(domain.source_concept if criterion.source else domain.concept)
    values = {} if criterion.value is None else _of_value(table, criterion.type, criterion.value)
    for column in (name, *(asked.column for asked in criterion.columns), *values.values()):
        if column not in table.columns:
            raise BadInput(f"{criterion.type}: table {domain.table} of release {release.name} has no column {column}")
    kept = table.filter([table[domain.start].notnull(), *_concepts_hold(release, table[name], criterion)])
    visit = kept.visit_occurrence_id if "visit_occurrence_id" in table.columns else ibis.null("int64")
    columns = {
        "person_id": kept.person_id,
        "event_id": kept[domain.id],
        "start": kept[domain.start],
        "end": _end(kept, domain, criterion),
        "visit_id": visit,
        "concept": kept[name],
    }
    columns |= {f"column{number}": kept[asked.column] for number, asked in enumerate(criterion.columns)}
    if criterion.type == "visit":
        columns["visit_concept"] = kept.visit_concept_id
    columns |= {ours: kept[column] for ours, column in values.items()}
    return kept.select(**columns)


def _concepts_hold(release: Release, column: ir.IntegerValue, c: ConceptCriterion) -> list[ir.BooleanValue]:
    if c.any_concept:
        return []
    conditions = []
    if c.concepts is None:
        conditions.append(column.isin(c.alone or []))
    else:
        wanted = among(release, column, c.concepts, c.descendants)
        conditions.append(wanted if c.alone is None else wanted | column.isin(c.alone))
    if c.excluded is not None:
        conditions.append(~among(release, column, c.excluded, descendants=True))
    if c.excluded_alone is not None:
        conditions.append(~column.isin(c.excluded_alone))
    return conditions


def _end(rows: ir.Table, domain: Domain, criterion: ConceptCriterion) -> ir.DateValue:
    """The end date; of a type without one the start. With `next_day`, where none is recorded: for a drug the start and
    its days of supply, else the day after the start (the convention of OHDSI's cohort tools)."""
    recorded = rows[domain.end] if domain.end and domain.end in rows.columns else None
    start = rows[domain.start]
    if criterion.no_end == "unknown":
        return start if recorded is None else recorded
    choices = [] if recorded is None else [recorded]
    if criterion.type == "drug" and "days_supply" in rows.columns:
        choices.append((start + rows.days_supply.as_interval("D")).cast("date"))
    return ibis.coalesce(*choices, (start + ibis.interval(days=1)).cast("date"))


def _of_value(table: ir.Table, kind: str, value: Value) -> dict[str, str]:
    """The columns that a condition on a value reads, by our names for them."""
    coded = kind == "survey" and "value_source_concept_id" in table.columns
    asked = {"number": (value.bounded, "value_as_number"), "unit": (value.units is not None, "unit_concept_id")}
    asked["answer"] = value.concepts is not None, "value_source_concept_id" if coded else "value_as_concept_id"
    return {ours: column for ours, (needed, column) in asked.items() if needed}


def _with_value(found: ir.Table, value: Value) -> ir.Table:
    holds = [in_bounds(found.number, value)] if value.bounded else []
    if value.units is not None:
        holds.append(found.unit.isin(value.units))
    if value.concepts is not None:
        holds.append(found.answer.isin(value.concepts))
    return found.filter(reduce(and_, holds))


def _column_holds(release: Release, column: ir.Value, asked: Column) -> ir.BooleanValue:
    if asked.concepts is None:
        return in_bounds(column, asked)
    found = among(release, column, asked.concepts, asked.descendants)
    return column.notnull() & ~found if asked.except_ else found


def _in_visits(release: Release, found: ir.Table, criterion: ConceptCriterion) -> ir.Table:
    wanted = criterion.visit or []
    if criterion.type == "visit":
        return found.filter(found.visit_concept.isin(wanted))
    if not release.has("visit_occurrence"):
        raise BadInput(f"visit: release {release.name} has no table visit_occurrence; leave it out")
    visits = release.table("visit_occurrence")
    chosen = visits.filter(visits.visit_concept_id.isin(wanted)).select(visit_id="visit_occurrence_id")
    return found.semi_join(chosen, "visit_id")
