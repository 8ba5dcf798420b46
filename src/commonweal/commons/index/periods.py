"""When somebody's care was recorded: the observation periods of everybody in an index."""

from collections.abc import Callable

import numpy as np

from commonweal.commons.index.rows import Rows
from commonweal.commons.index.store import Index, StreamStore, Wanted

Test = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def stored(index: Index) -> StreamStore | None:
    """Where they lie; None where the release has none that end."""
    store = index.stream("observation_period")
    return store if store is not None and "end" in store.columns else None


class Periods:
    """Of each person a first and a last day, any number of times; one without a last day tells nothing."""

    def __init__(self, store: StreamStore, size: int) -> None:
        rows = Rows(store, store.located("concept", Wanted(any_concept=True)), "concept")
        last, known = rows.end()
        order = np.flatnonzero(known)[np.argsort(rows.person[known], kind="stable")]
        self._first, self._last = rows.start[order], last[order]
        counts = np.bincount(rows.person[order], minlength=size)
        self._begin = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)

    def around(self, person: np.ndarray, day: np.ndarray, before: int = 0, after: int = 0) -> np.ndarray:
        """Which days lie in a period of the person beside them that began and went on so many days before and after."""
        early, late = day - np.int32(before), day + np.int32(after)
        return self._any(person, lambda at, first, last: (first <= early[at]) & (late[at] <= last))

    def around_both(self, person: np.ndarray, day: np.ndarray, other: np.ndarray) -> np.ndarray:
        """For which persons one period holds both days."""
        early, late = np.minimum(day, other), np.maximum(day, other)
        return self._any(person, lambda at, first, last: (first <= early[at]) & (late[at] <= last))

    def _any(self, person: np.ndarray, test: Test) -> np.ndarray:
        """For which places a test holds of one of the person's periods; `test` gets places, and a period for each."""
        held = np.zeros(len(person), dtype=bool)
        open_, number = np.arange(len(person)), 0
        while True:
            at = self._begin[person[open_]] + number
            more = at < self._begin[person[open_] + 1]
            open_, at = open_[more], at[more]
            if not len(open_):
                return held
            good = test(open_, self._first[at], self._last[at])
            held[open_[good]] = True
            open_, number = open_[~good], number + 1
