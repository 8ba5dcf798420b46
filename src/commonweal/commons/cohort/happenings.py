"""Criteria about events: from a table of the release to the events that are left, in the order of the contract."""

import ibis
import ibis.expr.types as ir

from commonweal.commons.cohort import relations, rows
from commonweal.commons.cohort.criteria import AnyEventCriterion, ConceptCriterion, EventCriterion
from commonweal.commons.cohort.people import age, in_range, people
from commonweal.commons.release import Release

EVENT = ("person_id", "event_id", "part")  # what names an event; `part`: which member of an any_event it comes from
SHOWN = (*EVENT, "start", "end", "visit_id", "concept")


def events(release: Release, criterion: EventCriterion, units: ir.Table) -> ir.Table:
    """Events that satisfy a criterion: the columns of SHOWN and, where it speaks of the index event, index_id.

    Pick comes first, then every condition; `at_least` and `at_most` are left to `enough`.
    """
    found = _base(release, criterion, units)
    if criterion.pick != "any":
        found = pick(found, criterion.pick)
    found = _plain_conditions(release, found, criterion)
    if criterion.observed is not None:
        found = relations.observed(release, found, criterion.observed)
    for within in criterion.withins:
        others = None if isinstance(within.of, str) else others_of(release, within.of, units)
        found = relations.within(release, found, within, units, others)
    same = criterion.same_visit if isinstance(criterion, ConceptCriterion) else None
    if same is not None:
        others = None if isinstance(same, str) else others_of(release, same, units)
        found = relations.same_visit(found, units, others)
    if criterion.where:
        found = relations.where(release, found, criterion.where)
    return found[[*SHOWN, *indexed(found)]]


def enough(found: ir.Table, criterion: EventCriterion, keys: list[str]) -> ir.Table:
    """Keys of those whose number of what is counted lies between `at_least` (or 1) and `at_most`."""
    least, most = max(criterion.at_least, 1), criterion.at_most
    if least == 1 and not most and criterion.count in ("dates", "events"):
        return found[keys].distinct()
    counts = {"dates": found.start.nunique, "concepts": found.concept.nunique, "visits": found.visit_id.nunique}
    counted = found.group_by(keys).aggregate(times=counts.get(criterion.count, found.count)())
    return counted.filter(in_range(counted.times, least, most or None))[keys]


def pick(found: ir.Table, which: str) -> ir.Table:
    """Each person's first or last event by day; of several on that day the one with the smallest row id."""
    day = found.start if which == "first" else found.start.desc()
    window = ibis.window(group_by=["person_id", *indexed(found)], order_by=[day, found.event_id, found.part])
    ranked = found.mutate(place=ibis.row_number().over(window))
    return ranked.filter(ranked.place == 0).drop("place")


def indexed(found: ir.Table) -> list[str]:
    return ["index_id"] if "index_id" in found.columns else []


def others_of(release: Release, criterion: EventCriterion, units: ir.Table) -> ir.Table:
    """Events of a criterion inside another one, of the people for whom it holds."""
    found = events(release, criterion, units)
    keys = ["person_id", *indexed(found)]
    if criterion.at_least > 1 or criterion.at_most is not None or criterion.count in ("concepts", "visits"):
        found = found.semi_join(enough(found, criterion, keys), keys)
    return found


def _base(release: Release, criterion: EventCriterion, units: ir.Table) -> ir.Table:
    """Events of a criterion before any of its conditions, under our names."""
    if isinstance(criterion, AnyEventCriterion):
        return _of_any(release, criterion, units)
    return rows.of_table(release, criterion).mutate(part=ibis.literal(0, "int64"))


def _of_any(release: Release, criterion: AnyEventCriterion, units: ir.Table) -> ir.Table:
    """The events of all members; each for every index event, where one of the members speaks of it."""
    tables, before = [], 0
    for member in criterion.of:
        found = others_of(release, member, units)
        tables.append(found.mutate(part=found.part + before))
        before += _parts(member)
    if any(indexed(table) for table in tables):
        tables = [t if indexed(t) else t.join(units[["person_id", "index_id"]], "person_id") for t in tables]
    columns = [*SHOWN, *indexed(tables[0])]
    return ibis.union(*(table[columns] for table in tables)) if len(tables) > 1 else tables[0][columns]


def _parts(criterion: EventCriterion) -> int:
    return sum(map(_parts, criterion.of)) if isinstance(criterion, AnyEventCriterion) else 1


def _plain_conditions(release: Release, found: ir.Table, criterion: EventCriterion) -> ir.Table:
    if criterion.age is not None:
        born = found.join(people(release), "person_id")
        found = born.filter(age(born, born.start, criterion.age))[list(found.columns)]
    if criterion.start is not None:
        found = found.filter(in_range(found.start, criterion.start.from_, criterion.start.to))
    if criterion.end is not None:
        found = found.filter(in_range(found.end, criterion.end.from_, criterion.end.to))
    if criterion.length is not None:
        days = found.end.delta(found.start, unit="day")
        found = found.filter(in_range(days, criterion.length.min, criterion.length.max))
    return rows.with_values(release, found, criterion)
