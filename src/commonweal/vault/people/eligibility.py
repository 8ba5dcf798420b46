"""Who can join: pure rules over the answers to the program's questions, a birth date and an address.

The states and how one becomes another are data (`MACHINE`); the documentation draws its picture from them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol as Shape

from commonweal.protocol.states import NAMES
from commonweal.vault.people.facts import age_on

NOT_ASKED, ELIGIBLE, NOT_ELIGIBLE, NEEDS_REVIEW = "not_asked", "eligible", "not_eligible", "needs_review"
STATES_OF_ELIGIBILITY = (NOT_ASKED, ELIGIBLE, NOT_ELIGIBLE, NEEDS_REVIEW)

# (from, what happens, to). A person of the program may decide in any state; what they denied only they can allow again.
MACHINE: tuple[tuple[str, str, str], ...] = (
    (NOT_ASKED, "answers as the program asks", ELIGIBLE),
    (NOT_ASKED, "answers otherwise", NOT_ELIGIBLE),
    (NOT_ASKED, "is not sure", NEEDS_REVIEW),
    (ELIGIBLE, "answers otherwise", NOT_ELIGIBLE),
    (ELIGIBLE, "is not sure", NEEDS_REVIEW),
    (NOT_ELIGIBLE, "answers as the program asks", ELIGIBLE),
    (NOT_ELIGIBLE, "is not sure", NEEDS_REVIEW),
    (NOT_ELIGIBLE, "answers as the program asks after staff said no", NEEDS_REVIEW),
    (NEEDS_REVIEW, "answers as the program asks", ELIGIBLE),
    (NEEDS_REVIEW, "answers otherwise", NOT_ELIGIBLE),
    (NEEDS_REVIEW, "staff say yes", ELIGIBLE),
    (NEEDS_REVIEW, "staff say no", NOT_ELIGIBLE),
    (ELIGIBLE, "staff say no", NOT_ELIGIBLE),
    (NOT_ELIGIBLE, "staff say yes", ELIGIBLE),
)


class Question(Shape):
    """What a rule needs to know of a question of the program."""

    @property
    def id(self) -> str: ...
    @property
    def eligible_when(self) -> bool: ...


@dataclass(frozen=True)
class Judgement:
    """A state, and the ids of the questions it comes from."""

    state: str
    reasons: tuple[str, ...] = ()


def judge(
    questions: Iterable[Question], answers: Mapping[str, bool | None], *, denied_by_staff: bool = False
) -> Judgement:
    """Yes, no or not sure (None) to each question. A clear no decides before what is not sure.

    Raises KeyError for a question without an answer. `denied_by_staff`: a person of the program said no before, so that
    other answers alone cannot open the door again.
    """
    asked = list(questions)
    failed = tuple(q.id for q in asked if answers[q.id] is not None and answers[q.id] != q.eligible_when)
    unsure = tuple(q.id for q in asked if answers[q.id] is None)
    if failed:
        return Judgement(NOT_ELIGIBLE, failed)
    if unsure or denied_by_staff:
        return Judgement(NEEDS_REVIEW, unsure)
    return Judgement(ELIGIBLE)


def is_of_age(birth: date, day: date, minimum: int = 18) -> bool:
    """Whether `minimum` years are completed on `day`; born on 29 February, that is 1 March in common years."""
    return birth <= day and age_on(birth, day) >= minimum


def is_of_age_on(birth: date, minimum: int = 18) -> date:
    """The first day on which one is of age."""
    year = birth.year + minimum
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def lives_in_the_country(state: str) -> bool:
    """Whether an address with this postal code of a state lies in the United States or one of its territories."""
    return state in NAMES
