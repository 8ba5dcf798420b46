"""Which criteria hold for which units: one join for each criterion, then boolean arithmetic over what was found.

A unit is a person or, where there is an index event, a person with one such event: person_id, birth, birth_year (,
index_id, index_date, index_end, index_visit).
"""

from collections.abc import Callable
from functools import reduce
from operator import add, and_, or_

import ibis
import ibis.expr.types as ir

from commonweal.commons.cohort import compile as compiler
from commonweal.commons.cohort import genome, happenings
from commonweal.commons.cohort.criteria import (
    CohortCriterion,
    Criterion,
    EventCriterion,
    GenomeCriterion,
    GroupCriterion,
    IndexCriterion,
    PersonCriterion,
)
from commonweal.commons.cohort.people import in_range, matching
from commonweal.commons.release import Release

Test = Callable[[ir.Table], ir.BooleanValue]


class Judge:
    """`table`: the units, with marks of what was found for each; a test says of that table whether a criterion holds."""

    def __init__(self, release: Release, units: ir.Table) -> None:
        self.release, self.units, self.table = release, units, units
        self._marks = 0

    def any(self, criteria: list[Criterion]) -> Test:
        tests = [self.test(c) for c in criteria]
        return lambda table: reduce(or_, [test(table) for test in tests])

    def test(self, criterion: Criterion) -> Test:
        if isinstance(criterion, GroupCriterion):
            return _of_group(criterion, [self.test(c) for c in criterion.of])
        if isinstance(criterion, IndexCriterion):
            return lambda table: _index_holds(table, criterion)
        found, keys, negated = _found(self.release, self.units, criterion)
        mark = f"c{self._marks}"
        self._marks += 1
        hits = found.rename({f"{mark}_{key}": key for key in keys})
        self.table = self.table.left_join(hits, [(key, f"{mark}_{key}") for key in keys])
        name = f"{mark}_person_id"
        return lambda table: table[name].isnull() if negated else table[name].notnull()


def judged(release: Release, units: ir.Table, criteria: list[Criterion]) -> tuple[ir.Table, ir.BooleanValue]:
    """The units with marks, and whether all criteria hold for each."""
    judge = Judge(release, units)
    tests = [judge.test(c) for c in criteria]
    return judge.table, reduce(and_, [test(judge.table) for test in tests])


def _of_group(group: GroupCriterion, tests: list[Test]) -> Test:
    least, most = group.limits
    if least == len(tests):
        return lambda table: reduce(and_, [test(table) for test in tests])
    if (least, most) == (1, len(tests)):
        return lambda table: reduce(or_, [test(table) for test in tests])
    return lambda table: in_range(reduce(add, [ibis.ifelse(test(table), 1, 0) for test in tests]), least, most)


def _index_holds(table: ir.Table, criterion: IndexCriterion) -> ir.BooleanValue:
    holds = []
    for day, wanted in ((table.index_date, criterion.start), (table.index_end, criterion.end)):
        if wanted is not None:
            holds.append(in_range(day, wanted.from_, wanted.to).fill_null(False))
    return reduce(and_, holds)


def _found(release: Release, units: ir.Table, criterion: Criterion) -> tuple[ir.Table, list[str], bool]:
    """Distinct keys of the units for which a criterion holds, or (True) for which it does not."""
    indexed = ["person_id", *happenings.indexed(units)]
    if isinstance(criterion, PersonCriterion):
        return matching(release, units, criterion)[indexed].distinct(), indexed, False
    if isinstance(criterion, GenomeCriterion):
        return genome.matching(release, units, criterion)[indexed].distinct(), indexed, False
    if isinstance(criterion, CohortCriterion):
        members = compiler.compile_definition(release, criterion.definition).members
        return members[["person_id"]].distinct(), ["person_id"], False
    assert isinstance(criterion, EventCriterion)
    found = happenings.events(release, criterion, units)
    keys = ["person_id", *happenings.indexed(found)]
    if not criterion.allows_none:
        return happenings.enough(found, criterion, keys), keys, False
    if criterion.at_most is None:  # at least 0: holds for everyone
        return units[["person_id"]].distinct(), ["person_id"], False
    more = criterion.model_copy(update={"at_least": criterion.at_most + 1, "at_most": None})
    return happenings.enough(found, more, keys), keys, True
