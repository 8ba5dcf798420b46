"""How an event lies to others: observed, within so many days, in the same visit, and what holds at it."""

import ibis
import ibis.expr.types as ir

from commonweal.commons.cohort import judging
from commonweal.commons.cohort.criteria import Criterion, Within
from commonweal.commons.cohort.people import in_range, people
from commonweal.commons.cohort.ranges import Observed
from commonweal.commons.release import Release
from commonweal.errors import BadInput


def periods(release: Release) -> ir.Table:
    """person_id, period_start, period_end: when somebody's care was recorded. Raises BadInput where no table says."""
    if not release.has("observation_period"):
        raise BadInput(f"observation period: release {release.name} has no table observation_period; leave it out")
    table = release.table("observation_period")
    return table.select(
        "person_id", period_start="observation_period_start_date", period_end="observation_period_end_date"
    )


def observed(release: Release, found: ir.Table, wanted: Observed) -> ir.Table:
    """Events in an observation period that reaches far enough before and after them."""
    near = found.join(periods(release), "person_id")
    since = near.start.delta(near.period_start, unit="day") >= wanted.before
    until = near.period_end.delta(near.start, unit="day") >= wanted.after
    return near.filter(since, until)[list(found.columns)].distinct()  # periods that overlap tell of an event twice


def within(release: Release, found: ir.Table, wanted: Within, units: ir.Table, others: ir.Table | None) -> ir.Table:
    """Events with at least one other (None: their index event) as many days away as said."""
    if others is None:
        others = units.select("person_id", "index_id", other_start="index_date", other_end="index_end")
    else:
        others = _under_other_names(others)
    joined = found.join(others, _keys(found, others))
    if wanted.days is not None:
        days = joined[wanted.this].delta(joined[f"other_{wanted.that}"], unit="day")
        joined = joined.filter(in_range(days, *wanted.days))
    if wanted.same_observation_period:
        joined = joined.join(periods(release), "person_id")
        inside = [
            day.between(joined.period_start, joined.period_end) for day in (joined[wanted.this], joined.other_start)
        ]
        joined = joined.filter(inside)
    return _once(joined, found)


def same_visit(found: ir.Table, units: ir.Table, others: ir.Table | None) -> ir.Table:
    """Events in a visit with at least one other (None: of their index event)."""
    if others is None:
        others = units.select("person_id", "index_id", other_visit="index_visit")
    else:
        others = _under_other_names(others)
    joined = found.join(others, _keys(found, others))
    return _once(joined.filter(joined.visit_id == joined.other_visit), found)


def where(release: Release, found: ir.Table, criteria: list[Criterion]) -> ir.Table:
    """Events at which all criteria hold: each event is the index event of its own criteria."""
    names = ["person_id", "event_id", "part"]
    own = found[[*names, "start", "end", "visit_id"]].distinct()
    units = own.join(people(release), "person_id").mutate(
        index_id=numbered(own), index_date=own.start, index_end=own.end, index_visit=own.visit_id
    )
    joined, holds = judging.judged(release, units, criteria)
    return found.semi_join(joined.filter(holds)[names], names)


def numbered(found: ir.Table) -> ir.IntegerColumn:
    """A number for each event of a person."""
    return ibis.row_number().over(ibis.window(group_by="person_id", order_by=["event_id", "part"]))


def _under_other_names(others: ir.Table) -> ir.Table:
    keys = ["index_id"] if "index_id" in others.columns else []
    return others.select("person_id", *keys, other_start="start", other_end="end", other_visit="visit_id")


def _keys(left: ir.Table, right: ir.Table) -> list[str]:
    return ["person_id", *(["index_id"] if "index_id" in left.columns and "index_id" in right.columns else [])]


def _once(joined: ir.Table, found: ir.Table) -> ir.Table:
    """Each event once (for each index event), however many others it was joined to."""
    keys = ["index_id"] if "index_id" in joined.columns else []
    return joined[[*(c for c in found.columns if c != "index_id"), *keys]].distinct()
