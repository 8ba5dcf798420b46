"""What all rules share: outcomes, what is known of a person beside their answers, and the shape of a rule."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

UBR, RBR, NOT_ANSWER = "UBR", "RBR", "NotAnswer"


@dataclass(frozen=True)
class Facts:
    """Of one person: completed years and day at consent, home ZIP and state then, year of the income answer."""

    age: int | None = None
    consented: date | None = None
    zip: str = ""
    state: str = ""
    year: int | None = None


class Rule(Protocol):
    """`questions` in small letters. `facts`: the names of the Facts that it looks at. `every`: tokens of any response of
    the person count, but for `told`, which is of the last one alone. `days`: the days at which its answer for somebody can
    change, where it looks at `consented`."""

    @property
    def id(self) -> str: ...

    @property
    def questions(self) -> frozenset[str]: ...

    @property
    def facts(self) -> tuple[str, ...]: ...

    @property
    def every(self) -> bool: ...

    @property
    def days(self) -> tuple[date, ...]: ...

    def token(self, question: str, answer: str) -> str | None:
        """What an answer (both in small letters) is to this rule; None where it says nothing."""
        ...

    def judge(self, said: frozenset[str], facts: Facts) -> str:
        """UBR, RBR or NotAnswer by the tokens of what was said."""
        ...


TOLD = "told"  # the token of an answer that says only that there was one


def small(words: "tuple[str, ...] | list[str]") -> frozenset[str]:
    return frozenset(word.lower() for word in words)
