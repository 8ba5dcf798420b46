"""Sets of numbers kept as runs, so that a million submissions in a row take two numbers."""

from collections.abc import Iterable

Runs = list[list[int]]  # [first, last] with both ends, ascending, never touching


def joined(runs: Runs, numbers: Iterable[int]) -> Runs:
    """`runs` with `numbers` added."""
    merged: Runs = []
    for first, last in sorted([*runs, *([n, n] for n in numbers)]):
        if merged and first <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], last)
        else:
            merged.append([first, last])
    return merged


def holds(runs: Runs, number: int) -> bool:
    """Whether a number is in one of the runs."""
    return any(first <= number <= last for first, last in runs)


def outside(runs: Runs) -> str:
    """SQL that holds for an `id` in none of the runs."""
    return " AND ".join(f"id NOT BETWEEN {first} AND {last}" for first, last in runs) or "1 = 1"
