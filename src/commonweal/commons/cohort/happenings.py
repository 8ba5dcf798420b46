"""Criteria about events: from a table of the release to the events that are left, in the order of the contract."""

import ibis
import ibis.expr.types as ir

from commonweal.commons.cohort import signals
from commonweal.commons.cohort.criteria import ConceptCriterion, EventCriterion, Value, WearableCriterion
from commonweal.commons.cohort.domains import DOMAINS, Domain
from commonweal.commons.cohort.people import completed_years, in_range, people
from commonweal.commons.release import Release
from commonweal.errors import BadInput


def events(release: Release, criterion: EventCriterion, units: ir.Table) -> ir.Table:
    """Events that satisfy a criterion: person_id, event_id, start, visit_id and, where it speaks of the index event,
    index_id. Pick comes first, then every condition; `at_least` and `at_most` are left to `enough`."""
    found = _base(release, criterion)
    if criterion.pick != "any":
        found = pick(found, criterion.pick)
    found = _plain_conditions(release, found, criterion)
    if criterion.within is not None:
        found = _within(release, found, criterion, units)
    if isinstance(criterion, ConceptCriterion) and criterion.same_visit is not None:
        found = _same_visit(release, found, criterion.same_visit, units)
    keys = ["index_id"] if "index_id" in found.columns else []
    return found[["person_id", "event_id", "start", "visit_id", *keys]]


def enough(found: ir.Table, criterion: EventCriterion, keys: list[str]) -> ir.Table:
    """Keys of those whose number of distinct dates lies between `at_least` (or 1) and `at_most`."""
    least, most = max(criterion.at_least, 1), criterion.at_most
    if least == 1 and not most:
        return found[keys].distinct()
    counted = found.group_by(keys).aggregate(dates=found.start.nunique())
    return counted.filter(in_range(counted.dates, least, most or None))[keys]


def pick(found: ir.Table, which: str) -> ir.Table:
    """Each person's first or last event by day; of several on that day the one with the smallest row id."""
    day = found.start if which == "first" else found.start.desc()
    window = ibis.window(group_by="person_id", order_by=[day, found.event_id])
    ranked = found.mutate(place=ibis.row_number().over(window))
    return ranked.filter(ranked.place == 0).drop("place")


def concept_filter(release: Release, column: ir.IntegerValue, ids: list[int], descendants: bool) -> ir.BooleanValue:
    if not descendants:
        return column.isin(ids)
    ancestors = release.vocabulary.ancestors
    below = ancestors.filter(ancestors.ancestor_concept_id.isin(ids)).descendant_concept_id
    return column.isin(ids) | column.isin(below)


def _base(release: Release, criterion: EventCriterion) -> ir.Table:
    """Events of a criterion before any of its conditions, under our names."""
    if isinstance(criterion, WearableCriterion):
        return signals.days(release, criterion)
    assert isinstance(criterion, ConceptCriterion)
    domain = DOMAINS[criterion.type]
    if not release.has(domain.table):
        raise BadInput(f"{criterion.type}: release {release.name} has no table {domain.table}; leave the criterion out")
    return _of_concepts(release, domain, criterion)


def _of_concepts(release: Release, domain: Domain, criterion: ConceptCriterion) -> ir.Table:
    """Events of the right concept that have a start date, with the columns that conditions need, under our names."""
    table = release.table(domain.table)
    column = domain.source_concept if criterion.source else domain.concept
    if column not in table.columns:
        raise BadInput(f"{criterion.type}: table {domain.table} of release {release.name} has no column {column}")
    ids = table.filter(concept_filter(release, table[column], criterion.concepts, criterion.descendants))
    end = ids[domain.end] if domain.end and domain.end in table.columns else ids[domain.start]
    visit = ids.visit_occurrence_id if "visit_occurrence_id" in table.columns else ibis.null("int64")
    columns = {
        "person_id": ids.person_id,
        "event_id": ids[domain.id],
        "start": ids[domain.start],
        "end": end,
        "visit_id": visit,
    }
    if criterion.type == "visit":
        columns["visit_concept"] = ids.visit_concept_id
    if criterion.value is not None:
        columns |= {"number": ids.value_as_number, "unit": ids.unit_concept_id, "answer": _answer(ids, criterion.type)}
    return ids.select(**columns).filter(ids[domain.start].notnull())


