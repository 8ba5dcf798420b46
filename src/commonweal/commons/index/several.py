"""Events of several kinds taken together as one kind."""

from functools import cached_property

import numpy as np

from commonweal.commons.index.rows import Rows


class Several:
    """Rows of several criteria, one after the other, with the same doors as `Rows`. A row that two of them found is two
    events. Their row ids do not tell which comes first: of events of a person on one day none does."""

    in_order = False

    def __init__(self, parts: "list[Rows | Several]") -> None:
        self.parts: list[Rows] = [
            one for part in parts for one in (part.parts if isinstance(part, Several) else [part])
        ]

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def where(self, mask: np.ndarray) -> "Several":
        bounds = np.cumsum([len(part) for part in self.parts])[:-1]
        pieces = np.split(mask, bounds)
        return Several([part.where(piece) for part, piece in zip(self.parts, pieces, strict=True)])

    def of(self, people: np.ndarray) -> "Several":
        return Several([part.of(people) for part in self.parts])

    def started(self, first: int | None, last: int | None) -> "Several":
        return Several([part.started(first, last) for part in self.parts])

    @cached_property
    def person(self) -> np.ndarray:
        return np.concatenate([part.person for part in self.parts])

    @cached_property
    def start(self) -> np.ndarray:
        return np.concatenate([part.start for part in self.parts])

    @property
    def date(self) -> np.ndarray:
        return (self.start ^ np.int32(-(2**31))).view(np.uint32)

    def end(self) -> tuple[np.ndarray, np.ndarray]:
        return _joined([part.end() for part in self.parts])

    def visit(self) -> tuple[np.ndarray, np.ndarray]:
        return _joined([part.visit() for part in self.parts])

    def concept(self) -> tuple[np.ndarray, np.ndarray]:
        return _joined([part.concept() for part in self.parts])


def _joined(parts: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([value for value, _ in parts]), np.concatenate([known for _, known in parts])


Found = Rows | Several
