"""What of an answer tells of people who are here, as the disclosure gate lets it be told.

A forecast starts from true counts, so it could tell them. Numbers of people are rounded to the policy's bins, shares to
a tenth of a percent, and a group of which only a few people are here, or all but a few, is not forecast.
"""

from dataclasses import dataclass
from typing import Any

from commonweal.disclosure import Policy, count
from commonweal.vault.planning.dates import Band, Row
from commonweal.vault.planning.groups import PEOPLE


@dataclass(frozen=True)
class Gate:
    """`now`: true counts of today by indicator."""

    policy: Policy
    now: dict[str, float]

    def shown(self, people: float) -> int | None:
        """A count of real people; None where it is hidden."""
        return count(int(people), self.policy).persons

    def hidden(self, indicator: str) -> bool:
        """Whether too few people are of it, or not of it, for its forecast to be told."""
        here = self.now[indicator]
        return self.shown(here) is None or self.shown(self.now[PEOPLE] - here) is None

    def rounded(self, value: float, share: bool) -> float:
        """A forecast as it may be told."""
        if share:
            return round(value, 3)
        width = self.policy.round_to
        return float(-(-value // width) * width)

    def band(self, band: Band) -> Band:
        """The same, rounded."""
        share = band.unit == "share"
        rows = [Row(row.month, *(self.rounded(v, share) for v in (row.low, row.middle, row.high))) for row in band.rows]
        return Band(band.of, band.unit, tuple(rows), band.goal)

    def goal(self, told: dict[str, Any]) -> dict[str, Any]:
        """What is expected of a goal, rounded."""
        share = told["kind"] == "share"
        return told | {name: self.rounded(told[name], share) for name in ("expected", "low", "high")}
