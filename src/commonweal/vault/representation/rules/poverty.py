"""Income: whether a bracket begins at or below a multiple of the federal poverty guideline of the household.

The guideline is base + increment × (people − 1), by year and region: Alaska, Hawaii, and the 48 states with everything else.
Source: U.S. Department of Health and Human Services, annual poverty guidelines; All of Us UBR calculator (bracket by its
lower bound, people counted with the respondent, eleven and more as eleven). Computed, where the reference looks it up in a
table that is wrong in places for 2024.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from commonweal.protocol.representation import ByPoverty
from commonweal.vault.representation.rules.base import NOT_ANSWER, RBR, UBR, Facts, small

_PEOPLE = "people:"
_OWN = ("AK", "HI")  # regions with guidelines of their own
_REST = "48"


@dataclass(frozen=True)
class Guidelines:
    """(year, region) -> dollars of the first person and of each further one."""

    rows: tuple[tuple[int, str, int, int], ...]

    def of(self, year: int | None, state: str, people: int) -> int | None:
        """Dollars a year; of the latest year known by then, else of the first; None where there are none."""
        region = state if state in _OWN else _REST
        mine = sorted(row for row in self.rows if row[1] == region)
        if not mine:
            return None
        past = [row for row in mine if year is None or row[0] <= year]
        _year, _region, first, more = past[-1] if past else mine[0]
        return first + more * (people - 1)


@dataclass(frozen=True)
class PovertyRule:
    id: str
    questions: frozenset[str]
    household_question: str
    lower_bounds: tuple[tuple[str, int], ...]
    multiple: float
    most_people: int
    guidelines: Guidelines
    nothing: frozenset[str]
    facts: tuple[str, ...] = ("state", "year")
    every: bool = False
    days: tuple[date, ...] = ()

    def token(self, question: str, answer: str) -> str | None:
        if question == self.household_question:
            return f"{_PEOPLE}{household(answer, self.most_people)}"
        return None if answer in self.nothing else answer

    def judge(self, said: frozenset[str], facts: Facts) -> str:
        people = [int(one.removeprefix(_PEOPLE)) for one in said if one.startswith(_PEOPLE)]
        brackets = [bound for code, bound in self.lower_bounds if code in said]
        limit = self.guidelines.of(facts.year, facts.state, max(people, default=1))
        if len(brackets) != 1 or limit is None:
            return NOT_ANSWER  # nothing, several at once, or a code that is no bracket
        return UBR if brackets[0] <= self.multiple * limit else RBR


def household(answer: str, most: int) -> int:
    """People in the household: those besides the respondent, rounded up, and the respondent; 1 for what is no number."""
    try:
        others = float(answer)
    except ValueError:
        return 1
    if not math.isfinite(others) or others < 0:
        return 1
    return min(math.ceil(others) + 1, most)


def by_poverty(category: ByPoverty, table: Iterable[Mapping[str, str]], nothing: frozenset[str]) -> PovertyRule:
    rows = tuple(
        (int(row["year"]), row["region"], int(row["first_person"]), int(row["each_additional_person"])) for row in table
    )
    bounds = tuple((code.lower(), bound) for code, bound in category.lower_bounds.items())
    asked = small((category.question, category.household_question))
    own = (category.household_question.lower(), bounds, category.multiple, category.most_people)
    return PovertyRule(category.id, asked, *own, Guidelines(rows), nothing)
