"""Criteria about events on the index: from the rows of their concepts to those left, in the order of the contract."""

from collections.abc import Callable, Sequence
from functools import cached_property
from operator import ge, gt, le, lt

import numpy as np
from pydantic import BaseModel
from pyroaring import BitMap

from commonweal.commons.cohort.criteria import (
    AnyEventCriterion,
    ConceptCriterion,
    DateRange,
    EventCriterion,
    Value,
    WearableCriterion,
    Within,
)
from commonweal.commons.cohort.definition import inner
from commonweal.commons.cohort.domains import DOMAINS
from commonweal.commons.cohort.ranges import AgeRange
from commonweal.commons.index import dates, relations
from commonweal.commons.index.ages import Ages
from commonweal.commons.index.periods import Periods, stored
from commonweal.commons.index.rows import Rows
from commonweal.commons.index.several import Found, Several
from commonweal.commons.index.store import Index, StreamStore, Wanted
from commonweal.commons.index.units import Units

AllAt = Callable[[Sequence[BaseModel], Units], np.ndarray]
FIRST_DAY = np.datetime64("1970-01-01")


def where_to_look(index: Index, criterion: EventCriterion) -> tuple[StreamStore | None, str, str]:
    """The stream, by which concept column (concept or source), and which column holds answers."""
    if isinstance(criterion, WearableCriterion):
        return index.stream(f"wearable.{criterion.signal}"), "concept", "answer"
    assert isinstance(criterion, ConceptCriterion)
    if criterion.type != "survey":
        return index.stream(criterion.type), "source" if criterion.source else "concept", "answer"
    store = index.stream("observation")
    assert DOMAINS["survey"].table == DOMAINS["observation"].table
    answers = "answer_source" if store is not None and "answer_source" in store.columns else "answer"
    return store, "source", answers


def wanted(criterion: EventCriterion) -> Wanted:
    """The concepts of a criterion. A day of a wearable has none: all its rows lie under one."""
    if not isinstance(criterion, ConceptCriterion):
        return Wanted(any_concept=True)
    c = criterion
    named = (tuple(ids or ()) for ids in (c.concepts, c.alone, c.excluded, c.excluded_alone))
    concepts, alone, excluded, excluded_alone = named
    return Wanted(concepts, c.descendants, alone, excluded, excluded_alone, c.any_concept)


def looked_at(index: Index, criterion: EventCriterion) -> Rows:
    """All rows of the criterion's concepts."""
    store, by, _ = where_to_look(index, criterion)
    assert store is not None
    next_day = isinstance(criterion, ConceptCriterion) and criterion.no_end == "next_day"
    return Rows(store, store.located(by, wanted(criterion)), by, next_day=next_day)


def having(index: Index, criterion: EventCriterion) -> BitMap:
    """Everybody with any such event."""
    if isinstance(criterion, AnyEventCriterion):
        return BitMap.union(*(having(index, member) for member in criterion.of))
    store, by, _ = where_to_look(index, criterion)
    if store is None:
        return BitMap()
    asked = wanted(criterion)
    if not (asked.any_concept or asked.alone or asked.excluded or asked.excluded_alone):
        return store.people(by, rolled=asked.descendants).any_of(asked.concepts)
    return store.people(by, rolled=False).any_of(store.located(by, asked).concepts)


