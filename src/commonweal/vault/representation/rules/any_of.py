"""Access to care, and disability: whether any of the named answers was given.

The reference, deciding whether all disability questions were left open, never looks at the one about hearing; here it counts
as the other five.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from commonweal.protocol.representation import ByAnyOf
from commonweal.vault.representation.rules.base import NOT_ANSWER, RBR, TOLD, UBR, Facts, small

_HIT, _PART = "hit", "part:"


@dataclass(frozen=True)
class AnyOfRule:
    """`counts`, `together`: (question, answer) pairs; `told_by`: questions of which one must have been answered."""

    id: str
    questions: frozenset[str]
    counts: frozenset[tuple[str, str]]
    together: frozenset[tuple[str, str]]
    least: int
    told_by: frozenset[str]
    nothing: frozenset[str]
    every: bool
    facts: tuple[str, ...] = ()
    days: tuple[date, ...] = ()

    def token(self, question: str, answer: str) -> str | None:
        if (question, answer) in self.counts:
            return _HIT
        if (question, answer) in self.together:
            return _PART + question
        return TOLD if question in self.told_by and answer not in self.nothing else None

    def judge(self, said: frozenset[str], facts: Facts) -> str:
        parts = sum(one.startswith(_PART) for one in said)
        if _HIT in said or (self.together and parts >= self.least):
            return UBR
        return RBR if TOLD in said else NOT_ANSWER


def by_any_of(category: ByAnyOf, nothing: frozenset[str]) -> AnyOfRule:
    counts = _pairs(category.answers)
    together = _pairs(category.together.answers) if category.together else frozenset()
    asked = frozenset(question for question, _ in counts | together)
    told_by = small(category.told_by) or asked
    least = category.together.least if category.together else 0
    return AnyOfRule(category.id, asked | told_by, counts, together, least, told_by, nothing, category.every_response)


def _pairs(answers: Mapping[str, tuple[str, ...]]) -> frozenset[tuple[str, str]]:
    return frozenset((question.lower(), code.lower()) for question, codes in answers.items() for code in codes)
