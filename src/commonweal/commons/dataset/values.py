"""What a dataset tells of its cohort: columns of a person, features of what happened, rows of tables."""

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from commonweal.commons.cohort.criteria import Day, Strict, Value

STATISTICS = ("first", "last", "nearest", "count", "exists", "min", "max", "mean", "days_since")
OF_EVENTS = ("count", "exists", "days_since")  # these read no column
OF_INDEX = ("nearest", "days_since")
KINDS = ("person", "feature", "rows")

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$")]
Days = Annotated[list[int | None], Field(min_length=2, max_length=2)]
FAR = 100_000  # days; longer than anybody lives


def _window(days: list[int | None] | None) -> None:
    if days is None:
        return
    low, high = days
    if low is None and high is None:
        raise ValueError("days: give at least one end, or leave days out")
    if low is not None and high is not None and low > high:
        raise ValueError("days: the first is larger than the second, so nothing can lie between them")
    if any(day is not None and abs(day) > FAR for day in days):
        raise ValueError(f"days: further away than {FAR:,}; use null for an open end")


class PersonValue(Strict):
    """A column of the person: age, birth_date, sex_at_birth, gender, race, ethnicity, deceased, death_date, or any column
    of the tables person and person_ext. `names`: of a concept, its name beside it."""

    type: Literal["person"]
    name: Name | None = None
    column: Name
    at: 'Literal["index"] | Day | None' = None
    names: bool = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.column == "age" and self.at is None:
            raise ValueError('at: age at what? give "index" or a day')
        if self.column != "age" and self.at is not None:
            raise ValueError("at: is for age alone; leave it out")
        return self

    @property
    def title(self) -> str:
        return self.name or self.column


class _OfEvents(Strict):
    """Events of a concept set, else of a table, with their start `days` after the index event, both ends included."""

    name: Name
    set: Annotated[str, Field(max_length=200)] | None = None
    table: Name | None = None
    days: Days | None = None

    @property
    def title(self) -> str:
        return self.name


class FeatureValue(_OfEvents):
    """One number, day or concept a person. Defaults: `column` is the value of a measurement, observation, answer or day of
    a wearable, else the day on which an event began; `pick` (for days_since) is the last event."""

    type: Literal["feature"]
    signal: Literal["steps", "activity", "heart_rate", "sleep"] | None = None
    statistic: Literal["first", "last", "nearest", "count", "exists", "min", "max", "mean", "days_since"]
    column: Name | None = None
    pick: Literal["first", "last"] = "last"
    value: Value | None = None
    names: bool = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(x is not None for x in (self.set, self.table, self.signal)) != 1:
            raise ValueError("give one of set, table and signal")
        _window(self.days)
        if self.column is not None and self.statistic in OF_EVENTS:
            raise ValueError(f"column: {self.statistic} reads none; leave it out")
        if self.pick != "last" and self.statistic != "days_since":
            raise ValueError("pick: is for days_since; use the statistic first or last")
        if self.signal is not None and self.column is not None:
            raise ValueError("column: a day of a wearable has one number; leave it out")
        if self.signal is not None and self.value is not None and (self.value.units or self.value.concepts):
            raise ValueError("value: a day of a wearable has a number alone; give min or max")
        return self


class RowsValue(_OfEvents):
    """A table of its own: rows of an OMOP table of the cohort's people. Default: all of its columns, and the name of each
    concept beside its id."""

    type: Literal["rows"]
    columns: list[Name] | None = Field(None, min_length=1, max_length=200)
    names: bool = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.set is None) == (self.table is None):
            raise ValueError("give one of set and table")
        _window(self.days)
        return self


def _kind(value: Any) -> str:
    return str(value.get("type") if isinstance(value, dict) else getattr(value, "type", None))


AnyValue = Annotated[
    Annotated[PersonValue, Tag("person")] | Annotated[FeatureValue, Tag("feature")] | Annotated[RowsValue, Tag("rows")],
    Discriminator(
        _kind,
        custom_error_type="value_type",
        custom_error_message=f"type is missing or not known; use one of {', '.join(KINDS)}",
    ),
]
