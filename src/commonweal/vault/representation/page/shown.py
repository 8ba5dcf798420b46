"""A document of figures, read: numbers, shares of numbers that are shown, and what is withheld."""

from dataclasses import dataclass
from typing import Any

from commonweal.vault.representation.figures.gate import Document
from commonweal.vault.representation.rules import NOT_ANSWER, OVERALL, RBR, UBR


def share(part: int | None, whole: int | None) -> float | None:
    """None where one of them is withheld. Both are rounded up, so it is cut at 1."""
    return None if part is None or not whole else min(1.0, part / whole)


@dataclass(frozen=True)
class Shown:
    """`few`: too few people to be broken down."""

    document: Document

    @property
    def people(self) -> int | None:
        found: int | None = self.document["people"]
        return found

    @property
    def few(self) -> bool:
        return bool(self.document.get("few"))

    def metric(self, id: str) -> int | None:
        found: int | None = self.document["metrics"].get(id)
        return found

    def facet(self, name: str) -> dict[str, int | None]:
        """Value -> number; empty where all of it is withheld."""
        return self.document.get("facets", {}).get(name) or {}

    def category(self, id: str) -> dict[str, int | None]:
        """UBR, RBR and NotAnswer, each with its number (None: withheld)."""
        found = self.facet(f"category:{id}")
        return {outcome: found.get(outcome) for outcome in (UBR, RBR, NOT_ANSWER)} if found else {}

    def share_of(self, category: str, outcome: str = UBR) -> float | None:
        """Of all who take part: also of those who did not answer, so that silence makes no goal."""
        return share(self.category(category).get(outcome), self.people)

    @property
    def underrepresented(self) -> float | None:
        return self.share_of(OVERALL)

    def step(self, category: str, outcome: str, step: str) -> int | None:
        found = self.document.get("steps", {}).get(f"category:{category}", {}).get(outcome, {})
        number: int | None = found.get(step)
        return number

    def both(self, one: str, other: str) -> int | None:
        pairs = self.document.get("pairs", {})
        number: int | None = pairs.get(f"{one}|{other}", pairs.get(f"{other}|{one}"))
        return number

    @property
    def months(self) -> dict[str, dict[str, int | None]]:
        found: dict[str, dict[str, int | None]] = self.document.get("months", {})
        return found

    def waits(self, group: str, start: str, end: str) -> list[int] | None:
        found: list[int] | None = self.document.get("waits", {}).get("|".join((group, start, end)))
        return found


def collected(program: Any) -> set[str]:
    """Steps that anybody of the program has reached: those that nobody can reach yet are not shown as losses."""
    metrics = program["metrics"] if program else {}
    return {id for id, number in metrics.items() if number is not None}
