"""What a check is: a figure, the limit it must keep to, and the outcome."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

PASSED, FAILED = "passed", "failed"


@dataclass(frozen=True)
class Check:
    """`figure` must not be above `threshold`."""

    id: str
    figure: float
    threshold: float = 0

    @property
    def outcome(self) -> str:
        return PASSED if self.figure <= self.threshold else FAILED

    def as_dict(self) -> dict[str, Any]:
        return {"id": self.id, "outcome": self.outcome, "figure": self.figure, "threshold": self.threshold}


@dataclass(frozen=True)
class Subject:
    """A built tier under test: views `rel_TABLE` on `con`; `crosswalk`: participant, research_id of its people."""

    con: duckdb.DuckDBPyConnection
    folder: Path
    tables: list[str]
    crosswalk: pa.Table
    last_day: date
    small_state: int

    def number(self, sql: str) -> int:
        return int(self.con.execute(sql).fetchall()[0][0] or 0)
