"""Who is in a cohort, from the index: first what sets decide, then rows of those who are left."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from commonweal.commons.cohort.definition import Definition, Group
from commonweal.commons.genotypes import CallSets
from commonweal.commons.index import dates
from commonweal.commons.index.ages import Ages
from commonweal.commons.index.coverage import covers
from commonweal.commons.index.judging import Judge
from commonweal.commons.index.sets import People, everybody
from commonweal.commons.index.store import Index
from commonweal.commons.index.units import Units, asks_more_than_the_day


class Counter:
    """Answers definitions that the index covers (`covers`); may be used from several threads."""

    def __init__(self, index: Index, call_sets: CallSets) -> None:
        self.index, self.size = index, len(index.persons)
        self.ages = Ages(index.birth, index.year_of_birth)
        self._judge = Judge(index, self.ages, self.members, call_sets)
        self.events = self._judge.events

    def covers(self, definition: Definition) -> bool:
        return covers(self.index, definition)

    def people_with(self, kind: str, ids: Iterable[int]) -> dict[int, np.ndarray] | None:
        """Who (ordinals) has each of these concepts, or one below it; None where the index cannot tell."""
        store = self.index.stream("observation" if kind == "survey" else kind)
        by = "source" if kind == "survey" else "concept"
        if store is None or not store.has_families(by):
            return None
        return {concept: People(self.size, store.people(by, True).get(concept)).ordinals for concept in ids}

    def steps(self, definition: Definition) -> list[People]:
        """Who is left after each step: the index event (if any), each include group, each exclude group."""
        if definition.index is not None:
            return [units.people(self.size) for units in self._unit_steps(definition)]
        left, found = everybody(self.size), []
        for group in definition.include:
            left = self._judge.any(group.any, left)
            found.append(left)
        for group in definition.exclude:
            left = left.without(self._judge.any(group.any, left))
            found.append(left)
        return found

    def members(self, definition: Definition) -> People:
        """Who is in: the last of `steps`, with the groups that sets decide judged first."""
        if definition.index is not None:
            return self._units(definition).people(self.size)
        left = everybody(self.size)
        for group, wanted in self._cheapest_first(definition):
            held = self._judge.any(group.any, left)
            left = held if wanted else left.without(held)
        return left

    def table(self, definition: Definition) -> pa.Table:
        """person_id, and where there is an index event the index_date, of everybody who is in; each pair once."""
        if definition.index is None:
            return pa.table({"person_id": self.index.persons[self.members(definition).ordinals]})
        units = self._units(definition).kept(definition.index.keep)
        day = pa.array(units.start).cast(pa.date32())
        return pa.table({"person_id": self.index.persons[units.person], "index_date": day})

    def _cheapest_first(self, definition: Definition) -> list[tuple[Group, bool]]:
        return sorted(_groups(definition), key=lambda g: self._rows_of_group(g[0]))

    def _rows_of_group(self, group: Group) -> int:
        return self._judge.rows(group.any)

    def _unit_steps(self, definition: Definition) -> list[Units]:
        found = [self._index_events(definition)]
        for group, wanted in _groups(definition):
            found.append(self._left(found[-1], group, wanted))
        return found

    def _units(self, definition: Definition) -> Units:
        """The last of `_unit_steps`, with the groups that read least judged first."""
        units = self._index_events(definition)
        for group, wanted in self._cheapest_first(definition):
            units = self._left(units, group, wanted)
        return units

    def _index_events(self, definition: Definition) -> Units:
        assert definition.index is not None
        of, which = definition.index.of, definition.index.which
        rows = self.events.others(of, None)
        if which != "all":
            rows = dates.pick(rows, which, self.size)
        criteria = [c for group, _ in _groups(definition) for c in group.any]
        if any(map(asks_more_than_the_day, criteria)):
            return Units.each(rows, criteria).in_order()
        return Units.days(rows)

    def _left(self, units: Units, group: Group, wanted: bool) -> Units:
        """The index events for which a group holds, or (not `wanted`) does not."""
        held = self._judge.any_at(group.any, units)
        return units.where(held if wanted else ~held)


def _groups(definition: Definition) -> list[tuple[Group, bool]]:
    """Each group in order, and whether it has to hold."""
    return [(group, True) for group in definition.include] + [(group, False) for group in definition.exclude]
