"""Groups of people who look alike: those with the same values in all quasi-identifiers (equivalence classes).

Who knows these values of somebody, and that the person is in the release, finds a group; of `n` people in it one is right.
prosecutor risk: knows that the person is in it, mean 1/n over people = groups / people, at worst 1 / the smallest group.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

STEPS = ((1, 1), (2, 4), (5, 10), (11, 19), (20, 99), (100, None))
"""Sizes of groups as a plot shows them: from, to (None: and more)."""


@dataclass(frozen=True)
class Groups:
    """`small_share`: share of people in groups of fewer than k; `expected`: mean prosecutor risk; `worst`: the greatest."""

    people: int
    groups: int
    smallest: int
    alone: int
    small_share: float
    expected: float
    worst: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def sizes(relation: str, keys: Sequence[str]) -> str:
    """SQL: one row a group, with its keys and `size`. A value that is not known is a value like any other."""
    return f"SELECT {', '.join(keys)}, count(*) AS size FROM {relation} GROUP BY ALL"


def groups(con: duckdb.DuckDBPyConnection, relation: str, keys: Sequence[str], small: int) -> Groups:
    """Figures of the groups of `relation` (one row a person) by its columns `keys`; `small` is k."""
    number, people, smallest, alone, few = con.execute(
        "SELECT count(*), coalesce(sum(size), 0)::BIGINT, min(size), count(*) FILTER (size = 1),"
        f" coalesce(sum(size) FILTER (size < {small:d}), 0)::BIGINT FROM ({sizes(relation, keys)})"
    ).fetchall()[0]
    if not people:
        return Groups(0, 0, 0, 0, 0.0, 0.0, 0.0)
    return Groups(people, number, smallest, alone, few / people, number / people, 1 / smallest)


def spread(con: duckdb.DuckDBPyConnection, sized: str) -> list[dict[str, Any]]:
    """How many people are in groups of which size: rows of {from, to, people} by STEPS. `sized`: SQL with size, people."""
    cases = " ".join(f"WHEN size < {high + 1} THEN {n}" for n, (_, high) in enumerate(STEPS) if high is not None)
    found = con.execute(f"SELECT CASE {cases} ELSE {len(STEPS) - 1} END, sum(people)::BIGINT FROM ({sized}) GROUP BY 1")
    people = dict(found.fetchall())
    return [{"from": low, "to": high, "people": people.get(n, 0)} for n, (low, high) in enumerate(STEPS)]
