"""What health records are held to before a release: limits of what can be true, and how heights and weights are read.

Concepts are OMOP concept ids. The numbers are those of reference 2 and 5; a program may set its own.
"""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from commonweal.protocol.base import Model

Concept = Annotated[int, Field(gt=0)]
Concepts = tuple[Concept, ...]
Range = tuple[float, float]


class Scale(Model):
    """Numbers from `least` to `most` are in a unit of which one is `times` of ours."""

    least: float
    most: float
    times: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _order(self) -> "Scale":
        if self.least > self.most:
            raise ValueError("least is above most")
        return self


_HEIGHTS = (
    Scale(least=0.9, most=2.3, times=100),  # metres
    Scale(least=3, most=7.5, times=30.48),  # feet
    Scale(least=36, most=89.9, times=2.54),  # inches
    Scale(least=90, most=230, times=1),
)


class Heights(Model):
    """Body heights of adults from records: which concepts, the unit they get, and what a bare number means."""

    concepts: Concepts = (3036277, 3023540, 3019171)
    unit: Concept = 8582  # centimetre
    scales: tuple[Scale, ...] = _HEIGHTS


class Weights(Model):
    """Body weights of adults from records, in kilograms; see findings/weights.py for how these numbers are used.

    `site_kilograms`, `site_pounds`: medians of a site that tell its unit. `pound_ratio`, `ounce_ratio`: how much more than
    the person's own median a number is that was written in pounds or ounces. `usual`: ratio to the median of a year before
    and after; people with one of `changing_concepts` or their descendants (pregnancy, wasting) may be outside. `most`
    becomes `most_if_heavy` for people with one of `heavy_concepts`, or `heavy_weights` readings above `most`.
    """

    concepts: Concepts = (3025315, 3013762, 3023166)
    unit: Concept = 9529  # kilogram
    pound: Concept = 8739
    ounce: Concept = 9373
    gram: Concept = 8504
    site_kilograms: Range = (60, 110)
    site_pounds: Range = (120, 300)
    pounds: Annotated[float, Field(gt=0)] = 2.2046  # in a kilogram
    ounces: Annotated[float, Field(gt=0)] = 35.274
    pound_ratio: Range = (1.5, 3)
    ounce_ratio: Range = (24, 50)
    most: Annotated[float, Field(gt=0)] = 250
    most_if_heavy: Annotated[float, Field(gt=0)] = 450
    heavy_weights: Annotated[int, Field(ge=1)] = 3
    heavy_concepts: Concepts = (434005, 37018860, 439141, 4074313, 45771307, 4100857, 42539192)
    usual: Range = (0.7, 1.3)
    window_months: Annotated[int, Field(ge=1)] = 12
    changing_concepts: Concepts = (4088927, 4299535, 439658, 134765)


class RecordRules(Model):
    """The part `records` of a tier in privacy.toml."""

    first_birth_year: int = 1900  # people born before this year, or after the cutoff, are left out
    oldest: Annotated[int, Field(gt=0)] = 150  # no row is dated later than this many years after birth
    first_death: date = date(2017, 1, 1)  # the program's begin: nobody in it can have died before
    most_refills: Annotated[int, Field(ge=0)] = 10
    most_days_supply: Annotated[int, Field(ge=0)] = 180
    placeholders: tuple[float, ...] = (9999999,)  # numbers that stand for no number
    only_zero_rows: Annotated[int, Field(ge=1)] = 20  # from so many of one concept on, a site can have lost the numbers
    demographic_observations: Concepts = (4013886, 4135376, 4271761)  # race, ethnicity and gender as sites know them
    heights: Heights = Heights()
    weights: Weights = Weights()
