"""[disclosure] of privacy.toml: which numbers may leave, how they are moved, and how much may be asked."""

from typing import Annotated

from pydantic import Field, model_validator

from commonweal.protocol.base import Model

Share = Annotated[float, Field(gt=0, lt=1)]


class Perturbation(Model):
    """Counts while browsing are moved by -`maximum`..`maximum` people, with this `variance`; maximum 0 moves none."""

    maximum: Annotated[int, Field(ge=0, le=1000)] = 15
    variance: Annotated[float, Field(gt=0)] = 25.0

    @model_validator(mode="after")
    def _bell(self) -> "Perturbation":
        flat = self.maximum * (self.maximum + 1) / 3
        if self.maximum and self.variance >= flat:
            raise ValueError(f"variance must be below {flat:g}: else the greatest deviations would be the likeliest")
        return self


class Outputs(Model):
    """Limits of what is exported beside counts.

    A sum or mean is held back where the `dominance_people` largest make up more than `dominance_share` of it, or where the
    second largest could tell the largest to within `p_share`; a model, where it has fewer residual degrees of freedom
    than `residual_degrees`.
    """

    dominance_people: Annotated[int, Field(ge=1)] = 2
    dominance_share: Share = 0.85
    p_share: Share = 0.1
    residual_degrees: Annotated[int, Field(ge=1)] = 10


class PrivateCounts(Model):
    """Counts with differential privacy. `epsilon`: what one costs; `budget`: what one institution may spend on a release."""

    epsilon: Annotated[float, Field(gt=0, le=10)]
    budget: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _enough(self) -> "PrivateCounts":
        if self.budget < self.epsilon:
            raise ValueError("budget is below epsilon: not one count could be answered")
        return self


class Disclosure(Model):
    """Counts of 1 to `min_cell` people are never shown or derivable; others are rounded to multiples of `round_to`.

    `questions_a_day`: how many answers a researcher gets in 24 hours: with thousands of different questions about one set
    its noise averages away. `dp` None (the default): no counts with differential privacy.
    """

    min_cell: Annotated[int, Field(ge=1)]
    round_to: Annotated[int, Field(ge=1)]
    questions_a_day: Annotated[int, Field(ge=1)] = 2000
    perturbation: Perturbation = Perturbation()
    outputs: Outputs = Outputs()
    dp: PrivateCounts | None = None
