"""The moment that a release speaks of: what had happened, what was known, and who had agreed."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True)
class Moment:
    """`cutoff`: facts of that day or before (its end in UTC). `known_at`: received by then. `grants_as_of`: agreed then."""

    cutoff: date
    known_at: datetime
    grants_as_of: datetime

    @property
    def cutoff_end(self) -> datetime:
        """The first moment after the cutoff day."""
        return datetime.combine(self.cutoff + timedelta(days=1), time(), UTC)

    def facts(self, prefix: str = "") -> str:
        """SQL condition on a fact's columns."""
        return (
            f"{prefix}event_time < TIMESTAMPTZ '{self.cutoff_end.isoformat()}'"
            f" AND {prefix}received_time <= TIMESTAMPTZ '{self.known_at.isoformat()}'"
        )
