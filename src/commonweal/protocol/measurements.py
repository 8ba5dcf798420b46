"""measurements.toml: the physical measurement form: fields, units, limits, and how repeated readings are combined."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from commonweal.protocol.base import Model, Text

Combine = Literal["last_two", "closest_two"]


class Alert(Model):
    """Words shown when a reading lies below or above a value; an alert needs `consecutive` such readings in a row."""

    below: float | None = None
    above: float | None = None
    consecutive: Annotated[int, Field(ge=1)] = 1
    text: Text

    @model_validator(mode="after")
    def _bound(self) -> "Alert":
        if self.below is None and self.above is None:
            raise ValueError("below or above is needed")
        return self


class Modification(Model):
    """A reason for measuring otherwise or not at all; `excuses` means that no value is needed."""

    id: str
    label: Text
    excuses: bool = False


class Measure(Model):
    """One measured value. `min` and `max` are hard limits in `unit`; `repeats` readings are combined as said."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    code: str
    system: Literal["http://loinc.org", "http://terminology.pmi-ops.org/CodeSystem/physical-measurements"]
    label: Text
    kind: Literal["number", "choice", "yes_no", "computed"] = "number"
    unit: str | None = None
    decimals: Annotated[int, Field(ge=0, le=3)] = 0
    min: float | None = None
    max: float | None = None
    repeats: Annotated[int, Field(ge=1, le=3)] = 1
    combine: Combine | None = None
    choices: dict[str, Text] = {}
    less_than: str | None = None
    skip_when: tuple[str, ...] = ()
    modifications: tuple[str, ...] = ()
    warnings: tuple[Alert, ...] = ()

    @model_validator(mode="after")
    def _sense(self) -> "Measure":
        if self.kind == "number" and (self.unit is None or self.max is None):
            raise ValueError("a number needs a unit and a max")
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError('choices belong to kind = "choice"')
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise ValueError("min is not below max")
        if (self.repeats > 1 and self.kind == "number") != (self.combine is not None):
            raise ValueError("combine says how repeated numbers become one, and belongs to them only")
        return self


class Measurements(Model):
    """The whole of measurements.toml."""

    form: str
    fields: Annotated[tuple[Measure, ...], Field(min_length=1)]
    modifications: tuple[Modification, ...]
