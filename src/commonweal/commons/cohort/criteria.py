"""The criteria of a cohort definition, as data. What each means is said in the contract and compiled in `compile`."""

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from commonweal.disclosure import digest

if TYPE_CHECKING:
    from commonweal.commons.cohort.definition import Definition

EVENT_TYPES = ("condition", "drug", "measurement", "procedure", "observation", "visit", "device", "survey")
SIGNALS = ("steps", "activity", "heart_rate", "sleep")
TYPES = (*EVENT_TYPES, "wearable", "person", "cohort")
NOT_YET = ("genome",)
WITH_NUMBERS = ("measurement", "observation", "survey")
HAS_NOT_YET = ("array", "wgs")


def _to_day(value: Any) -> Any:
    """A day as JSON has it. Done here: inside another cohort pydantic no longer knows that it reads JSON."""
    return date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else value


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Day = Annotated[date, BeforeValidator(_to_day)]
Concepts = Annotated[list[int], Field(min_length=1, max_length=10_000)]


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _ordered(low: Any, high: Any, names: str) -> None:
    if low is None and high is None:
        raise ValueError(f"give at least one of {names}")
    if low is not None and high is not None and low > high:
        raise ValueError(f"{names}: the first is larger than the second")


class AgeRange(Strict):
    """Whole years, both ends included."""

    min: int | None = None
    max: int | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.min, self.max, "min and max")
        return self


class DateRange(Strict):
    """Days, both ends included."""

    from_: Day | None = Field(None, alias="from")
    to: Day | None = None
    model_config = ConfigDict(serialize_by_alias=True)

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.from_, self.to, "from and to")
        return self


class Value(Strict):
    """Of a measurement, observation or answer: a number with its units, or a concept."""

    min: float | None = None
    max: float | None = None
    units: Concepts | None = None
    concepts: Concepts | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.min is not None or self.max is not None:
            _ordered(self.min, self.max, "min and max")
        elif self.units is None and self.concepts is None:
            raise ValueError("give min, max, units or concepts")
        return self


def _tag_of(value: Any) -> str:
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return "event" if kind in EVENT_TYPES else str(kind)


_WRONG_TYPE = {
    "custom_error_type": "criterion_type",
    "custom_error_message": f"type is missing or not known; use one of {', '.join(TYPES)}",
}


class NotYet(Strict):
    """Known to the contract, not to this version."""

    type: Literal["genome"]
    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _refuse(cls, value: Any) -> Any:
        raise ValueError(
            f"criteria of type {value['type']} cannot be used: releases hold no such data yet; leave this one out"
        )


class EventCriterion(Strict):
    """Something that happened to a person, a number of times, under conditions. Defaults as in the contract.

    What happened is a concept (`ConceptCriterion`) or what a device recorded on a day (`WearableCriterion`).
    """

    at_least: int = Field(1, ge=0)
    at_most: int | None = Field(None, ge=0)
    pick: Literal["any", "first", "last"] = "any"
    age: AgeRange | None = None
    start: DateRange | None = None
    end: DateRange | None = None
    value: Value | None = None
    within: "Within | None" = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.at_most == 0 and self.at_least > 0 and "at_least" in self.model_fields_set:
            raise ValueError("at_most 0 means never, so at_least cannot be above 0; leave at_least out")
        if self.at_most not in (None, 0) and self.at_least > (self.at_most or 0):
            raise ValueError("at_least is larger than at_most")
        _happens("within.of", self.within and self.within.of)
        return self

    @property
    def allows_none(self) -> bool:
        """Whether somebody without any such event can satisfy it."""
        return self.at_least == 0 or self.at_most == 0


def _happens(name: str, other: object) -> None:
    if isinstance(other, EventCriterion) and other.allows_none:
        raise ValueError(f"{name}: an event that may be absent has no date to compare with; use exclude")


class ConceptCriterion(EventCriterion):
    """An event of one of these concepts, in the table of its type."""

    type: Literal["condition", "drug", "measurement", "procedure", "observation", "visit", "device", "survey"]
    concepts: Concepts
    descendants: bool = True
    source: bool = False
    visit: Concepts | None = None
    same_visit: "ConceptCriterion | None" = None

    @model_validator(mode="after")
    def _of_its_type(self) -> Self:
        if self.value is not None and self.type not in WITH_NUMBERS:
            raise ValueError(f"value: a {self.type} has none; it is for {', '.join(WITH_NUMBERS)}")
        _happens("same_visit", self.same_visit)
        return self


class WearableCriterion(EventCriterion):
    """A day of which a wearable device tells. Its value is a number: steps; minutes of fair or high activity; minutes
    with the heart in the zones Cardio or Peak; minutes asleep."""

    type: Literal["wearable"]
    signal: Literal["steps", "activity", "heart_rate", "sleep"]

    @model_validator(mode="after")
    def _numbers_only(self) -> Self:
        if self.value is not None and (self.value.units is not None or self.value.concepts is not None):
            raise ValueError("value: a day of a wearable has a number alone; give min or max")
        return self


class Within(Strict):
    """This event's start minus that event's start, in days, both ends included."""

    of: "Literal['index'] | AnyEvent"
    days: list[int | None] = Field(min_length=2, max_length=2)

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.days[0], self.days[1], "days")
        return self


class AgeAt(Strict):
    """Age in whole years on a day, or at the index event."""

    date: 'Literal["index"] | Day'
    min: int | None = None
    max: int | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(self.min, self.max, "min and max")
        return self


class PersonCriterion(Strict):
    """What somebody is. Each key given must hold."""

    type: Literal["person"]
    sex_at_birth: Concepts | None = None
    gender: Concepts | None = None
    race: Concepts | None = None
    ethnicity: Concepts | None = None
    age_at: AgeAt | None = None
    deceased: bool | None = None
    has: list[Literal["ehr", "surveys", "measurements", "wearables", "array", "wgs"]] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.model_fields_set - {"type"}:
            raise ValueError("says nothing of the person; give sex_at_birth, race, age_at, … or leave it out")
        absent = [kind for kind in self.has or () if kind in HAS_NOT_YET]
        if absent:
            raise ValueError(f"has: releases hold no {absent[0]} yet; leave it out")
        return self


class CohortCriterion(Strict):
    """Being in another cohort, carried inline. `sha256`, where given, is that of its definition."""

    type: Literal["cohort"]
    sha256: str | None = None
    definition: "Definition"

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, value: Any, handler: Any) -> Any:
        made = handler(value)
        carried = value.get("definition") if isinstance(value, dict) else None
        if made.sha256 is not None and made.sha256 not in (made.definition.sha256, digest(carried)):
            raise ValueError("sha256 is not that of the definition carried here; copy both from the same cohort")
        return made


AnyEvent = Annotated[
    Annotated[ConceptCriterion, Tag("event")] | Annotated[WearableCriterion, Tag("wearable")],
    Discriminator(_tag_of, **_WRONG_TYPE),
]

for model in (AgeAt, Within, EventCriterion, ConceptCriterion, WearableCriterion):
    model.model_rebuild()

Criterion = Annotated[
    Annotated[ConceptCriterion, Tag("event")]
    | Annotated[WearableCriterion, Tag("wearable")]
    | Annotated[PersonCriterion, Tag("person")]
    | Annotated[CohortCriterion, Tag("cohort")]
    | Annotated[NotYet, Tag("genome")],
    Discriminator(_tag_of, **_WRONG_TYPE),
]
