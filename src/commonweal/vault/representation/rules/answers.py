"""A category by the answers to one question."""

from dataclasses import dataclass
from datetime import date

from commonweal.protocol.representation import ByAnswers
from commonweal.vault.representation.rules.base import NOT_ANSWER, RBR, UBR, Facts, small


@dataclass(frozen=True)
class AnswersRule:
    """Where `represented` is given, RBR is exactly one of these and nothing beside it; else RBR is none of `underrepresented`."""

    id: str
    questions: frozenset[str]
    represented: frozenset[str]
    underrepresented: frozenset[str]
    nothing: frozenset[str]
    facts: tuple[str, ...] = ()
    every: bool = False
    days: tuple[date, ...] = ()

    def token(self, question: str, answer: str) -> str | None:
        return None if answer in self.nothing else answer

    def judge(self, said: frozenset[str], facts: Facts) -> str:
        if not said:
            return NOT_ANSWER
        if self.underrepresented:
            return UBR if said & self.underrepresented else RBR
        return RBR if len(said) == 1 and said <= self.represented else UBR


def by_answers(category: ByAnswers, nothing: frozenset[str]) -> AnswersRule:
    listed = small(category.represented), small(category.underrepresented)
    return AnswersRule(category.id, small((category.question,)), *listed, nothing)
