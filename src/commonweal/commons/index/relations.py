"""How events lie to others, pair by pair: whatever a search among days alone does not tell."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from commonweal.commons.cohort.criteria import Within
from commonweal.commons.index import dates
from commonweal.commons.index.periods import Periods

AT_ONCE = 2_000_000  # pairs


class Happened(Protocol):
    """Events: rows, or index events."""

    @property
    def person(self) -> np.ndarray: ...
    @property
    def start(self) -> np.ndarray: ...
    def end(self) -> tuple[np.ndarray, np.ndarray]: ...
    def visit(self) -> tuple[np.ndarray, np.ndarray]: ...


def by_starts(within: Within) -> bool:
    """Whether it says nothing but how far two starts lie apart."""
    return not within.same_observation_period and (within.this, within.that) == ("start", "start")


def pairs(
    events: Happened, others: Happened, withins: Sequence[Within], periods: Periods | None, *, same_visit: bool = False
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Places of events and of others of the same person for which all of `withins` hold (and the visit is the same).

    All pairs of one of the others come together, others in order.
    """
    order, first, counts = _near(events, others, withins)
    until = np.cumsum(counts)
    begin = 0
    while begin < len(counts):
        done = int(until[begin - 1]) if begin else 0
        end = max(int(np.searchsorted(until, done + AT_ONCE, side="right")), begin + 1)
        many = counts[begin:end]
        other = np.repeat(np.arange(begin, end), many)
        place = np.arange(len(other)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first[begin:end], many)
        event = order[place]
        for within in withins:
            held = _holds(within, events, event, others, other, periods)
            event, other = event[held], other[held]
        if same_visit:
            held = _in_one_visit(events, event, others, other)
            event, other = event[held], other[held]
        yield event, other
        begin = end


def _near(events: Happened, others: Happened, withins: Sequence[Within]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events by person and day, and where among them those begin, and how many, that can be near each of the others."""
    low, high = next(
        (w.days for w in withins if w.days is not None and (w.this, w.that) == ("start", "start")), (None, None)
    )
    keys = dates.day_key(events.person, events.start)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = dates.search(keys, dates.day_key(others.person, dates.moved(others.start, low, dates.EARLIEST)))
    last = dates.search(keys, dates.day_key(others.person, dates.moved(others.start, high, dates.LATEST)), "right")
    return order, first, last - first


def _holds(
    within: Within, events: Happened, event: np.ndarray, others: Happened, other: np.ndarray, periods: Periods | None
) -> np.ndarray:
    held = np.ones(len(event), dtype=bool)
    this = events.start[event]
    if within.this == "end":
        day, known = events.end()
        this, held = day[event], known[event]
    if within.days is not None:
        that = others.start[other]
        if within.that == "end":
            day, known = others.end()
            that, held = day[other], held & known[other]
        held = held & dates.between(this - that, *within.days)
    if within.same_observation_period:
        assert periods is not None
        held = held & periods.around_both(events.person[event], this, others.start[other])
    return held


def _in_one_visit(events: Happened, event: np.ndarray, others: Happened, other: np.ndarray) -> np.ndarray:
    mine, known = events.visit()
    theirs, known_theirs = others.visit()
    return known[event] & known_theirs[other] & (mine[event] == theirs[other])
