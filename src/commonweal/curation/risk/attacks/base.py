"""What an attack is given, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

SAMPLE = 500  # people on whom an attack is tried; the same ones each time, as good as drawn


@dataclass(frozen=True)
class Scene:
    """A release in the engine: views rel_TABLE, `risk_people` with its `keys`, and `shift_days` (least, most; None: real dates).

    `truth`: whether there is a table risk_truth (person_id, arrived: place in the order of joining, shift in days).
    `other`: whether the other tier is there too, as views other_TABLE, with risk_pairs (person_id, other_id).
    """

    con: duckdb.DuckDBPyConnection
    tables: frozenset[str]
    keys: Sequence[str]
    cutoff: date
    shift_days: tuple[int, int] | None
    truth: bool = False
    other: bool = False

    def numbers(self, sql: str) -> tuple[Any, ...]:
        """The one row of an aggregate."""
        return tuple(self.con.execute(sql).fetchall()[0])

    @property
    def shifts(self) -> int:
        """How many shifts a person may have."""
        return 1 if self.shift_days is None else self.shift_days[1] - self.shift_days[0] + 1


@dataclass(frozen=True)
class Outcome:
    """`right`: guesses that were right, a tie of n counting 1/n; `chance`: share right of who guesses blindly."""

    targets: int
    right: float
    chance: float

    @property
    def success(self) -> float:
        return self.right / self.targets if self.targets else 0.0

    def as_dict(self) -> dict[str, Any]:
        return {"targets": self.targets, "success": round(self.success, 6), "chance": round(self.chance, 6)}


def drawn(people: str, count: int = SAMPLE) -> str:
    """SQL: person_id of `count` people of `people` (SQL with person_id), as good as drawn, the same each time."""
    return f"SELECT person_id FROM ({people}) ORDER BY hash(person_id), person_id LIMIT {count:d}"
