"""From a definition to one Ibis expression: who is looked at, and for each group whether it holds.

A unit is a person or, where the definition has an index event, a person with one such event: every group is judged for
that event, and a person is in if any of their index events is.
"""

from dataclasses import dataclass
from functools import reduce
from operator import and_

import ibis
import ibis.expr.types as ir

from commonweal.commons.cohort import happenings, judging, relations
from commonweal.commons.cohort.definition import Definition, Index
from commonweal.commons.cohort.people import people
from commonweal.commons.release import Release


@dataclass(frozen=True)
class Compiled:
    """`judged`: one row a unit; `holds`: of each step, in order, whether it holds for the unit: the index step (if any),
    each include group, each exclude group."""

    judged: ir.Table
    holds: list[ir.BooleanValue]
    keep: str = "all"

    @property
    def members(self) -> ir.Table:
        """person_id (and index_date) of units that passed every step; of a person's several dates those to keep."""
        kept = self.judged.filter(self.holds) if self.holds else self.judged
        if "index_date" not in kept.columns:
            return kept[["person_id"]].distinct()
        if self.keep == "all":
            return kept[["person_id", "index_date"]].distinct()
        day = kept.index_date.min() if self.keep == "first" else kept.index_date.max()
        return kept.group_by("person_id").aggregate(index_date=day)

    @property
    def flagged(self) -> ir.Table:
        """One row a unit: person_id, (index_id, index_date,) and s0, s1, …: whether it is still in after each step."""
        shown = [c for c in ("person_id", "index_id", "index_date") if c in self.judged.columns]
        cumulative = {f"s{i}": reduce(and_, self.holds[: i + 1]) for i in range(self.steps)}
        return self.judged.select(*shown, **cumulative)

    @property
    def steps(self) -> int:
        return len(self.holds)

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
    units = _units(release, definition.index)
    judge = judging.Judge(release, units)
    include = [judge.any(group.any) for group in definition.include]
    exclude = [judge.any(group.any) for group in definition.exclude]
    joined = judge.table
    holds = [*([ibis.literal(True)] if definition.index else [])]
    holds += [test(joined) for test in include] + [~test(joined) for test in exclude]
    return Compiled(joined, holds, definition.index.keep if definition.index else "all")


def _units(release: Release, index: Index | None) -> ir.Table:
    everybody = people(release)
    if index is None:
        return everybody
    found = happenings.events(release, index.of, everybody)
    found = found.semi_join(happenings.enough(found, index.of, ["person_id"]), "person_id")
    if index.which != "all":
        found = happenings.pick(found, index.which)
    number = found.event_id if index.of.type != "any_event" else relations.numbered(found)
    dated = found.select("person_id", index_id=number, index_date="start", index_end="end", index_visit="visit_id")
    return everybody.join(dated, "person_id")
