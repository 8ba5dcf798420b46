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
    GenomeCriterion,
    GroupCriterion,
    IndexCriterion,
    PersonCriterion,
)
from commonweal.commons.cohort.definition import Definition, speaks_of_index
from commonweal.commons.genotypes import CallSets
from commonweal.commons.index import dates
from commonweal.commons.index.ages import Ages
from commonweal.commons.index.events import Events, bounds, having
from commonweal.commons.index.persons import matching, of_ancestry
from commonweal.commons.index.relations import by_starts, pairs
from commonweal.commons.index.sets import People, everybody, nobody, of_ordinals
from commonweal.commons.index.several import Found
from commonweal.commons.index.store import Index
from commonweal.commons.index.units import Units
from commonweal.genomics.variant import parse

Members = Callable[[Definition], People]


class Judge:
    """`members` answers whole definitions, for criteria that carry one inline."""

    def __init__(self, index: Index, ages: Ages, members: Members, call_sets: CallSets) -> None:
        self.index, self.ages, self.events = index, ages, Events(index, ages, self.all_at)
        self.size, self._members, self._call_sets = len(index.persons), members, call_sets

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

    def all_at(self, criteria: Sequence[BaseModel], units: Units) -> np.ndarray:
        """At which index events all of the criteria hold."""
        held = np.ones(len(units), dtype=bool)
        for criterion in sorted(criteria, key=self._rows):
            held[held] = self._at(criterion, units.where(held))
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
        if isinstance(criterion, GenomeCriterion):
            return self._of_genome(criterion)
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

    def _of_genome(self, criterion: GenomeCriterion) -> People:
        held = []
        if criterion.ancestry is not None:
            held.append(of_ancestry(self.index, criterion.ancestry))
        if criterion.variant is not None:
            carriers = self._call_sets.carriers(parse(criterion.variant), criterion.genotype)
            held.append(of_ordinals(self.size, carriers))
        return reduce(People.both, held)

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
            return _lies(criterion, units)
        assert isinstance(criterion, EventCriterion)
        return self._events_at(criterion, units)

    def _events_at(self, criterion: EventCriterion, units: Units) -> np.ndarray:
        """At which index events there are as many events as said that lie to them as said."""
        rows = self.events.left(criterion, units.people(self.size).mask)
        withins = [within for within in criterion.withins if within.of == "index"]
        same_visit = isinstance(criterion, ConceptCriterion) and criterion.same_visit == "index"
        if len(withins) != 1 or same_visit or not by_starts(withins[0]) or not counts_days(criterion):
            number = np.zeros(len(units), dtype=np.int64)
            told = _told(rows, criterion.count)
            for event, unit in pairs(rows, units, withins, self.events.periods, same_visit=same_visit):
                number += _number(event, unit, told, len(units))
            return enough(number, criterion)
        low, high = withins[0].days or (None, None)
        if criterion.at_least == 1 and criterion.at_most is None:
            return dates.any_in_window(rows, units.person, units.start, low, high)
        return enough(dates.in_window(rows, units.person, units.start, low, high), criterion)

    def _group_at(self, group: GroupCriterion, units: Units) -> np.ndarray:
        (least, most), every = group.limits, len(group.of)
        if least == every:
            return self.all_at(group.of, units)
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
            return held & self.ages.of_calendar(criterion.age_at, units.person, units.start)
        if low is not None:
            held &= units.start >= self.ages.reached(low, units.person)
        if high is not None:
            held &= units.start < self.ages.reached(high + 1, units.person)
        return held


def counts_days(criterion: EventCriterion) -> bool:
    """Whether the days alone of its events tell how many there are of what is counted."""
    any_at_all = criterion.at_least <= 1 and not criterion.at_most
    return criterion.count == "dates" or (criterion.count == "events" and any_at_all)


def _told(rows: Found, count: str) -> tuple[np.ndarray, np.ndarray] | None:
    """What is counted of each row, as a number, and for which rows there is one; None where rows are."""
    if count == "events":
        return None
    everywhere = np.ones(len(rows), dtype=bool)
    counted = {"dates": lambda: (rows.start, everywhere), "visits": rows.visit, "concepts": rows.concept}
    value, known = counted[count]()
    return np.unique(value, return_inverse=True)[1].astype(np.uint32), known


def _number(event: np.ndarray, unit: np.ndarray, told: tuple[np.ndarray, np.ndarray] | None, size: int) -> np.ndarray:
    """How many distinct things are told by the events of each unit."""
    if told is not None:
        value, known = told
        keys = dates.distinct(dates.key(unit[known[event]], value[event[known[event]]]))
        unit = (keys >> np.uint64(32)).astype(np.intp)
    return np.bincount(unit, minlength=size)


def enough(found: np.ndarray, criterion: EventCriterion) -> np.ndarray:
    """Whether so many of what is counted satisfy `at_least` and `at_most`."""
    if criterion.allows_none:
        return found <= criterion.at_most if criterion.at_most is not None else np.ones(len(found), dtype=bool)
    most = criterion.at_most or np.iinfo(np.int64).max
    return (found >= max(criterion.at_least, 1)) & (found <= most)


def decided_by_sets(criterion: EventCriterion) -> bool:
    """Whether having any such event, on any day, is all that a criterion asks, or it asks nothing."""
    if criterion.at_least == 0 and criterion.at_most is None:
        return True
    free = not (criterion.age or criterion.start or criterion.end or criterion.value or criterion.withins)
    free = free and not criterion.where and criterion.length is None and criterion.count in ("dates", "events")
    free = free and criterion.observed is None and criterion.at_least <= 1 and not criterion.at_most
    if isinstance(criterion, AnyEventCriterion):
        return free and all(map(decided_by_sets, criterion.of))
    if isinstance(criterion, ConceptCriterion):
        free = free and not (criterion.visit or criterion.same_visit)
    return free


def _lies(criterion: IndexCriterion, units: Units) -> np.ndarray:
    """At which index events they start and end when said."""
    held = np.ones(len(units), dtype=bool)
    if criterion.start is not None:
        held = dates.between(units.start, *bounds(criterion.start))
    if criterion.end is not None:
        day, known = units.end()
        held = held & known & dates.between(day, *bounds(criterion.end))
    return held
