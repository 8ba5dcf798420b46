"""What a check answers: passed, refused, or for a person to look at; with the reason in plain words."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    PASSED = "passed"
    REFUSED = "refused"
    REVIEW = "needs review"


@dataclass(frozen=True)
class Verdict:
    """`reason`: what is wrong and what to do, without a number about few people; empty where it passed."""

    outcome: Outcome
    reason: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED


PASSED = Verdict(Outcome.PASSED)


def refused(reason: str) -> Verdict:
    return Verdict(Outcome.REFUSED, reason)


def review(reason: str) -> Verdict:
    return Verdict(Outcome.REVIEW, reason)
