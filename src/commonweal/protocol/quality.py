"""quality.toml: what health records that sites send are held to, and which drugs and laboratory values are looked for."""

from typing import Annotated

from pydantic import Field, model_validator

from commonweal.protocol.base import Model, Text
from commonweal.protocol.release_quality import Percent, ReleaseQuality

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Bound(Model):
    """The lowest and highest value of a column of an OMOP table; `limit`: percent of rows beyond at which it fails."""

    table: Id
    column: Id
    low: float | None = None
    high: float | None = None
    limit: Percent = 1.0


class DrugClass(Model):
    """A class of drugs that a health system of any size prescribes, by its code of the ATC classification."""

    id: Id
    name: Text
    atc: Annotated[str, Field(pattern=r"^[A-Z]\d\d[A-Z]{0,2}(\d\d)?$")]


class Panel(Model):
    """A set of laboratory values or vital signs that are ordered together."""

    id: Id
    name: Text


class Range(Model):
    """The lowest and highest value, in `unit` (UCUM), that a living person can have: not what is healthy."""

    unit: str
    low: float
    high: float

    @model_validator(mode="after")
    def _order(self) -> "Range":
        if self.low >= self.high:
            raise ValueError("low is not below high")
        return self


class Measured(Model):
    """A laboratory value or vital sign, by its LOINC codes, with the units in which it comes."""

    id: Id
    name: Text
    loinc: Annotated[tuple[str, ...], Field(min_length=1)]
    panels: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()


class Quality(Model):
    """The whole of quality.toml. `limits`: by check, percent of the rows asked beyond which a table fails.

    `release` is for what is published; all else is for what sites send, and its ranges and bounds for both.
    """

    limits: dict[Id, Percent] = {}
    bounds: tuple[Bound, ...] = ()
    drug_classes: Annotated[tuple[DrugClass, ...], Field(max_length=62)] = ()
    panels: tuple[Panel, ...] = ()
    measurements: Annotated[tuple[Measured, ...], Field(max_length=62)] = ()
    release: ReleaseQuality = ReleaseQuality()

    @model_validator(mode="after")
    def _known(self) -> "Quality":
        names = {panel.id for panel in self.panels}
        for one in self.measurements:
            if unknown := set(one.panels) - names:
                raise ValueError(f"measurement '{one.id}': there is no panel '{sorted(unknown)[0]}'")
        return self
