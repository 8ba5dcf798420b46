"""Parts of criteria: ranges of days, ages and numbers, and conditions on one column. Null never lies in a range."""

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _to_day(value: Any) -> Any:
    """A day as JSON has it. Done here: inside another cohort pydantic no longer knows that it reads JSON."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a date such as 2024-03-31") from None


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Day = Annotated[date, BeforeValidator(_to_day)]
ConceptId = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Concepts = Annotated[list[ConceptId], Field(min_length=1, max_length=10_000)]
Days = Annotated[int, Field(ge=-100_000, le=100_000)]


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def ordered(low: Any, high: Any, names: str) -> None:
    if low is None and high is None:
        raise ValueError(f"give at least one of {names}")
    if low is not None and high is not None and low > high:
        raise ValueError(f"{names}: the first is larger than the second")


class WholeRange(Strict):
    """Whole numbers, both ends included."""

    min: int | None = None
    max: int | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        ordered(self.min, self.max, "min and max")
        return self


class AgeRange(WholeRange):
    """Both ends included; whole years since birth, or (calendar) the difference of the two calendar years."""

    years: Literal["completed", "calendar"] = "completed"


class DateRange(Strict):
    """Days, both ends included."""

    from_: Day | None = Field(None, alias="from")
    to: Day | None = None
    model_config = ConfigDict(serialize_by_alias=True)

    @model_validator(mode="after")
    def _check(self) -> Self:
        ordered(self.from_, self.to, "from and to")
        return self


class Bounds(Strict):
    """A number: `min` and `max` are included, `above` and `below` are not."""

    min: float | None = Field(None, allow_inf_nan=False)
    max: float | None = Field(None, allow_inf_nan=False)
    above: float | None = Field(None, allow_inf_nan=False)
    below: float | None = Field(None, allow_inf_nan=False)

    @property
    def bounded(self) -> bool:
        return any(bound is not None for bound in (self.min, self.max, self.above, self.below))

    def _check_bounds(self) -> None:
        for one, other in (("min", "above"), ("max", "below")):
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise ValueError(f"give {one} or {other}, not both")
        low, high = (self.above if self.min is None else self.min), (self.below if self.max is None else self.max)
        if low is None and high is None:
            return
        ordered(low, high, "the lower and the upper end")
        if low == high and (self.above is not None or self.below is not None):
            raise ValueError("the two ends leave no number between them")


class Value(Bounds):
    """Of a measurement, observation or answer: a number with its units, or a concept."""

    units: Concepts | None = None
    concepts: Concepts | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_bounds()
        if not self.bounded and self.units is None and self.concepts is None:
            raise ValueError("give min, max, units or concepts")
        return self


class Column(Bounds):
    """Another column of the event's row: one of these concepts (or, with `except`, none of them), or a number."""

    column: str
    concepts: Concepts | None = None
    descendants: bool = False
    except_: bool = Field(False, alias="except")
    model_config = ConfigDict(serialize_by_alias=True)

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_bounds()
        if self.bounded == (self.concepts is not None):
            raise ValueError("give either concepts, or a number by min, max, above or below")
        if self.concepts is None and (self.descendants or self.except_):
            raise ValueError("descendants and except are for concepts")
        return self


class Observed(Strict):
    """The event lies in an observation period that began, and goes on, at least so many days before and after it."""

    before: int = Field(0, ge=0, le=100_000)
    after: int = Field(0, ge=0, le=100_000)