def _answer(table: ir.Table, kind: str) -> ir.IntegerValue:
    if kind == "survey" and "value_source_concept_id" in table.columns:
        return table.value_source_concept_id
    return table.value_as_concept_id


def _plain_conditions(release: Release, found: ir.Table, criterion: EventCriterion) -> ir.Table:
    if criterion.age is not None:
        born = found.join(people(release), "person_id")
        years = completed_years(born.birth, born.start)
        found = born.filter(in_range(years, criterion.age.min, criterion.age.max))
    if criterion.start is not None:
        found = found.filter(in_range(found.start, criterion.start.from_, criterion.start.to))
    if criterion.end is not None:
        found = found.filter(in_range(found.end, criterion.end.from_, criterion.end.to))
    if criterion.value is not None:
        found = _with_value(found, criterion.value)
    if isinstance(criterion, ConceptCriterion) and criterion.visit is not None:
        found = _in_visits(release, found, criterion)
    return found


def _with_value(found: ir.Table, value: Value) -> ir.Table:
    if value.min is not None or value.max is not None:
        found = found.filter(in_range(found.number, value.min, value.max))
    if value.units is not None:
        found = found.filter(found.unit.isin(value.units))
    if value.concepts is not None:
        found = found.filter(found.answer.isin(value.concepts))
    return found


def _in_visits(release: Release, found: ir.Table, criterion: ConceptCriterion) -> ir.Table:
    wanted = criterion.visit or []
    if criterion.type == "visit":
        return found.filter(found.visit_concept.isin(wanted))
    if not release.has("visit_occurrence"):
        raise BadInput(f"visit: release {release.name} has no table visit_occurrence; leave it out")
    visits = release.table("visit_occurrence")
    chosen = visits.filter(visits.visit_concept_id.isin(wanted)).select(visit_id="visit_occurrence_id")
    return found.semi_join(chosen, "visit_id")


def _others(release: Release, criterion: EventCriterion, units: ir.Table) -> ir.Table:
    """Events of a criterion inside another one, of the people for whom it holds, under names of their own."""
    found = events(release, criterion, units)
    keys = ["person_id", *(["index_id"] if "index_id" in found.columns else [])]
    if criterion.at_least > 1 or criterion.at_most is not None:
        found = found.semi_join(enough(found, criterion, keys), keys)
    return found.rename(other_start="start", other_visit="visit_id", other_event="event_id")


def _within(release: Release, found: ir.Table, criterion: EventCriterion, units: ir.Table) -> ir.Table:
    """Events with at least one other the given number of days away."""
    assert criterion.within is not None
    low, high = criterion.within.days
    if isinstance(criterion.within.of, str):
        others = units[["person_id", "index_id", "index_date"]].rename(other_start="index_date")
    else:
        others = _others(release, criterion.within.of, units)
    joined = found.join(others, _keys(found, others))
    days = joined.start.delta(joined.other_start, unit="day")
    return _once(joined.filter(in_range(days, low, high)), found)


def _same_visit(release: Release, found: ir.Table, other: ConceptCriterion, units: ir.Table) -> ir.Table:
    others = _others(release, other, units)
    joined = found.join(others, _keys(found, others))
    return _once(joined.filter(joined.visit_id == joined.other_visit), found)


def _keys(left: ir.Table, right: ir.Table) -> list[str]:
    return ["person_id", *(["index_id"] if "index_id" in left.columns and "index_id" in right.columns else [])]


def _once(joined: ir.Table, found: ir.Table) -> ir.Table:
    """Each event once (for each index event), however many others it was joined to."""
    keys = ["index_id"] if "index_id" in joined.columns else []
    return joined[[*(c for c in found.columns if c != "index_id"), *keys]].distinct()
