"""privacy.toml: what is done to data before researchers see them, and when a number may leave.

Concepts are OMOP concept ids of questions and answers as they stand in the source columns.
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from commonweal.protocol.base import Model
from commonweal.protocol.public_tier import PublicTier

Concept = Annotated[int, Field(gt=0)]
Concepts = tuple[Concept, ...]
Hour = Annotated[int, Field(ge=0, le=24)]


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    return value


class Mapped(Model):
    """These answers become that one."""

    answers: Annotated[Concepts, Field(min_length=1)]
    becomes: Concept


class Conflict(Model):
    """An answer that becomes another when a second question was answered so."""

    answer: Concept
    when_question: Concept
    when_answer: Concept
    becomes: Concept


class Generalisation(Model):
    """How the answers to some questions are made coarser. Order: several, conflicts, mapped; what none names stays.

    `several_becomes` replaces all answers of a person who gave more than one of `several_of` (empty: of any answer).
    After it, equal answers of one person to one question count once, the latest.
    """

    id: str
    why: str
    questions: Annotated[Concepts, Field(min_length=1)]
    several_becomes: Concept | None = None
    several_of: Concepts = ()
    conflicts: tuple[Conflict, ...] = ()
    mapped: tuple[Mapped, ...] = ()


class NumberLimit(Model):
    """Numeric answers below `least` or above `most` become `invalid`; from `top_from` on they become `top` (a group)."""

    id: str
    why: str
    questions: Annotated[Concepts, Field(min_length=1)]
    least: int
    most: int
    invalid: Concept
    top_from: int | None = None
    top: Concept | None = None

    @model_validator(mode="after")
    def _whole(self) -> "NumberLimit":
        if self.least > self.most:
            raise ValueError("least is above most")
        if (self.top_from is None) != (self.top is None):
            raise ValueError("top_from and top go together")
        return self


class SuppressedConcepts(Model):
    """Rows with one of these concepts in any concept column are left out, and those of their descendants if so said."""

    id: str
    why: str
    concepts: Annotated[Concepts, Field(min_length=1)]
    descendants: bool = False


class SuppressedCodes(Model):
    """Rows whose source code in these vocabularies matches the regular expression, from its start, are left out."""

    id: str
    why: str
    vocabularies: Annotated[tuple[str, ...], Field(min_length=1)]
    pattern: Annotated[str, AfterValidator(_pattern)]


class TierPrivacy(Model):
    """What is done to the data of one tier."""

    date_shift_days_min: Annotated[int, Field(ge=1)]
    date_shift_days_max: Annotated[int, Field(le=3650)]
    age_cap: Annotated[int, Field(gt=0)]
    small_state: Annotated[int, Field(ge=1)]
    small_state_becomes: Concept
    recent_concept_days: Annotated[int, Field(ge=0)]
    days_after_death: Annotated[int, Field(ge=0)]
    clock_change_hours: tuple[Hour, Hour] = (1, 3)  # local; from the first to before the second clocks may change
    small_device_model: Annotated[int, Field(ge=1)] = 20
    generalisations: tuple[Generalisation, ...] = ()
    number_limits: tuple[NumberLimit, ...] = ()
    suppressed_concepts: tuple[SuppressedConcepts, ...] = ()
    suppressed_codes: tuple[SuppressedCodes, ...] = ()

    @model_validator(mode="after")
    def _shift(self) -> "TierPrivacy":
        if self.date_shift_days_min > self.date_shift_days_max:
            raise ValueError("date_shift_days_min is above date_shift_days_max")
        if self.clock_change_hours[0] >= self.clock_change_hours[1]:
            raise ValueError("clock_change_hours ends before it begins; clocks that never change have none to guard")
        return self


class Disclosure(Model):
    """Counts of 1 to `min_cell` people are never shown or derivable; others are rounded to multiples of `round_to`."""

    min_cell: Annotated[int, Field(ge=1)]
    round_to: Annotated[int, Field(ge=1)]


class Risk(Model):
    """The greatest expected risk of re-identification with which a tier may be published."""

    registered_max: Annotated[float, Field(gt=0, le=1)]
    attacker: Literal["knows_of_membership"] = "knows_of_membership"


class Privacy(Model):
    """The whole of privacy.toml. `compared`: by survey, the questions of which people see how others answered."""

    registered: TierPrivacy
    disclosure: Disclosure
    risk: Risk
    compared: dict[str, tuple[str, ...]] = {}
    public: PublicTier = PublicTier()
