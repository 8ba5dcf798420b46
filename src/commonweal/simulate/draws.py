"""Random numbers that belong to a person, not to a run: the same seed, purpose and keys always give the same draw.

A draw is a hash of (seed, purpose, keys) by the SplitMix64 finaliser (Steele, Lea, Flood 2014), so person 17 is the
same whether 20 or 2,000,000 people are made, in one chunk or in many.
"""

import hashlib

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(0xBF58476D1CE4E5B9)
_TWO = np.uint64(0x94D049BB133111EB)


def _mix(value: np.ndarray) -> np.ndarray:
    value = (value ^ (value >> np.uint64(30))) * _ONE
    value = (value ^ (value >> np.uint64(27))) * _TWO
    return value ^ (value >> np.uint64(31))


class Draws:
    """Draws of one seed. Every method takes a purpose (a word) and integer arrays of equal length as keys."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def bits(self, purpose: str, *keys: np.ndarray) -> np.ndarray:
        """uint64, one for each key."""
        digest = hashlib.blake2b(f"{self.seed}:{purpose}".encode(), digest_size=8).digest()
        value = np.full(len(keys[0]), int.from_bytes(digest, "little"), dtype=np.uint64)
        for key in keys:
            value = _mix(value + (np.asarray(key).astype(np.uint64) + np.uint64(1)) * _GOLDEN)
        return value

    def uniform(self, purpose: str, *keys: np.ndarray) -> np.ndarray:
        """float64 in [0, 1)."""
        return (self.bits(purpose, *keys) >> np.uint64(11)) * (1.0 / (1 << 53))

    def chance(self, purpose: str, probability: np.ndarray | float, *keys: np.ndarray) -> np.ndarray:
        """bool, true with the probability given (one, or one for each key)."""
        return self.uniform(purpose, *keys) < probability

    def between(self, purpose: str, low: np.ndarray | float, high: np.ndarray | float, *keys: np.ndarray) -> np.ndarray:
        """int64, low <= draw <= high (low where high < low)."""
        span = np.maximum(np.asarray(high) - low + 1, 1)
        return (low + np.floor(self.uniform(purpose, *keys) * span)).astype(np.int64)

    def normal(self, purpose: str, *keys: np.ndarray) -> np.ndarray:
        """Standard normal (Box and Muller 1958)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(purpose + "/radius", *keys)))
        return radius * np.cos(2.0 * np.pi * self.uniform(purpose + "/angle", *keys))

    def exponential(self, purpose: str, *keys: np.ndarray) -> np.ndarray:
        """Exponential with mean 1."""
        return -np.log1p(-self.uniform(purpose, *keys))

    def pick(self, purpose: str, weights: np.ndarray | list[float], *keys: np.ndarray) -> np.ndarray:
        """int64 index into one list of weights, or into the key's own row where weights are two-dimensional."""
        cumulative = np.cumsum(np.asarray(weights, dtype=float), axis=-1)
        draw = self.uniform(purpose, *keys)
        if cumulative.ndim == 1:
            return np.minimum(np.searchsorted(cumulative, draw * cumulative[-1], side="right"), len(cumulative) - 1)
        return np.minimum((draw[:, None] * cumulative[:, -1:] >= cumulative).sum(axis=1), cumulative.shape[1] - 1)

    def counts(self, purpose: str, mean: np.ndarray, *keys: np.ndarray) -> np.ndarray:
        """int64, Poisson with the mean given (by inversion; the means here stay below about 100)."""
        draw = self.uniform(purpose, *keys)
        term = np.exp(-mean)
        total, count = term.copy(), np.zeros(len(draw), dtype=np.int64)
        for step in range(1, 400):
            below = draw >= total
            if not below.any():
                break
            count += below
            term = term * mean / step
            total = total + term
        return count


def choose(labels: list[str], index: np.ndarray) -> np.ndarray:
    """`labels` by index, as an object array of str."""
    return np.array(labels, dtype=object)[index]
