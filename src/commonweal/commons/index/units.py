"""Index events as they are judged: a person and a day each and, where more is asked of them, an end and a visit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel

from commonweal.commons.cohort.criteria import ConceptCriterion, EventCriterion, IndexCriterion
from commonweal.commons.cohort.definition import inner
from commonweal.commons.index import dates
from commonweal.commons.index.sets import People
from commonweal.commons.index.several import Found

Known = tuple[np.ndarray, np.ndarray]  # values, and which of them there are


@dataclass(frozen=True)
class Units:
    """Person (ordinal) and day (since 1970) of each; ends and visits, where somebody asks."""

    person: np.ndarray
    start: np.ndarray
    ends: Known | None = None
    visits: Known | None = None

    @staticmethod
    def days(rows: Found) -> "Units":
        """Of rows the days alone, each of a person once, in order."""
        keys = dates.distinct(dates.day_key(rows.person, rows.start), already=rows.in_order)
        return Units(*dates.days_of(keys))

    @staticmethod
    def each(rows: Found, criteria: Sequence[BaseModel]) -> "Units":
        """Each row, in their order, with all that criteria ask of them."""
        if not any(map(asks_more_than_the_day, criteria)):
            return Units(rows.person, rows.start)
        return Units(rows.person, rows.start, rows.end(), rows.visit())

    def __len__(self) -> int:
        return len(self.person)

    def end(self) -> Known:
        assert self.ends is not None
        return self.ends

    def visit(self) -> Known:
        assert self.visits is not None
        return self.visits

    def people(self, size: int) -> People:
        mask = np.zeros(size, dtype=bool)
        mask[self.person] = True
        return People(size, mask=mask)

    def in_order(self) -> "Units":
        return self.where(np.argsort(dates.day_key(self.person, self.start), kind="stable"))

    def kept(self, which: str) -> "Units":
        """The days of each person, once each; all, or the first or last alone. They are in order."""
        if not len(self):
            return self
        others = self.person[1:] != self.person[:-1]
        if which == "last":
            kept = np.append(others, True)
        else:
            kept = np.insert(others if which == "first" else others | (self.start[1:] != self.start[:-1]), 0, True)
        return Units(self.person[kept], self.start[kept])

    def where(self, which: np.ndarray) -> "Units":
        """By a mask or by places."""
        return Units(self.person[which], self.start[which], _part(self.ends, which), _part(self.visits, which))


def _part(known: Known | None, which: np.ndarray) -> Known | None:
    return None if known is None else (known[0][which], known[1][which])


def asks_more_than_the_day(criterion: BaseModel) -> bool:
    """Whether it asks for the end or the visit of its index event."""
    if isinstance(criterion, IndexCriterion):
        return criterion.end is not None
    if isinstance(criterion, EventCriterion) and any(w.of == "index" and w.that == "end" for w in criterion.withins):
        return True
    if isinstance(criterion, ConceptCriterion) and criterion.same_visit == "index":
        return True
    return any(map(asks_more_than_the_day, inner(criterion)))
