"""Participant and biobank ids: a letter (the program's) and nine random digits, never derived from anything."""

import os
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LOWEST, NUMBERS = 100_000_000, 900_000_000  # 100000000 to 999999999

Taken = Callable[[list[str]], Collection[str]]


def new(count: int, prefix: str, taken: Taken, generator: "np.random.Generator | None" = None) -> list[str]:
    """`count` ids, different from each other and from those that `taken` finds in use among the ones it is shown.

    From the operating system's randomness. Only simulation passes a `generator`, to make the same people again.
    """
    chosen: dict[str, None] = {}
    while len(chosen) < count:
        numbers = LOWEST + _random(count - len(chosen), generator) % NUMBERS
        drawn = [f"{prefix}{number}" for number in numbers.tolist()]
        used = set(taken(drawn))
        chosen.update((one, None) for one in drawn if one not in used)
    return list(chosen)


def uuids(count: int, generator: "np.random.Generator | None" = None) -> list[str]:
    """`count` random UUIDs (version 4) as 32 hex digits."""
    import numpy as np  # here and below: most commands make no people, and need not wait for it

    raw = np.frombuffer(os.urandom(16 * count), np.uint8) if generator is None else generator.bytes(16 * count)
    octets = np.array(raw if generator is None else np.frombuffer(raw, np.uint8)).reshape(count, 16)
    octets[:, 6] = octets[:, 6] & 0x0F | 0x40
    octets[:, 8] = octets[:, 8] & 0x3F | 0x80
    text = octets.tobytes().hex()
    return [text[i : i + 32] for i in range(0, len(text), 32)]


def _random(count: int, generator: "np.random.Generator | None") -> "np.ndarray":
    import numpy as np

    if generator is not None:
        return generator.integers(0, NUMBERS, count, dtype=np.uint64)
    return np.frombuffer(os.urandom(8 * count), np.uint64)  # modulo 9e8 the bias is below 1e-10


def in_use(column: str) -> Taken:
    """For `new`: which ids of `participant_id` or `biobank_id` some participant has."""
    from commonweal.vault import columns
    from commonweal.vault.people.models import Participant

    return lambda drawn: [one for (one,) in columns.lookup(Participant, column, drawn)]


def prefixes() -> tuple[str, str]:
    """The letters before participant and biobank ids: the program's; P and A where the home has no program yet."""
    from django.conf import settings

    from commonweal import protocol

    folder = settings.COMMONWEAL_HOME.protocol
    if not (folder / "program.toml").is_file():
        return "P", "A"
    letters = protocol.load(folder).program.identifiers
    return letters.participant_prefix, letters.biobank_prefix
