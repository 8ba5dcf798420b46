"""The criteria of a cohort definition, as data. What each means is said in the contract and compiled in `compile`."""

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from commonweal.commons.cohort.domains import DOMAINS
from commonweal.commons.cohort.ranges import (
    AgeRange,
    Column,
    Concepts,
    DateRange,
    Day,
    Days,
    Observed,
    Strict,
    Value,
    WholeRange,
    ordered,
)
from commonweal.disclosure import digest
from commonweal.genomics.ancestry import Ancestry
from commonweal.genomics.genotype import Genotype
from commonweal.genomics.variant import PATTERN, parse

if TYPE_CHECKING:
    from commonweal.commons.cohort.definition import Definition

EVENT_TYPES = tuple(DOMAINS)
Held = Literal["ehr", "surveys", "measurements", "wearables", "array", "wgs"]
HELD: tuple[Held, ...] = get_args(Held)
SIGNALS = ("steps", "activity", "heart_rate", "sleep")
TYPES = (*EVENT_TYPES, "wearable", "any_event", "person", "genome", "index", "group", "cohort")
WITH_NUMBERS = ("measurement", "observation", "survey")


def _tag_of(value: Any) -> str:
    kind = value.get("type") if isinstance(value, dict) else getattr(value, "type", None)
    return "event" if kind in EVENT_TYPES else str(kind)


def _one_way(text: str) -> str:
    """A variant as all of us write it, so that two ways to write it are one definition."""
    return str(parse(text))


def _one_or_several(value: Any) -> str:
    return "several" if isinstance(value, list) else "one"


_WRONG_TYPE = {
    "custom_error_type": "criterion_type",
    "custom_error_message": f"type is missing or not known; use one of {', '.join(TYPES)}",
}


class EventCriterion(Strict):
    """Something that happened to a person, a number of times, under conditions. Defaults as in the contract.

    What happened is a concept (`ConceptCriterion`), what a device recorded on a day (`WearableCriterion`), or one of
    several such things (`AnyEventCriterion`).
    """

    at_least: int = Field(1, ge=0, lt=2**31)
    at_most: int | None = Field(None, ge=0, lt=2**31)
    count: Literal["dates", "events", "concepts", "visits"] = "dates"
    pick: Literal["any", "first", "last"] = "any"
    age: AgeRange | None = None
    start: DateRange | None = None
    end: DateRange | None = None
    length: WholeRange | None = None
    value: Value | None = None
    observed: Observed | None = None
    within: "OneOrSeveral | None" = None
    where: "list[Criterion]" = Field([], max_length=100)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.at_most == 0 and self.at_least > 0 and "at_least" in self.model_fields_set:
            raise ValueError("at_most 0 means never, so at_least cannot be above 0; leave at_least out")
        if self.at_most not in (None, 0) and self.at_least > (self.at_most or 0):
            raise ValueError("at_least is larger than at_most")
        for within in self.withins:
            _happens("within.of", within.of)
        return self

    @property
    def withins(self) -> "list[Within]":
        if self.within is None:
            return []
        return self.within if isinstance(self.within, list) else [self.within]

    @property
    def allows_none(self) -> bool:
        """Whether somebody without any such event can satisfy it."""
        return self.at_least == 0 or self.at_most == 0


def _happens(name: str, other: object) -> None:
    if isinstance(other, EventCriterion) and other.allows_none:
        raise ValueError(f"{name}: an event that may be absent has no date to compare with; use exclude")


class ConceptCriterion(EventCriterion):
    """An event of one of these concepts, in the table of its type.

    The concepts are `concepts` (with their descendants) and `alone` (without), less `excluded` (with) and
    `excluded_alone` (without); or any concept at all.
    """

    type: Literal[
        "condition", "drug", "measurement", "procedure", "observation", "visit", "device", "survey",
        "condition_era", "drug_era", "visit_detail", "observation_period", "payer_plan_period",
        "specimen", "death",
    ]  # fmt: skip
    concepts: Concepts | None = None
    descendants: bool = True
    alone: Concepts | None = None
    excluded: Concepts | None = None
    excluded_alone: Concepts | None = None
    any_concept: bool = False
    source: bool = False
    no_end: Literal["unknown", "next_day"] = "unknown"
    columns: list[Column] = Field([], max_length=20)
    visit: Concepts | None = None
    same_visit: "Literal['index'] | ConceptCriterion | None" = None

    @model_validator(mode="after")
    def _of_its_type(self) -> Self:
        domain = DOMAINS[self.type]
        if self.value is not None and self.type not in WITH_NUMBERS:
            raise ValueError(f"value: a {self.type} has none; it is for {', '.join(WITH_NUMBERS)}")
        if self.source and domain.source_concept is None:
            raise ValueError(f"source: a {self.type} has no source concept; leave it out")
        for asked in self.columns:
            kind = domain.column_kind(asked.column)
            if kind != ("number" if asked.concepts is None else "concept"):
                raise ValueError(f"columns: {_known_column(domain.table, kind)}")
        _happens("same_visit", self.same_visit)
        return self

    @model_validator(mode="after")
    def _of_some_concept(self) -> Self:
        named = [self.concepts, self.alone, self.excluded, self.excluded_alone]
        if self.any_concept and any(ids is not None for ids in named):
            raise ValueError("any_concept: with it no concepts are given; leave one of the two out")
        if not self.any_concept and self.concepts is None and self.alone is None:
            raise ValueError("concepts: is missing; add it, or say any_concept")
        return self


