"""Who is who: research ids (one for each tier) and the date shift of every person, sealed under the bridge's key.

Research ids are random 7-digit numbers, unique in their tier; the shift is uniform over 1 to 364 days. Both are drawn
from the operating system's randomness, made once and never derived from anything. Simulated people alone may be given
a seed, so that a demonstration can be repeated.
"""

import os
import struct
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from commonweal.curation import keys
from commonweal.errors import BadInput
from commonweal.home import Home

TIERS = ("registered", "controlled")
SHIFT_MAX = 364  # days; MAX_DEID_DATE_SHIFT of the reference
_LOW, _COUNT = 1_000_000, 9_000_000
_PACKED = struct.Struct(">IIH")
Draw = Callable[[int], np.ndarray]


def _random(count: int) -> np.ndarray:
    return np.frombuffer(os.urandom(8 * count), dtype=np.uint64)


def _seeded(seed: int) -> Draw:
    generator = np.random.default_rng(seed)
    return lambda count: generator.integers(0, 2**64, count, dtype=np.uint64, endpoint=False)


def fresh_ids(count: int, taken: np.ndarray, draw: Draw = _random) -> np.ndarray:
    """`count` distinct 7-digit ids that are not in `taken`, in random order."""
    if len(taken) + count > _COUNT * 0.9:
        raise BadInput("there are too few 7-digit research ids left for this many people")
    chosen = np.empty(0, dtype=np.int64)
    while len(chosen) < count:
        more = (draw(2 * (count - len(chosen)) + 16) % np.uint64(_COUNT)).astype(np.int64) + _LOW
        more = np.concatenate([chosen, more[~np.isin(more, taken)]])
        _, first = np.unique(more, return_index=True)
        chosen = more[np.sort(first)][:count]  # the order of drawing, not of size
    return chosen


def shifts(count: int, draw: Draw = _random, shortest: int = 1, longest: int = SHIFT_MAX) -> np.ndarray:
    """`count` independent shifts, uniform over `shortest` to `longest` days."""
    return (draw(count) % np.uint64(longest - shortest + 1)).astype(np.int64) + shortest


def load(home: Home) -> pa.Table:
    """participant, registered, controlled, shift (int64) of everyone who has a crosswalk."""
    from commonweal.vault.people.models import Crosswalk

    seal = keys.Seal(home, "crosswalk.key")
    rows = Crosswalk.objects.order_by("participant_id").values_list("participant_id", "sealed")
    opened = [
        (person, *_PACKED.unpack(seal.open(bytes(sealed), _bound(person)))) for person, sealed in rows.iterator(20_000)
    ]
    columns = np.array(opened, dtype=np.int64).reshape(-1, 4).T
    return pa.table(dict(zip(("participant", *TIERS, "shift"), (pa.array(c) for c in columns), strict=True)))


def load_of(home: Home, participants: pa.ChunkedArray) -> pa.Table:
    """The crosswalk of `participants`, all of whom have one, in order of their numbers."""
    known = load(home)
    return known.filter(pc.is_in(known["participant"], pc.unique(participants)))


def ensure(
    home: Home, participants: pa.Array, seed: int | None = None, shortest: int = 1, longest: int = SHIFT_MAX
) -> pa.Table:
    """Give a crosswalk to each of `participants` (internal numbers) who has none; returns that of all of them, in order.

    `shortest` and `longest` bound the shift of those who have none yet (days). `seed` is for the ids of simulated people; everyone else's come from the operating system whatever it is.
    """
    wanted = pc.unique(participants)
    known = load(home)
    new = wanted.filter(pc.invert(pc.is_in(wanted, known["participant"])))
    for people, draw in _draws(np.sort(new.to_numpy(zero_copy_only=False)), seed):
        _make(home, people, known, draw, (shortest, longest))
        known = load(home)
    return known.filter(pc.is_in(known["participant"], wanted))


def _draws(people: np.ndarray, seed: int | None) -> list[tuple[np.ndarray, Draw]]:
    from commonweal.vault.people.models import Participant

    if seed is None or not len(people):
        return [(people, _random)] if len(people) else []
    made_up = np.fromiter(Participant.objects.filter(origin="simulation").values_list("id", flat=True), np.int64)
    simulated = np.isin(people, made_up)
    parts = [(people[simulated], _seeded(seed)), (people[~simulated], _random)]
    return [(part, draw) for part, draw in parts if len(part)]


def _make(home: Home, people: np.ndarray, known: pa.Table, draw: Draw, bounds: tuple[int, int]) -> None:
    from django.db import transaction

    from commonweal.vault.people.models import Crosswalk

    ids = [fresh_ids(len(people), known[tier].to_numpy(), draw) for tier in TIERS]
    days = shifts(len(people), draw, *bounds)
    seal = keys.Seal(home, "crosswalk.key")
    rows = [
        Crosswalk(participant_id=p, sealed=seal.close(_PACKED.pack(*values), _bound(p)))
        for p, *values in zip(people.tolist(), *(i.tolist() for i in ids), days.tolist(), strict=True)
    ]
    with transaction.atomic():
        Crosswalk.objects.bulk_create(rows, batch_size=5_000)


def _bound(participant: int) -> bytes:
    return struct.pack(">Q", participant)
