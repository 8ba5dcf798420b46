"""Index events as they are judged: a person and a day each."""

from dataclasses import dataclass

import numpy as np

from commonweal.commons.index.sets import People


@dataclass(frozen=True)
class Units:
    """Person (ordinal) and day (since 1970) of each."""

    person: np.ndarray
    day: np.ndarray

    def __len__(self) -> int:
        return len(self.person)

    def people(self, size: int) -> People:
        mask = np.zeros(size, dtype=bool)
        mask[self.person] = True
        return People(size, mask=mask)

    def kept(self, which: str) -> "Units":
        """Of each person all of them, or the first or last alone; they are in order."""
        if which == "all" or not len(self):
            return self
        changes = self.person[1:] != self.person[:-1]
        return self.where(np.append(changes, True) if which == "last" else np.insert(changes, 0, True))

    def where(self, mask: np.ndarray) -> "Units":
        return Units(self.person[mask], self.day[mask])
