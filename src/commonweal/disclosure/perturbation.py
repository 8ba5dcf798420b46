"""Counts while browsing: moved by a number that belongs to the very set of people counted, then rounded.

Every person has a secret 64-bit record key. The cell key of a set is the sum of its members' keys, mixed by a keyed hash:
the same set has the same noise however it was asked for, and two sets that differ by one person have noises that say
nothing of each other. A set and its complement have opposite noise, so neither tells more than the other.

Source: the cell-key method of the Australian Bureau of Statistics (Fraser and Wooton 2005) and of the European census
(Giessing and Tent, UNECE 2019); the noise is the distribution of most entropy among those with this mean (0), variance
and greatest deviation (Marley and Leaver, ISI 2011), here p(d) ~ exp(-a d²).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from math import exp

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from commonweal.disclosure.count import HIDDEN, Count, Noise, Policy, count
from commonweal.errors import BadInput

KEYS = 1 << 64  # how many cell keys there are


@dataclass(frozen=True)
class Perturbed(Count):
    """A count while browsing. `perturbed`: whether it was moved before it was rounded or hidden."""

    perturbed: bool = True


def record_keys(secret: bytes, release: str, people: int) -> np.ndarray:
    """uint64[people]: the secret key of each person, by dense ordinal, of one release (its digest). About 10 ms a million.

    An AES-256-CTR key stream, whose key is drawn from the site's `secret` and the release.
    """
    if len(secret) < 32:
        raise BadInput("record keys: the secret must have 32 bytes or more")
    key = hashlib.blake2b(release.encode(), key=secret[:64], digest_size=32, person=b"record keys").digest()
    stream = Cipher(AES(key), CTR(bytes(16))).encryptor().update(bytes(8 * people))
    return np.frombuffer(stream, dtype="<u8").astype(np.uint64, copy=False)


def cell_key(record_keys: np.ndarray, members: np.ndarray) -> int:
    """The key, 0..2^64-1, of a set: `members` are dense ordinals (each once, in any order), or a mask of all people.

    Of a set and its complement, one has the key k and the other 2^64-1-k.
    """
    everyone = _total(record_keys)
    own = _total(record_keys[_checked(members, len(record_keys))])
    rest = (everyone - own) % KEYS
    lesser = hashlib.blake2b(min(own, rest).to_bytes(8), key=everyone.to_bytes(8), digest_size=8, person=b"cell key")
    key = int.from_bytes(lesser.digest())
    return key if own <= rest else KEYS - 1 - key


def set_key(mixed: int) -> int:
    """The key, 0..2^64-1, of a set by the exclusive or of its members' record keys, whatever it is a part of.

    A set keeps its noise as long as it keeps its members, so that a number that is shown day after day is not averaged.
    """
    digest = hashlib.blake2b(mixed.to_bytes(8), digest_size=8, person=b"set key").digest()
    return int.from_bytes(digest)


def browse(persons: int, everyone: int, key: int, policy: Policy) -> Perturbed:
    """A count of `persons` among `everyone` as it may be shown while browsing; `key`: the cell key of the set.

    Nobody and everybody are told as they are. 1 to `min_cell` people, and all but so few, are never told, nor is what the
    noise brings there; so a number that is told or not says nothing certain of one person more or less.
    """
    if not 0 <= persons <= everyone:
        raise BadInput("a number of people cannot be below zero, or above all of them")
    if persons in (0, everyone):
        return _told(count(persons, policy), moved=False)
    noisy = policy.noise.maximum > 0
    moved = persons + deviation(key, policy.noise)
    if min(persons, everyone - persons, moved, everyone - moved) <= policy.min_cell:
        return _told(HIDDEN, moved=noisy)
    return _told(count(moved, policy), moved=noisy)


def deviation(key: int, noise: Noise) -> int:
    """The number, -maximum..maximum, by which a count with this cell key is moved; of 2^64-1-key it is the opposite."""
    steps = _steps(noise)
    upper = key >= KEYS // 2
    size = int(np.searchsorted(steps, np.uint64(KEYS - 1 - key if upper else key), side="right"))
    return (noise.maximum - size) * (1 if upper else -1)


def probabilities(noise: Noise) -> list[float]:
    """p(d) for d = -maximum..maximum: symmetric, of this variance, and of the most entropy."""
    if not noise.maximum:
        return [1.0]
    low, high = 0.0, 1000.0
    for _ in range(200):
        middle = (low + high) / 2
        spread = _spread(middle, noise.maximum)
        found = sum(d * d * p for d, p in spread.items())
        low, high = (middle, high) if found > noise.variance else (low, middle)
    return list(_spread((low + high) / 2, noise.maximum).values())


@dataclass(frozen=True)
class Browsing:
    """The gate while browsing one release: its record keys, and the policy of the program."""

    keys: np.ndarray
    policy: Policy

    def count(self, members: np.ndarray) -> Perturbed:
        """The number of `members` (dense ordinals, or a mask of all people) as it may be shown."""
        members = _checked(members, len(self.keys))
        return browse(len(members), len(self.keys), cell_key(self.keys, members), self.policy)

    def counts(self, sets: Sequence[np.ndarray]) -> list[Perturbed]:
        return [self.count(members) for members in sets]


def _told(shown: Count, *, moved: bool) -> Perturbed:
    return Perturbed(**asdict(shown), perturbed=moved)


def _total(keys: np.ndarray) -> int:
    return int(np.sum(keys, dtype=np.uint64))  # wraps around at 2^64, as it should


def _checked(members: np.ndarray, people: int) -> np.ndarray:
    """As ordinals in order, each once. Raises BadInput for what is of nobody here."""
    members = np.asarray(members)
    if members.dtype == bool:
        if len(members) != people:
            raise BadInput("cell key: the mask is not as long as there are people")
        return np.flatnonzero(members)
    if len(members) > 1 and not np.all(members[1:] > members[:-1]):
        members = np.unique(members)
    if len(members) and (int(members[0]) < 0 or int(members[-1]) >= people):
        raise BadInput("cell key: an ordinal is of nobody in the release")
    return members


@lru_cache(maxsize=16)
def _steps(noise: Noise) -> np.ndarray:
    """uint64: the least cell keys of -maximum+1, -maximum+2, …, 0, and so on to the middle."""
    lower = probabilities(noise)[: noise.maximum]
    return np.array([round(sum(lower[: i + 1]) * KEYS) for i in range(len(lower))], dtype=np.uint64)


def _spread(steepness: float, maximum: int) -> dict[int, float]:
    weights = {d: exp(-steepness * d * d) for d in range(-maximum, maximum + 1)}
    total = sum(weights.values())
    return {d: w / total for d, w in weights.items()}
