"""What may be shown of a place: the one way from cells to a document that a page may read.

1. A number of 1 to `min_cell` people is never shown, nor zero, which would say of everybody that they are not: both are null.
2. Every other number is moved by the noise of its own set of people (disclosure.perturbation) and rounded up. A set keeps its
   noise as long as it keeps its members; one person more or less gives another. So neither two places, nor two days, nor
   two numbers of one page can be subtracted to tell of one person.
3. A place of fewer than FEWEST people, or five times `min_cell`, is not broken down at all.
4. In a breakdown a value that nearly everybody has is not shown either, and one with fewer than two values that can be shown
   is withheld whole: that all have one value would say it of each.
5. Quartiles of days are shown where more than `min_cell` people lie beyond each.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from commonweal import disclosure
from commonweal.disclosure import outputs
from commonweal.disclosure.perturbation import deviation, set_key
from commonweal.vault.representation.figures.cells import Cells, Counted, added_up
from commonweal.vault.representation.rules import UBR

FEWEST = 100
FORM = 2  # of documents: places whose figures have another one are counted anew
MONTHS = 36  # how far back the trend goes
Document = dict[str, Any]


@dataclass(frozen=True)
class Gate:
    policy: disclosure.Policy

    def count(self, counted: Counted) -> int | None:
        """The number as it may be shown; None: withheld."""
        people, mixed = counted
        if people <= self.policy.min_cell:
            return None
        moved = people + deviation(set_key(mixed), self.policy.noise)
        return disclosure.count(moved, self.policy).persons if moved > self.policy.min_cell else None

    def part(self, counted: Counted, whole: int) -> int | None:
        """As `count`, of a part of `whole` people that must not be nearly all of them."""
        return None if whole - counted[0] <= self.policy.min_cell else self.count(counted)

    def breakdown(self, values: Mapping[str, Counted]) -> dict[str, int | None] | None:
        """Value -> number; None where the whole is withheld."""
        whole = sum(people for people, _ in values.values())
        shown = {value: self.part(one, whole) for value, one in sorted(values.items())}
        return shown if sum(number is not None for number in shown.values()) >= 2 else None

    def broken_down(self, people: int) -> bool:
        return people >= max(FEWEST, 5 * self.policy.min_cell)

    def document(self, cells: Cells) -> Document:
        """{form, people, metrics, facets, steps, pairs, waits, months}, all of JSON; only the first two of a small place."""
        people = cells.metrics["participants"]
        told: Document = {
            "form": FORM,
            "people": self.count(people),
            "metrics": {id: self.count(n) for id, n in cells.metrics.items()},
        }
        if not self.broken_down(people[0]):
            return told | {"metrics": {"participants": told["people"]}, "few": True}
        return told | {
            "facets": {facet: self.breakdown(values) for facet, values in cells.facets.items()},
            "steps": self._steps(cells),
            "pairs": self._both(cells, people[0]),
            "waits": {"|".join(key): waits for key, one in cells.waits.items() if (waits := self._waits(*one))},
            "months": self._months(cells),
        }

    def _steps(self, cells: Cells) -> dict[str, dict[str, dict[str, int | None]]]:
        found: dict[str, dict[str, dict[str, int | None]]] = {}
        for (facet, value, step), one in cells.steps.items():
            found.setdefault(facet, {}).setdefault(value, {})[step] = self.count(one)
        return found

    def _both(self, cells: Cells, people: int) -> dict[str, int | None]:
        """Of two categories: withheld also where nearly all of one are in the other."""
        found = {}
        for (one, other), counted in cells.pairs.items():
            sizes = [cells.facets[f"category:{name}"].get(UBR, (0, 0))[0] for name in (one, other)]
            found[f"{one}|{other}"] = self.part(counted, min([*sizes, people]))
        return found

    def _waits(self, people: int, quartiles: list[float]) -> list[int] | None:
        passed = outputs.check(outputs.Percentiles(people, (0.25, 0.5, 0.75)), outputs.Limits(self.policy)).passed
        return [round(days) for days in quartiles] if passed and self.broken_down(people) else None

    def _months(self, cells: Cells) -> dict[str, dict[str, int | None]]:
        latest = list(added_up(cells.months).items())[-MONTHS:]
        return {month: {what: self.count(one) for what, one in told.items()} for month, told in latest}
