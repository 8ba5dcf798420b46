"""From a definition to one Ibis expression: who is looked at, and for each group whether it holds.

A unit is a person or, where the definition has an index event, a person with one such event: every group is judged for
that event, and a person is in if any of their index events is.
"""

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import ibis
import ibis.expr.types as ir

from commonweal.commons.cohort.criteria import CohortCriterion, EventCriterion, PersonCriterion
from commonweal.commons.cohort.definition import Definition
from commonweal.commons.cohort.happenings import enough, events, pick
from commonweal.commons.cohort.people import matching, people
from commonweal.commons.release import Release


@dataclass(frozen=True)
class Compiled:
    """`flagged`: one row a unit: person_id, (index_id, index_date,) and s0, s1, …: whether it is still in after the
    index step (if any), each include group and each exclude group, in this order."""

    flagged: ir.Table
    steps: int

    @property
    def members(self) -> ir.Table:
        """person_id (and index_date) of units that passed every step."""
        table = self.flagged
        kept = table.filter(table[f"s{self.steps - 1}"]) if self.steps else table
        columns = ["person_id", *(["index_date"] if "index_date" in kept.columns else [])]
        return kept[columns].distinct()

    @property
    def counts(self) -> ir.Table:
        """One row: how many people (not units) are left after each step; the last column is the size of the cohort."""
        table = self.flagged
        single = "index_id" not in table.columns  # then a unit is a person, and counting is enough
        columns = [table[f"s{i}"] for i in range(self.steps)]
        left = {
            f"n{i}": c.sum().fill_null(0) if single else table.person_id.nunique(where=c) for i, c in enumerate(columns)
        }
        return table.aggregate(**(left or {"n0": table.person_id.nunique()}))


def compile_definition(release: Release, definition: Definition) -> Compiled:
    """Raises BadInput where the release has no table that the definition needs."""
    units = _units(release, definition)
    joined, groups = units, []
    for group in (*definition.include, *definition.exclude):
        marks = []
        for criterion in group.any:
            found, keys, negated = _found(release, units, criterion)
            number = sum(len(g) for g in groups) + len(marks)
            hits = found.rename({f"c{number}_{key}": key for key in keys})
            joined = joined.left_join(hits, [(key, f"c{number}_{key}") for key in keys])
            marks.append((f"c{number}_person_id", negated))
        groups.append(marks)
    holds = [reduce(or_, [_mark(joined, name, negated) for name, negated in marks]) for marks in groups]
    kept = len(definition.include)
    steps = [*([ibis.literal(True)] if definition.index else []), *holds[:kept], *(~h for h in holds[kept:])]
    shown = [c for c in ("person_id", "index_id", "index_date") if c in units.columns]
    cumulative = {f"s{i}": reduce(and_, steps[: i + 1]) for i in range(len(steps))}
    return Compiled(joined.select(*shown, **cumulative), len(steps))


def _mark(joined: ir.Table, name: str, negated: bool) -> ir.BooleanValue:
    return joined[name].isnull() if negated else joined[name].notnull()


def _units(release: Release, definition: Definition) -> ir.Table:
    """person_id, birth (, index_id, index_date)."""
    everybody = people(release)
    if definition.index is None:
        return everybody
    of = definition.index.of
    found = events(release, of, everybody)
    found = found.semi_join(enough(found, of, ["person_id"]), "person_id")
    if definition.index.which != "all":
        found = pick(found, definition.index.which)
    dated = found.select("person_id", index_id="event_id", index_date="start")
    return everybody.join(dated, "person_id").select("person_id", "birth", "index_id", "index_date")


def _found(release: Release, units: ir.Table, criterion: object) -> tuple[ir.Table, list[str], bool]:
    """Distinct keys of the units for which a criterion holds, or (True) for which it does not."""
    indexed = ["person_id", "index_id"] if "index_id" in units.columns else ["person_id"]
    if isinstance(criterion, PersonCriterion):
        return matching(release, units, criterion)[indexed].distinct(), indexed, False
    if isinstance(criterion, CohortCriterion):
        return compile_definition(release, criterion.definition).members[["person_id"]].distinct(), ["person_id"], False
    assert isinstance(criterion, EventCriterion)
    found = events(release, criterion, units)
    keys = ["person_id", *(["index_id"] if "index_id" in found.columns else [])]
    if not criterion.allows_none:
        return enough(found, criterion, keys), keys, False
    if criterion.at_most is None:  # at least 0: holds for everyone
        return units[["person_id"]].distinct(), ["person_id"], False
    more = criterion.model_copy(update={"at_least": criterion.at_most + 1, "at_most": None})
    return enough(found, more, keys), keys, True