def _known_column(table: str, kind: str | None) -> str:
    """Why a column cannot be asked like this; what somebody wrote is not repeated."""
    if kind is None:
        return f"no such column of concepts or numbers in {table}; use a standard column of that table"
    return (
        f"a column of {kind}s of {table} is asked for {'concepts' if kind == 'concept' else 'min, max, above or below'}"
    )


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


class AnyEventCriterion(EventCriterion):
    """Any of several kinds of event, taken together as one kind."""

    type: Literal["any_event"]
    of: "list[AnyEvent]" = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _all_happen(self) -> Self:
        if self.value is not None:
            raise ValueError("value: say it of the events inside")
        for member in self.of:
            _happens("of", member)
        return self


class Within(Strict):
    """A day of this event minus a day of that event, in days, both ends included; in one observation period, if said."""

    of: "Literal['index'] | AnyEvent"
    days: list[Days | None] | None = Field(None, min_length=2, max_length=2)
    this: Literal["start", "end"] = "start"
    that: Literal["start", "end"] = "start"
    same_observation_period: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.days is not None:
            ordered(self.days[0], self.days[1], "days")
        elif not self.same_observation_period:
            raise ValueError("days is missing; add it")
        return self


OneOrSeveral = Annotated[
    Annotated[Within, Tag("one")] | Annotated[list[Within], Tag("several"), Field(min_length=1, max_length=10)],
    Discriminator(_one_or_several),
]


class AgeAt(AgeRange):
    """Age in whole years on a day, or at the index event."""

    date: 'Literal["index"] | Day'


class PersonCriterion(Strict):
    """What somebody is. Each key given must hold."""

    type: Literal["person"]
    sex_at_birth: Concepts | None = None
    gender: Concepts | None = None
    race: Concepts | None = None
    ethnicity: Concepts | None = None
    age_at: AgeAt | None = None
    deceased: bool | None = None
    has: list[Held] | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.model_fields_set - {"type"}:
            raise ValueError("says nothing of the person; give sex_at_birth, race, age_at, … or leave it out")
        return self


class GenomeCriterion(Strict):
    """What the genome says of somebody. Each key given must hold.

    `ancestry`: the genetic ancestry that is predicted with more than 75 % probability, else `oth`. `variant`: one of
    these genotypes, by copies of the alternate allele, at that place; carriers, where no genotype is given.
    """

    type: Literal["genome"]
    ancestry: list[Ancestry] | None = Field(None, min_length=1)
    variant: Annotated[str, AfterValidator(_one_way), Field(json_schema_extra={"pattern": PATTERN})] | None = None
    genotype: list[Genotype] = Field(["0/1", "1/1"], min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.ancestry is None and self.variant is None:
            raise ValueError("says nothing of the genome; give ancestry or variant")
        if self.variant is None and "genotype" in self.model_fields_set:
            raise ValueError("genotype: say of which variant")
        return self


class IndexCriterion(Strict):
    """When the index event itself starts and ends."""

    type: Literal["index"]
    start: DateRange | None = None
    end: DateRange | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start is None and self.end is None:
            raise ValueError("says nothing of the index event; give start or end")
        return self


class GroupCriterion(Strict):
    """So many of its criteria hold: all, or between `at_least` and `at_most` of them."""

    type: Literal["group"]
    of: "list[Criterion]" = Field(min_length=1, max_length=200)
    at_least: int | None = Field(None, ge=0)
    at_most: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is larger than at_most")
        if (self.at_least or 0) > len(self.of):
            raise ValueError("at_least: there are not so many criteria in the group")
        return self

    @property
    def limits(self) -> tuple[int, int]:
        """How many of its criteria must, and may, hold."""
        every = len(self.of)
        least = self.at_least if self.at_least is not None else every if self.at_most is None else 0
        return least, every if self.at_most is None else min(self.at_most, every)


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
    Annotated[ConceptCriterion, Tag("event")]
    | Annotated[WearableCriterion, Tag("wearable")]
    | Annotated[AnyEventCriterion, Tag("any_event")],
    Discriminator(_tag_of, **_WRONG_TYPE),
]

Criterion = Annotated[
    Annotated[ConceptCriterion, Tag("event")]
    | Annotated[WearableCriterion, Tag("wearable")]
    | Annotated[AnyEventCriterion, Tag("any_event")]
    | Annotated[PersonCriterion, Tag("person")]
    | Annotated[IndexCriterion, Tag("index")]
    | Annotated[GroupCriterion, Tag("group")]
    | Annotated[CohortCriterion, Tag("cohort")]
    | Annotated[GenomeCriterion, Tag("genome")],
    Discriminator(_tag_of, **_WRONG_TYPE),
]

RECURSIVE = (Within, AgeAt, EventCriterion, ConceptCriterion, WearableCriterion, AnyEventCriterion, GroupCriterion)
