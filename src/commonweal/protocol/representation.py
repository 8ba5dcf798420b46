"""representation.toml: who counts as underrepresented in biomedical research (UBR), by category.

Each category sorts a person into UBR, RBR (represented) or NotAnswer. The kinds of rule:
answers: RBR when the answers are exactly one of `represented`; age: RBR from `least` to `most` completed years at consent;
gender: as answers, where each represented gender fits its sex at birth; either: UBR when any of `of` is, RBR when all are;
poverty: UBR when the income bracket begins at or below `multiple` times the poverty guideline; rural: UBR when the ZIP is
in the reference table; any_of: UBR when any of the named answers was given; overall is UBR when any category is.
"""

from typing import Annotated, Literal

from pydantic import Field

from commonweal.protocol.base import Model, Text


class Titled(Model):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Text


class ByAnswers(Titled):
    rule: Literal["answers"]
    question: str
    represented: tuple[str, ...] = ()
    underrepresented: tuple[str, ...] = ()


class ByAge(Titled):
    rule: Literal["age"]
    least: int
    most: int


class ByGender(Titled):
    rule: Literal["gender"]
    question: str
    closer_question: str
    sex_question: str
    represented: dict[str, str]


class ByEither(Titled):
    rule: Literal["either"]
    of: tuple[str, ...]


class ByPoverty(Titled):
    rule: Literal["poverty"]
    question: str
    household_question: str
    multiple: float
    table: str
    lower_bounds: dict[str, int]


class ByRural(Titled):
    rule: Literal["rural"]
    table: str


class ByAnyOf(Titled):
    rule: Literal["any_of"]
    answers: dict[str, tuple[str, ...]]


Category = Annotated[
    ByAnswers | ByAge | ByGender | ByEither | ByPoverty | ByRural | ByAnyOf, Field(discriminator="rule")
]


class Representation(Model):
    """The whole of representation.toml. `not_answers` are codes that say nothing, such as a skipped question."""

    not_answers: tuple[str, ...]
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
