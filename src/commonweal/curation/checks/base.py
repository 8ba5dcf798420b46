"""What a check is: a figure, the limit it must keep to, and the outcome; and what checks look at."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from commonweal.curation.checks.scan import Seen
from commonweal.omop import tables as cdm
from commonweal.omop.tables import Table
from commonweal.protocol.privacy import TierPrivacy

PASSED, WARNED, FAILED = "passed", "warned", "failed"


@dataclass(frozen=True)
class Check:
    """`figure` must not be above `threshold`. `stops`: whether a release whose figure is above it must not go out."""

    id: str
    figure: float
    threshold: float = 0
    stops: bool = True

    @property
    def outcome(self) -> str:
        if self.figure <= self.threshold:
            return PASSED
        return FAILED if self.stops else WARNED

    def as_dict(self) -> dict[str, Any]:
        return {"id": self.id, "outcome": self.outcome, "figure": self.figure, "threshold": self.threshold}


@dataclass(frozen=True)
class Subject:
    """A built tier under test: views `rel_TABLE` on `con`, and what one look at each of its tables saw (`seen`).

    `crosswalk`: participant, research_id, other (the research id in the other tier), shift of its people; also on `con`
    as `xw`. `raw`: the folder of the raw extract. `rules`: what is done to the data of the tier, whose name is `tier`.
    """

    con: duckdb.DuckDBPyConnection
    folder: Path
    tables: list[str]
    crosswalk: pa.Table
    last_day: date
    raw: Path | None
    rules: TierPrivacy
    seen: dict[str, Seen] = field(default_factory=dict)
    tier: str = "registered"

    def number(self, sql: str) -> int:
        return int(self.con.execute(sql).fetchall()[0][0] or 0)

    @property
    def specs(self) -> list[Table]:
        """Of the tables that the specification knows."""
        return [cdm.tables()[name] for name in self.tables if name in cdm.tables()]

    def faults(self, prefix: str) -> int:
        """Rows at fault by the questions whose name begins so, over all tables and columns."""
        return sum(n for seen in self.seen.values() for name, n in seen.faults.items() if name.startswith(prefix))
