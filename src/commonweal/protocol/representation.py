"""representation.toml: who counts as underrepresented in biomedical research (UBR), by category.

Each category sorts a person into UBR, RBR (represented) or NotAnswer. The kinds of rule:
answers: RBR when the answers are exactly one of `represented`, or none of `underrepresented`; age: RBR from `least` to `most`
completed years at consent; gender: as answers, where each represented gender fits its sex at birth; either: UBR when any of
`of` is, RBR when all are; poverty: UBR when the income bracket begins at or below `multiple` times the poverty guideline;
rural: UBR when the ZIP is in the reference table; any_of: UBR when any of the named answers was given, or enough of those
that count `together`; overall is UBR when any category is. Source: All of Us raw data repository (UBR calculator), Mapes et
al. 2020 (PMC7329113).
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from commonweal.protocol.base import Model, Text


class Titled(Model):
    """`definition` says to everybody who counts as underrepresented, in one sentence."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Text
    definition: Text | None = None


class ByAnswers(Titled):
    rule: Literal["answers"]
    question: str
    represented: tuple[str, ...] = ()
    underrepresented: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if bool(self.represented) == bool(self.underrepresented):
            raise ValueError("name either `represented` or `underrepresented` answers")
        return self


class ByAge(Titled):
    rule: Literal["age"]
    least: int
    most: int


class ByGender(Titled):
    """`undecided`: the answer that leads to the closer question, and says nothing beside an answer to it."""

    rule: Literal["gender"]
    question: str
    closer_question: str
    sex_question: str
    represented: dict[str, str]
    undecided: str = ""


class ByEither(Titled):
    rule: Literal["either"]
    of: tuple[str, ...]


class ByPoverty(Titled):
    """Households of more than `most_people` count as of so many."""

    rule: Literal["poverty"]
    question: str
    household_question: str
    multiple: Annotated[float, Field(gt=0)]
    table: str
    lower_bounds: dict[str, int]
    most_people: Annotated[int, Field(ge=1)] = 11


class ByRural(Titled):
    rule: Literal["rural"]
    table: str


class Together(Model):
    """At least `least` of these answers, by question, count as one that does."""

    least: Annotated[int, Field(ge=1)]
    answers: dict[str, tuple[str, ...]]


class ByAnyOf(Titled):
    """`told_by`: questions of which one must be answered, else NotAnswer; all of them where it is empty.

    `every_response`: an answer counts in whatever response it was given; else the first response to each question does.
    """

    rule: Literal["any_of"]
    answers: dict[str, tuple[str, ...]]
    together: Together | None = None
    told_by: tuple[str, ...] = ()
    every_response: bool = False


Category = Annotated[
    ByAnswers | ByAge | ByGender | ByEither | ByPoverty | ByRural | ByAnyOf, Field(discriminator="rule")
]


RESERVED = ("overall", "race", "participant_id")  # what figures call other things


class Groups(Model):
    """Groups in which people are compared with the population, each a person's own by their answers to `question`.

    `groups`: answer to group; `first`: groups that hold whatever else was answered; `several`: the group of those with
    more than one; `census`: which group of the census each is compared with; `titles`: what a group is called.
    """

    question: str
    groups: dict[str, str]
    first: tuple[str, ...] = ()
    several: str
    census: dict[str, str]
    titles: dict[str, Text]

    @model_validator(mode="after")
    def _named(self) -> Self:
        for group in {*self.groups.values(), *self.first, self.several, *self.census}:
            if group not in self.titles:
                raise ValueError(f"group '{group}' has no title")
        return self


class Representation(Model):
    """The whole of representation.toml. `not_answers` are codes that say nothing, such as a skipped question.

    `minority`: the category whose UBR are the racial and ethnic minorities of the program's goals.
    """

    not_answers: tuple[str, ...]
    minority: str = "race_ethnicity"
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
    race: Groups | None = None
