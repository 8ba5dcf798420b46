"""Figures of records on their way to a reader: as they are, or through `disclosure`.

Rows are not people: a thousand rows may be one person's. So beside the gate for each count, nothing is shown of a group
of rows (a table, a drug class) whose people are too few to be counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from commonweal import disclosure
from commonweal.disclosure import Policy
from commonweal.ui.charts import figure


@dataclass(frozen=True)
class Gate:
    policy: Policy
    exact: bool

    def count(self, number: int, people: int | None = None) -> int | None:
        """The number as it may be shown, or None; `people`: whose rows they are, where that is known."""
        if people is not None and self.few(people):
            return None
        return disclosure.count(number, self.policy, exact=self.exact).persons

    def text(self, number: int, people: int | None = None) -> str:
        shown = self.count(number, people)
        return _("withheld") if shown is None else figure(shown)

    def percent(self, part: int, whole: int, people: int | None = None) -> float | None:
        """Part of whole in percent, from the numbers that may be shown alone; None where they may not, or of nothing."""
        shown = [self.count(number, people) for number in (part, whole - part, whole)]
        if not whole or None in shown:
            return None
        if self.exact:
            return 100 * part / whole
        return 100.0 if part == whole else min(99.0, float(round(100 * (shown[0] or 0) / (shown[2] or 1))))

    def parts(self, counts: Mapping[str, int]) -> dict[str, int | None]:
        """Counts of which each thing is in one: withheld together, so that none can be worked out from the others."""
        if not counts:
            return {}
        table = disclosure.table(dict(counts), self.policy, exact=self.exact)
        return {name: count.persons for name, count in table.one_way()}

    def few(self, people: int) -> bool:
        """Whether these are too few people for anything to be said of them."""
        return not self.exact and 0 < people <= self.policy.min_cell


def share(percent: float | None) -> str:
    """A percentage in words: 61%, 0.4%, withheld."""
    if percent is None:
        return _("withheld")
    return f"{percent:.0f}%" if percent in (0, 100) or 1 <= percent <= 99 else f"{percent:.1f}%"
