"""Geography: whether the home ZIP is on the list of rural ones that held on the day of the consent.

NotAnswer for what is no ZIP of a home: none given, unknown, military, or where the program has no list.
"""

from dataclasses import dataclass
from datetime import date

from commonweal.protocol.representation import ByRural
from commonweal.protocol.zips import Zips, zip5
from commonweal.vault.representation.rules.base import NOT_ANSWER, RBR, UBR, Facts


@dataclass(frozen=True)
class RuralRule:
    id: str
    zips: Zips
    days: tuple[date, ...]
    questions: frozenset[str] = frozenset()
    facts: tuple[str, ...] = ("zip", "state", "consented")
    every: bool = False

    def token(self, question: str, answer: str) -> str | None:
        return None

    def judge(self, said: frozenset[str], facts: Facts) -> str:
        rural = self.zips.rural(zip5(facts.zip, facts.state), facts.consented or date.max)
        return NOT_ANSWER if rural is None else UBR if rural else RBR


def by_rural(category: ByRural, zips: Zips) -> RuralRule:
    return RuralRule(category.id, zips, tuple(since for since, _ in zips.lists))
