"""The gate while browsing and for export: what it costs in truth, and in time. `SIZES="1000000" BENCH=disclosure make bench`.

Lines `disclosure_error`, one for each range of true numbers of people: what share is not told, and of the others how far what
is told lies from the truth (mean, and root mean square), beside rounding alone (`rounded_…`).
Lines `disclosure_cell_key`, one a size (people in the release): record keys once a process, then the whole answer for half
of all people, as ordinals and as a mask; the floor is adding up as many numbers. Lines `disclosure_export`, one a size: the
check of one more export beside ten of cohorts that have nothing to do with each other.
"""

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
from homes import peak

RANGES = ((1, 20), (21, 40), (41, 60), (61, 100), (101, 1000), (1001, 10_000))
DRAWN = 4000


def main(sizes: list[int]) -> None:
    """Print the lines."""
    _errors()
    for people in sizes:
        _times(people)
        _export(people)


def _errors() -> None:
    from commonweal.disclosure import Policy, count
    from commonweal.disclosure.perturbation import browse

    policy, rng = Policy(), np.random.default_rng(1)
    for low, high in RANGES:
        numbers = rng.integers(low, high + 1, DRAWN).tolist()
        keys = rng.integers(0, 2**64, DRAWN, dtype=np.uint64).tolist()
        shown = [browse(n, 100_000, key, policy).persons for n, key in zip(numbers, keys, strict=True)]
        plain = [count(n, policy).persons for n in numbers]
        _tell(
            bench="disclosure_error",
            size=high,
            least=low,
            hidden=round(sum(s is None for s in shown) / DRAWN, 3),
            **_off("", shown, numbers),
            rounded_hidden=round(sum(s is None for s in plain) / DRAWN, 3),
            **_off("rounded_", plain, numbers),
        )


def _off(prefix: str, shown: list[int | None], numbers: list[int]) -> dict[str, float | None]:
    apart = [s - n for s, n in zip(shown, numbers, strict=True) if s is not None]
    if not apart:
        return {f"{prefix}mean": None, f"{prefix}rms": None}
    rms = statistics.fmean(a * a for a in apart) ** 0.5
    return {f"{prefix}mean": round(statistics.fmean(apart), 2), f"{prefix}rms": round(rms, 2)}


def _times(people: int) -> None:
    from commonweal.disclosure import Policy
    from commonweal.disclosure.perturbation import Browsing, record_keys

    made = _least(lambda: record_keys(b"s" * 32, "bench", people))
    gate = Browsing(record_keys(b"s" * 32, "bench", people), Policy())
    mask = np.random.default_rng(1).random(people) < 0.5
    ordinals = np.flatnonzero(mask).astype(np.uint32)
    seconds, masked = _least(lambda: gate.count(ordinals)), _least(lambda: gate.count(mask))
    floor = _least(lambda: int(gate.keys.sum()))
    _tell(bench="disclosure_cell_key", size=people, seconds=round(seconds, 5), mask_seconds=round(masked, 5),
         record_keys_seconds=round(made, 5), floor_ratio=round(seconds / floor, 1), peak_mb=peak())  # fmt: skip


def _export(people: int) -> None:
    from pyroaring import BitMap

    from commonweal.disclosure import Policy
    from commonweal.disclosure.exports import check

    rng = np.random.default_rng(1)
    shares = rng.uniform(0.02, 0.3, 11)
    sets = [BitMap(np.flatnonzero(rng.random(people) < share).astype(np.uint32)) for share in shares]
    verdict = check(sets[-1], sets[:-1], people, Policy())
    seconds = _least(lambda: check(sets[-1], sets[:-1], people, Policy()), 3)
    _tell(bench="disclosure_export", size=people, seconds=round(seconds, 3), outcome=verdict.outcome, peak_mb=peak())


def _least(once: Callable[[], object], times: int = 9) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        once()
        found.append(time.perf_counter() - began)
    return min(found)


def _tell(**line: Any) -> None:
    sys.stdout.write(orjson.dumps(line).decode() + "\n")
