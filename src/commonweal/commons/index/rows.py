"""Rows of a stream that a criterion looks at. Columns are read when a condition asks for them; conditions leave fewer rows."""

from functools import cached_property

import numpy as np

from commonweal.commons.index.layout import NOBODY, NONE
from commonweal.commons.index.store import Located, StreamStore


class Rows:
    """The rows of concepts in a stream, or of source concepts; `kept`: places of those left, None for all. Where an end
    is not known, an event ends the `next_day`, if that is said."""

    def __init__(
        self, store: StreamStore, located: Located, by: str, kept: np.ndarray | None = None, *, next_day: bool = False
    ) -> None:
        self.store, self.located, self.by, self.kept, self.next_day = store, located, by, kept, next_day
        self._read: dict[str, np.ndarray] = {}

    @property
    def in_order(self) -> bool:
        """Whether rows stand by person, start and row id: those of one concept do."""
        return len(self.located.slices) <= 1

    def __len__(self) -> int:
        return len(self.kept) if self.kept is not None else self.located.rows

    def column(self, name: str) -> np.ndarray:
        if name not in self._read:
            whole = self._whole(name)
            self._read[name] = whole if self.kept is None else whole[self.kept]
        return self._read[name]

    def _whole(self, name: str) -> np.ndarray:
        source = self.store.array("source.rows") if self.by == "source" else self.store.array(name)
        parts = [source[first:last] for first, last in self.located.slices]
        joined = parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else source[:0]
        return self.store.array(name)[joined] if self.by == "source" else joined

    def where(self, mask: np.ndarray) -> "Rows":
        """Those of the rows for which `mask` holds."""
        places = np.flatnonzero(mask)
        if len(places) == len(mask):
            return self
        kept = places if self.kept is None else self.kept[places]
        left = Rows(self.store, self.located, self.by, kept, next_day=self.next_day)
        left._read = {name: values[places] for name, values in self._read.items()}
        if "person" in self.__dict__:
            left.__dict__["person"] = self.person[places]
        return left

    def of(self, people: np.ndarray) -> "Rows":
        """Those of the rows that are of `people` (a mask)."""
        return self.where(people[self.column("person")])

    def started(self, first: int | None, last: int | None) -> "Rows":
        """Those that start from one day to another (since 1970, both included; None is open)."""
        start, rows = self.column("start"), self
        top = int(np.iinfo(start.dtype).max)
        low = max(first - self.store.first_day, 0) if first is not None else 0
        high = min(last - self.store.first_day, top) if last is not None else top
        if low > top or high < 0:
            return self.where(np.zeros(len(start), dtype=bool))
        if low > 0:
            rows = rows.where(start >= start.dtype.type(low))
        return rows.where(rows.column("start") <= start.dtype.type(high)) if high < top else rows

    @cached_property
    def person(self) -> np.ndarray:
        """Ordinals, as they are used to look things up by."""
        return self.column("person").astype(np.intp)

    @cached_property
    def start(self) -> np.ndarray:
        """Days since 1970 (int32)."""
        return self.column("start").astype(np.int32) + np.int32(self.store.first_day)

    @property
    def date(self) -> np.ndarray:
        """The start as it is kept: good for nothing but to be held against that of other rows here."""
        return self.column("start")

    def end(self) -> tuple[np.ndarray, np.ndarray]:
        """Days since 1970, and for which rows they are known. Where the stream has no end, an event ends as it starts."""
        if "end" not in self.store.columns:
            return self.start + np.int32(self.next_day), np.ones(len(self), dtype=bool)
        length = self.column("end")
        known = length != np.iinfo(length.dtype).min
        if self.next_day:
            return self.start + np.where(known, length, 1).astype(np.int32), np.ones(len(self), dtype=bool)
        return self.start + length.astype(np.int32), known

    def visit(self) -> tuple[np.ndarray, np.ndarray]:
        """Visit ids, and for which rows there is one."""
        if "visit" not in self.store.columns:
            return np.zeros(len(self), dtype=np.uint32), np.zeros(len(self), dtype=bool)
        ids = self.column("visit")
        return ids, ids != NOBODY

    def concept(self) -> tuple[np.ndarray, np.ndarray]:
        """Concept ids, and for which rows there is one."""
        slices, ids = self.located.slices, np.array(self.located.concepts, dtype=np.int64)
        if not self.store.conceptual or not len(ids):
            return np.zeros(len(self), dtype=np.int64), np.zeros(len(self), dtype=bool)
        places = np.arange(len(self)) if self.kept is None else self.kept
        found = ids[np.searchsorted(np.cumsum([last - first for first, last in slices]), places, side="right")]
        return found, found != NONE

    def coded(self, name: str, wanted: list[int]) -> np.ndarray:
        """For which rows a coded column holds one of these concepts."""
        codes = self.store.codes(name)
        holds = np.zeros(len(codes) + 1, dtype=bool)  # the last: no value
        holds[:-1] = np.isin(codes, wanted)
        return holds[self.column(name)]
