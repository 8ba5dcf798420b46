"""For whom a criterion holds, or at which index events: first what sets decide, then rows of those who are left."""

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np
from pydantic import BaseModel
from pyroaring import BitMap

from commonweal.commons.cohort.criteria import (
    AnyEventCriterion,
    CohortCriterion,
    ConceptCriterion,
    EventCriterion,
    GroupCriterion,
    IndexCriterion,
    PersonCriterion,
    Within,
)
from commonweal.commons.cohort.definition import Definition, speaks_of_index
from commonweal.commons.index import dates
from commonweal.commons.index.events import Events, bounds, having
from commonweal.commons.index.persons import matching
from commonweal.commons.index.sets import People, everybody, nobody
from commonweal.commons.index.units import Units

Members = Callable[[Definition], People]


class Judge:
    """`members` answers whole definitions, for criteria that carry one inline."""

    def __init__(self, events: Events, members: Members) -> None:
        self.events, self.index, self.ages = events, events.index, events.ages
        self.size, self._members = len(self.index.persons), members

    def rows(self, criteria: Sequence[BaseModel]) -> int:
        """How many rows criteria make read; none where sets decide."""
        return sum(map(self._rows, criteria))

    def any(self, criteria: Sequence[BaseModel], among: People) -> People:
        """Those `among` the people for whom one of the criteria holds."""
        held = reduce(People.either, (self._set(c) for c in criteria if self._rows(c) == 0), nobody(self.size))
        held = held.both(among)
        for criterion in sorted((c for c in criteria if self._rows(c)), key=self._rows):
            held = held.either(self._read(criterion, among.without(held)))
        return held

    def any_at(self, criteria: Sequence[BaseModel], units: Units) -> np.ndarray:
        """At which index events one of the criteria holds."""
        held = np.zeros(len(units), dtype=bool)
        for criterion in sorted(criteria, key=self._rows):
            open_ = ~held
            held[open_] = self._at(criterion, units.where(open_))
        return held

    def _rows(self, criterion: BaseModel) -> int:
        if isinstance(criterion, CohortCriterion):
            definition = criterion.definition
            groups = (*definition.include, *definition.exclude)
            of_index = self._rows(definition.index.of) if definition.index else 0
            return sum(self.rows(group.any) for group in groups) + of_index
        if isinstance(criterion, GroupCriterion):
            return self.rows(criterion.of)
        if not isinstance(criterion, EventCriterion) or decided_by_sets(criterion):
            return 0
        return self.events.touched(criterion)

    def _holding(self, criterion: BaseModel, among: People) -> People:
        return self._read(criterion, among) if self._rows(criterion) else self._set(criterion).both(among)

    def _set(self, criterion: BaseModel) -> People:
        """A criterion that reads no rows."""
        if isinstance(criterion, PersonCriterion):
            return matching(self.index, self.ages, criterion)
        if isinstance(criterion, CohortCriterion):
            return self._members(criterion.definition)
        if isinstance(criterion, GroupCriterion):
            return self._group(criterion, everybody(self.size))
        assert isinstance(criterion, EventCriterion)
        if criterion.at_least == 0 and criterion.at_most is None:
            return everybody(self.size)
        # one that would read rows comes here only where its concepts have none
        found = People(self.size, having(self.index, criterion) if decided_by_sets(criterion) else BitMap())
        return everybody(self.size).without(found) if criterion.allows_none else found

    def _read(self, criterion: BaseModel, among: People) -> People:
        """Those `among` the people for whom a criterion holds that reads rows and does not speak of the index event."""
        if isinstance(criterion, CohortCriterion):
            return self._members(criterion.definition).both(among)
        if isinstance(criterion, GroupCriterion):
            return self._group(criterion, among)
        assert isinstance(criterion, EventCriterion)
        rows = self.events.left(criterion, among.mask)
        if not criterion.allows_none:
            return People(self.size, mask=self.events.holding(rows, criterion))
        more = self.events.having(rows, criterion.count, (criterion.at_most or 0) + 1)
        return among.without(People(self.size, mask=more))

    def _group(self, group: GroupCriterion, among: People) -> People:
        """Those `among` the people for whom as many of its criteria hold as it says."""
        (least, most), every = group.limits, len(group.of)
        if least == every:
            return reduce(lambda left, c: self._holding(c, left), sorted(group.of, key=self._rows), among)
        if most == 0:
            return among.without(self.any(group.of, among))
        if (least, most) == (1, every):
            return self.any(group.of, among)
        held = sum((self._holding(c, among).mask for c in group.of), np.zeros(self.size, dtype=np.uint8))
        return among.both(People(self.size, mask=(held >= least) & (held <= most)))

    def _at(self, criterion: BaseModel, units: Units) -> np.ndarray:
        """At which of the index events a criterion holds."""
        if not speaks_of_index(criterion):
            return self._holding(criterion, units.people(self.size)).mask[units.person]
        if isinstance(criterion, GroupCriterion):
            return self._group_at(criterion, units)
        if isinstance(criterion, PersonCriterion):
            return self._of_age(criterion, units)
        if isinstance(criterion, IndexCriterion):
            return _starts(criterion, units)
        assert isinstance(criterion, EventCriterion)
        within = of_index(criterion)
        assert within is not None
        rows = self.events.left(criterion, units.people(self.size).mask)
        low, high = within.days or (None, None)
        if criterion.at_least == 1 and criterion.at_most is None:
            return dates.any_in_window(rows, units.person, units.day, low, high)
        return enough(dates.in_window(rows, units.person, units.day, low, high), criterion)

    def _group_at(self, group: GroupCriterion, units: Units) -> np.ndarray:
        (least, most), every = group.limits, len(group.of)
        if least == every:
            held = np.ones(len(units), dtype=bool)
            for criterion in sorted(group.of, key=self._rows):
                held[held] = self._at(criterion, units.where(held))
            return held
        if most == 0:
            return ~self.any_at(group.of, units)
        if (least, most) == (1, every):
            return self.any_at(group.of, units)
        found = sum((self._at(c, units) for c in group.of), np.zeros(len(units), dtype=np.uint8))
        return (found >= least) & (found <= most)

    def _of_age(self, criterion: PersonCriterion, units: Units) -> np.ndarray:
        """What somebody is, and how old at the index event."""
        held = matching(self.index, self.ages, criterion).mask[units.person]
        assert criterion.age_at is not None
        low, high = criterion.age_at.min, criterion.age_at.max
        if criterion.age_at.years == "calendar":
            return held & self.ages.of_calendar(criterion.age_at, units.person, units.day)
        if low is not None:
            held &= units.day >= self.ages.reached(low, units.person)
        if high is not None:
            held &= units.day < self.ages.reached(high + 1, units.person)
        return held


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
    free = free and criterion.length is None and criterion.count in ("dates", "events")
    free = free and criterion.observed is None and criterion.at_least <= 1 and not criterion.at_most
    if isinstance(criterion, AnyEventCriterion):
        return free and all(map(decided_by_sets, criterion.of))
    if isinstance(criterion, ConceptCriterion):
        free = free and not (criterion.visit or criterion.same_visit)
    return free


def _starts(criterion: IndexCriterion, units: Units) -> np.ndarray:
    assert criterion.start is not None
    first, last = bounds(criterion.start)
    held = units.day >= first if first is not None else np.ones(len(units), dtype=bool)
    return held & (units.day <= last) if last is not None else held
