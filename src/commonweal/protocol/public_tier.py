"""[public] of privacy.toml: how people are grouped in the numbers that everybody may see."""

from typing import Annotated

from pydantic import Field, model_validator

from commonweal.protocol.base import Model


class PublicTier(Model):
    """`age_bands`: the first age of each band, the last without an end. Histograms have about `histogram_bins` bins and
    are made where `histogram_people` or more were measured."""

    age_bands: Annotated[tuple[int, ...], Field(min_length=1)] = (18, 30, 40, 50, 60, 70, 80)
    histogram_bins: Annotated[int, Field(ge=2, le=50)] = 12
    histogram_people: Annotated[int, Field(ge=1)] = 100

    @model_validator(mode="after")
    def _ascending(self) -> "PublicTier":
        if list(self.age_bands) != sorted(set(self.age_bands)):
            raise ValueError("age_bands must ascend")
        return self
