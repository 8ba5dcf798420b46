"""Gender identity: by what a person says they are, the closer description, and the sex at birth.

The reference counts a person who said nothing as represented; here that is NotAnswer. An undecided answer alone ("none of
these; show me more") is underrepresented in both: it is neither man nor woman.
"""

from dataclasses import dataclass
from datetime import date

from commonweal.protocol.representation import ByGender
from commonweal.vault.representation.rules.base import NOT_ANSWER, RBR, UBR, Facts, small

_SEX = "sex:"


@dataclass(frozen=True)
class GenderRule:
    """`represented`: the sex at birth that each represented gender fits. A sex that was not told fits every gender."""

    id: str
    questions: frozenset[str]
    sex_question: str
    represented: tuple[tuple[str, str], ...]
    undecided: str
    nothing: frozenset[str]
    facts: tuple[str, ...] = ()
    every: bool = False
    days: tuple[date, ...] = ()

    def token(self, question: str, answer: str) -> str | None:
        if answer in self.nothing:
            return None
        return _SEX + answer if question == self.sex_question else answer

    def judge(self, said: frozenset[str], facts: Facts) -> str:
        genders = {one for one in said if not one.startswith(_SEX)}
        sexes = {one.removeprefix(_SEX) for one in said if one.startswith(_SEX)}
        if not genders:
            return NOT_ANSWER
        if len(genders) > 1:
            genders.discard(self.undecided)
        fits = dict(self.represented).get(next(iter(genders))) if len(genders) == 1 else None
        return RBR if fits is not None and sexes <= {fits} else UBR


def by_gender(category: ByGender, nothing: frozenset[str]) -> GenderRule:
    asked = small((category.question, category.closer_question, category.sex_question))
    pairs = tuple((gender.lower(), sex.lower()) for gender, sex in category.represented.items())
    return GenderRule(category.id, asked, category.sex_question.lower(), pairs, category.undecided.lower(), nothing)