class Events:
    """Answers criteria for one index; `Ages` are worked out once and kept. `all_at` judges criteria at events."""

    def __init__(self, index: Index, ages: Ages, all_at: AllAt) -> None:
        self.index, self.ages, self._all_at = index, ages, all_at

    @cached_property
    def periods(self) -> Periods | None:
        store = stored(self.index)
        return Periods(store, len(self.index.persons)) if store is not None else None

    def touched(self, criterion: EventCriterion) -> int:
        """How many rows its concepts have, and those of the events inside it, but for `where`."""
        inside = sum(self.touched(c) for c in inner(criterion) if isinstance(c, EventCriterion))
        if isinstance(criterion, AnyEventCriterion):
            return inside
        store, by, _ = where_to_look(self.index, criterion)
        return (store.located(by, wanted(criterion)).rows if store is not None else 0) + inside

    def left(self, criterion: EventCriterion, people: np.ndarray | None = None) -> Found:
        """The events of `people` (a mask; None: of all) that satisfy a criterion, but for how they lie to the index event."""
        rows: Found
        if isinstance(criterion, AnyEventCriterion):
            rows = Several([self.others(member, people) for member in criterion.of])
        else:
            rows = looked_at(self.index, criterion)
        if criterion.pick == "any":
            rows = _in_days(rows, criterion)
        if people is not None and isinstance(rows, Rows):
            rows = rows.of(people)
        if criterion.pick != "any":
            rows = _in_days(dates.pick(rows, criterion.pick, len(self.index.persons)), criterion)
        rows = self._plain(rows, criterion)
        for within in criterion.withins:
            if not isinstance(within.of, str):
                others = self.others(within.of, _who(rows, len(self.index.persons)))
                rows = rows.where(self._within(rows, others, within))
        if isinstance(criterion, ConceptCriterion) and isinstance(criterion.same_visit, ConceptCriterion):
            others = self.others(criterion.same_visit, _who(rows, len(self.index.persons)))
            rows = rows.where(dates.same_visit(rows, others))
        return rows.where(self._all_at(criterion.where, Units.each(rows, criterion.where))) if criterion.where else rows

    def _within(self, rows: Found, others: Found, within: Within) -> np.ndarray:
        """Which rows lie so to another event of the person."""
        if relations.by_starts(within):
            return dates.near(rows, others, *(within.days or (None, None)))
        held = np.zeros(len(rows), dtype=bool)
        for event, _ in relations.pairs(rows, others, [within], self.periods):
            held[event] = True
        return held

    def others(self, criterion: EventCriterion, people: np.ndarray | None) -> Found:
        """Events of a criterion inside another one, of the people for whom it holds."""
        rows = self.left(criterion, people)
        if criterion.at_least <= 1 and criterion.at_most is None and criterion.count in ("dates", "events"):
            return rows
        return rows.of(self.holding(rows, criterion))

    def holding(self, rows: Found, criterion: EventCriterion) -> np.ndarray:
        """A mask of the people whose number of what is counted lies between `at_least` (or 1) and `at_most`."""
        held = self.having(rows, criterion.count, max(criterion.at_least, 1))
        return held & ~self.having(rows, criterion.count, criterion.at_most + 1) if criterion.at_most else held

    def having(self, rows: Found, count: str, wanted: int) -> np.ndarray:
        """A mask of the people with at least so many (1 or more) dates, events, concepts or visits."""
        size = len(self.index.persons)
        if count == "dates" or (count == "events" and wanted == 1):
            return dates.at_least(rows.person, rows.date, wanted, size)
        if count == "events":
            return np.bincount(rows.person, minlength=size) >= wanted
        value, known = rows.visit() if count == "visits" else rows.concept()
        numbers = np.unique(value[known], return_inverse=True)[1].astype(np.uint32)
        return dates.at_least(rows.person[known], numbers, wanted, size)

    def _plain(self, rows: Found, criterion: EventCriterion) -> Found:
        """Conditions on an event by itself but for its start, those that read least first."""
        if criterion.end is not None:
            day, known = rows.end()
            first, last = bounds(criterion.end)
            known = known & (day >= first) if first is not None else known
            rows = rows.where(known & (day <= last) if last is not None else known)
        if criterion.length is not None:
            day, known = rows.end()
            rows = rows.where(known & dates.between(day - rows.start, criterion.length.min, criterion.length.max))
        if criterion.value is not None:
            assert isinstance(rows, Rows)
            rows = self._value(rows, criterion, criterion.value)
        if isinstance(criterion, ConceptCriterion) and criterion.visit is not None:
            assert isinstance(rows, Rows)
            rows = rows.where(rows.coded("visit_concept", criterion.visit))
        if criterion.age is not None:
            rows = self._of_age(rows, criterion.age)
        if criterion.observed is not None:
            assert self.periods is not None
            before, after = criterion.observed.before, criterion.observed.after
            rows = rows.where(self.periods.around(rows.person, rows.start, before, after))
        return rows

    def _value(self, rows: Rows, criterion: EventCriterion, value: Value) -> Rows:
        for bound, holds in ((value.min, ge), (value.max, le), (value.above, gt), (value.below, lt)):
            rows = rows.where(holds(rows.column("number"), bound)) if bound is not None else rows
        if value.units is not None:
            rows = rows.where(rows.coded("unit", value.units))
        if value.concepts is not None:
            rows = rows.where(rows.coded(where_to_look(self.index, criterion)[2], value.concepts))
        return rows

    def _of_age(self, rows: Found, wanted: AgeRange) -> Found:
        if wanted.years == "calendar":
            return rows.where(self.ages.of_calendar(wanted, rows.person, rows.start))
        if wanted.min is not None:
            rows = rows.where(rows.start >= self.ages.reached(wanted.min, rows.person))
        if wanted.max is not None:
            rows = rows.where(rows.start < self.ages.reached(wanted.max + 1, rows.person))
        return rows


def day_number(day: object) -> np.int32:
    return np.int32((np.datetime64(str(day)) - FIRST_DAY).astype(np.int64))


def bounds(days: DateRange) -> tuple[np.int32 | None, np.int32 | None]:
    return (
        day_number(days.from_) if days.from_ is not None else None,
        day_number(days.to) if days.to is not None else None,
    )


def _in_days(rows: Found, criterion: EventCriterion) -> Found:
    if criterion.start is None:
        return rows
    first, last = bounds(criterion.start)
    return rows.started(int(first) if first is not None else None, int(last) if last is not None else None)


def _who(rows: Found, size: int) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    mask[rows.person] = True
    return mask
