"""Who is in a cohort, from the index: first what sets decide, then rows of those who are left."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pyarrow as pa
from pydantic import BaseModel
from pyroaring import BitMap

from commonweal.commons.cohort.criteria import (
    CohortCriterion,
    ConceptCriterion,
    EventCriterion,
    PersonCriterion,
    Within,
)
from commonweal.commons.cohort.definition import Definition, Group
from commonweal.commons.index import dates
from commonweal.commons.index.ages import Ages
from commonweal.commons.index.coverage import covers
from commonweal.commons.index.events import Events, having
from commonweal.commons.index.persons import matching
from commonweal.commons.index.sets import People, everybody, nobody
from commonweal.commons.index.store import Index


@dataclass(frozen=True)
class Units:
    """Days of index events: person (ordinal) and day (since 1970) of each, ascending, each pair once.

    Nothing but its day is asked of an index event, so two of a person on one day are one.
    """

    person: np.ndarray
    day: np.ndarray

    def people(self, size: int) -> People:
        mask = np.zeros(size, dtype=bool)
        mask[self.person] = True
        return People(size, mask=mask)

    def kept(self, which: str) -> "Units":
        """Of each person all of them, or the first or last alone."""
        if which == "all" or not len(self.person):
            return self
        changes = self.person[1:] != self.person[:-1]
        return self.where(np.append(changes, True) if which == "last" else np.insert(changes, 0, True))

    def where(self, mask: np.ndarray) -> "Units":
        return Units(self.person[mask], self.day[mask])


class Counter:
    """Answers definitions that the index covers (`covers`); may be used from several threads."""

    def __init__(self, index: Index) -> None:
        self.index, self.size = index, len(index.persons)
        self.ages = Ages(index.birth)
        self.events = Events(index, self.ages)

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
            left = self._holding(group, left)
            found.append(left)
        for group in definition.exclude:
            left = left.without(self._holding(group, left))
            found.append(left)
        return found

    def members(self, definition: Definition) -> People:
        """Who is in: the last of `steps`, with the groups that sets decide judged first."""
        if definition.index is not None:
            return self._units(definition).people(self.size)
        left = everybody(self.size)
        for group, wanted in self._cheapest_first(definition):
            held = self._holding(group, left)
            left = held if wanted else left.without(held)
        return left

    def table(self, definition: Definition) -> pa.Table:
        """person_id, and where there is an index event the index_date, of everybody who is in; each pair once."""
        if definition.index is None:
            return pa.table({"person_id": self.index.persons[self.members(definition).ordinals]})
        units = self._units(definition).kept(definition.index.keep)
        day = pa.array(units.day).cast(pa.date32())
        return pa.table({"person_id": self.index.persons[units.person], "index_date": day})

    def _cheapest_first(self, definition: Definition) -> list[tuple[Group, bool]]:
        return sorted(_groups(definition), key=lambda g: self._rows_of_group(g[0]))

    def _rows_of_group(self, group: Group) -> int:
        return sum(self._rows(c) for c in group.any)

    def _rows(self, criterion: BaseModel) -> int:
        """How many rows a criterion makes read; none where sets decide."""
        if isinstance(criterion, CohortCriterion):
            groups = (*criterion.definition.include, *criterion.definition.exclude)
            index = criterion.definition.index
            return sum(map(self._rows_of_group, groups)) + (self._rows(index.of) if index else 0)
        if not isinstance(criterion, EventCriterion) or decided_by_sets(criterion):
            return 0
        return self.events.touched(criterion)

    def _holding(self, group: Group, among: People) -> People:
        """Those `among` the people for whom one of the criteria holds."""
        held = reduce(People.either, (self._set(c) for c in group.any if self._rows(c) == 0), nobody(self.size))
        held = held.both(among)
        for criterion in sorted((c for c in group.any if self._rows(c)), key=self._rows):
            held = held.either(self._read(criterion, among.without(held)))
        return held

    def _set(self, criterion: BaseModel) -> People:
        """A criterion that reads no rows."""
        if isinstance(criterion, PersonCriterion):
            return matching(self.index, self.ages, criterion)
        if isinstance(criterion, CohortCriterion):
            return self.members(criterion.definition)
        assert isinstance(criterion, EventCriterion)
        if criterion.at_least == 0 and criterion.at_most is None:
            return everybody(self.size)
        # one that would read rows comes here only where its concepts have none
        found = People(self.size, having(self.index, criterion) if decided_by_sets(criterion) else BitMap())
        return everybody(self.size).without(found) if criterion.allows_none else found

    def _read(self, criterion: BaseModel, among: People) -> People:
        """Those `among` the people for whom a criterion holds that reads rows and does not speak of the index event."""
        if isinstance(criterion, CohortCriterion):
            return self.members(criterion.definition).both(among)
        assert isinstance(criterion, EventCriterion)
        rows = self.events.left(criterion, among.mask)
        if not criterion.allows_none:
            return People(self.size, mask=self.events.holding(rows, criterion))
        more = dates.at_least(rows.person, rows.column("start"), (criterion.at_most or 0) + 1, self.size)
        return among.without(People(self.size, mask=more))

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
        rows = self.events.left(of)
        if of.at_least > 1 or of.at_most is not None:
            rows = rows.of(self.events.holding(rows, of))
        if which != "all":
            rows = dates.pick(rows, which, self.size)
        return Units(*dates.days_of(dates.distinct(dates.day_key(rows.person, rows.start), already=rows.in_order)))

    def _left(self, units: Units, group: Group, wanted: bool) -> Units:
        """The index events for which a group holds, or (not `wanted`) does not."""
        held = np.zeros(len(units.person), dtype=bool)
        for criterion in sorted(group.any, key=self._rows):
            open_ = ~held
            held[open_] = self._units_of(criterion, units.where(open_))
        return units.where(held if wanted else ~held)

    def _units_of(self, criterion: BaseModel, units: Units) -> np.ndarray:
        among = units.people(self.size)
        if isinstance(criterion, PersonCriterion):
            held = matching(self.index, self.ages, criterion).mask[units.person]
            if criterion.age_at is not None and criterion.age_at.date == "index":
                low, high = criterion.age_at.min, criterion.age_at.max
                if low is not None:
                    held &= units.day >= self.ages.reached(low, units.person)
                if high is not None:
                    held &= units.day < self.ages.reached(high + 1, units.person)
            return held
        if isinstance(criterion, EventCriterion) and (within := of_index(criterion)) is not None:
            rows = self.events.left(criterion, among.mask)
            low, high = within.days or (None, None)
            if criterion.at_least == 1 and criterion.at_most is None:
                return dates.any_in_window(rows, units.person, units.day, low, high)
            return enough(dates.in_window(rows, units.person, units.day, low, high), criterion)
        held_by = self._set(criterion) if self._rows(criterion) == 0 else self._read(criterion, among)
        return held_by.mask[units.person]


def _groups(definition: Definition) -> list[tuple[Group, bool]]:
    """Each group in order, and whether it has to hold."""
    return [(group, True) for group in definition.include] + [(group, False) for group in definition.exclude]


def of_index(criterion: EventCriterion) -> Within | None:
    """How far the events of a criterion lie from the index event, where it says so (`covers`: at most once)."""
    return next((within for within in criterion.withins if within.of == "index"), None)


def enough(found: np.ndarray, criterion: EventCriterion) -> np.ndarray:
    """Whether so many distinct dates satisfy `at_least` and `at_most`."""
    if criterion.allows_none:
        return found <= criterion.at_most if criterion.at_most is not None else np.ones(len(found), dtype=bool)
    most = criterion.at_most or np.iinfo(np.int64).max
    return (found >= max(criterion.at_least, 1)) & (found <= most)


def decided_by_sets(criterion: EventCriterion) -> bool:
    """Whether having any such event, on any day, is all that a criterion asks, or it asks nothing."""
    if criterion.at_least == 0 and criterion.at_most is None:
        return True
    free = not (criterion.age or criterion.start or criterion.end or criterion.value or criterion.withins)
    free = free and criterion.observed is None
    if isinstance(criterion, ConceptCriterion):
        free = free and not (criterion.visit or criterion.same_visit)
    return free and criterion.at_least <= 1 and not criterion.at_most
