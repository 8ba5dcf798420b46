"""A category by age on the day of the consent."""

from dataclasses import dataclass
from datetime import date

from commonweal.protocol.representation import ByAge
from commonweal.vault.representation.rules.base import NOT_ANSWER, RBR, UBR, Facts

OLDEST = 130  # years: who is older was written down wrong


@dataclass(frozen=True)
class AgeRule:
    id: str
    least: int
    most: int
    questions: frozenset[str] = frozenset()
    facts: tuple[str, ...] = ("age",)
    every: bool = False
    days: tuple[date, ...] = ()

    def token(self, question: str, answer: str) -> str | None:
        return None

    def judge(self, said: frozenset[str], facts: Facts) -> str:
        if facts.age is None or not 0 <= facts.age <= OLDEST:
            return NOT_ANSWER
        return RBR if self.least <= facts.age <= self.most else UBR


def by_age(category: ByAge) -> AgeRule:
    return AgeRule(category.id, category.least, category.most)


def completed_years(born: date | None, day: date | None) -> int | None:
    """Full years from `born` to `day`; who was born on 29 February completes one on 1 March of a common year."""
    if born is None or day is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
