"""People of a release as a set: a bitmap while sets decide, a mask where rows were read. Either becomes the other once."""

import numpy as np
from pyroaring import BitMap

_FEW = 64  # a bitmap is for fewer than one in so many


class People:
    """Ordinals below `size`. Not changed once made."""

    def __init__(self, size: int, bitmap: BitMap | None = None, mask: np.ndarray | None = None) -> None:
        self.size, self._bitmap, self._mask = size, bitmap, mask

    def __len__(self) -> int:
        if self._bitmap is not None:
            return len(self._bitmap)
        return int(np.count_nonzero(self.mask))

    @property
    def mask(self) -> np.ndarray:
        """A boolean a person."""
        if self._mask is None:
            self._mask = np.zeros(self.size, dtype=bool)
            self._mask[self.ordinals] = True
        return self._mask

    @property
    def ordinals(self) -> np.ndarray:
        """Ascending, uint32."""
        if self._bitmap is not None:
            return np.frombuffer(self._bitmap.to_array(), dtype=np.uint32) if self._bitmap else np.zeros(0, np.uint32)
        return np.flatnonzero(self.mask).astype(np.uint32)

    def both(self, other: "People") -> "People":
        if self._bitmap is not None and other._bitmap is not None:
            return People(self.size, self._bitmap & other._bitmap)
        return People(self.size, mask=self.mask & other.mask)

    def either(self, other: "People") -> "People":
        if self._bitmap is not None and other._bitmap is not None:
            return People(self.size, self._bitmap | other._bitmap)
        return People(self.size, mask=self.mask | other.mask)

    def without(self, other: "People") -> "People":
        if self._bitmap is not None and other._bitmap is not None:
            return People(self.size, self._bitmap - other._bitmap)
        return People(self.size, mask=self.mask & ~other.mask)


def everybody(size: int) -> People:
    return People(size, BitMap(range(size)))


def of_ordinals(size: int, ordinals: np.ndarray) -> People:
    """People given by their ordinals, in any order: few as a bitmap, many as a mask."""
    if len(ordinals) < size // _FEW:
        return People(size, BitMap(np.sort(ordinals)))
    mask = np.zeros(size, dtype=bool)
    mask[ordinals] = True
    return People(size, mask=mask)


def nobody(size: int) -> People:
    return People(size, BitMap())
