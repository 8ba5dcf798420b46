"""[risk] of privacy.toml: with how much risk of re-identification a tier may be published, and what counts as sensitive."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from commonweal.protocol.base import Model, Text

Share = Annotated[float, Field(ge=0, le=1)]
Concept = Annotated[int, Field(gt=0)]
ATTACKS = (
    "neighbour",
    "voter_roll",
    "tail",
    "calendar",
    "calendar_frequent",
    "clock_change",
    "row_order",
    "second_tier",
)


class Sensitive(Model):
    """Something that nobody should learn of a person from the group the person is in.

    Either conditions (`ancestors`: these concepts and all below them; a person has one or not) or the answers to a survey
    `question`, of which `telling` ones would be learnt by who learns them (empty: any answer).
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    title: Text
    ancestors: tuple[Concept, ...] = ()
    question: Concept | None = None
    telling: tuple[Concept, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> "Sensitive":
        if bool(self.ancestors) == (self.question is not None):
            raise ValueError("give either ancestors (of conditions) or a question (of a survey)")
        if self.telling and self.question is None:
            raise ValueError("telling names answers, so it needs a question")
        return self


class TierRisk(Model):
    """Limits of one tier; what is not given is measured and not limited.

    `expected_max`: chance that who knows you took part finds you, mean over people. `alone_max`: share of people alone in
    their group. `population_small_max`: share of people whose group stands for fewer than `small_group` people of the
    population; `population_least`: the fewest for whom any group may stand. `attacks`: by attack, the greatest share of its targets that it may get right.
    """

    expected_max: Share | None = None
    alone_max: Share | None = None
    population_small_max: Share | None = None
    population_least: Annotated[float, Field(ge=1)] | None = None
    attacks: dict[str, Share] = {}

    @model_validator(mode="after")
    def _known(self) -> "TierRisk":
        for name in self.attacks:
            if name not in ATTACKS:
                raise ValueError(f"attacks: there is none called {name}; there is {', '.join(ATTACKS)}")
        return self


class SmallProgram(Model):
    """Releases of fewer than `below` people are not held to the limits on groups within the release, for this reason.

    Every group is small where there are few people. The limits on the population and on attacks hold all the same, and
    the manifest says which limits were passed and that they were not applied.
    """

    below: Annotated[int, Field(ge=1)]
    why: Text


class Risk(Model):
    """How risk is measured and limited, by tier. A group of fewer than `small_group` people is counted as small."""

    attacker: Literal["knows_of_membership"] = "knows_of_membership"
    small_group: Annotated[int, Field(ge=2)] = 11
    registered: TierRisk = TierRisk()
    controlled: TierRisk = TierRisk()
    small_program: SmallProgram | None = None
    sensitive: tuple[Sensitive, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> "Risk":
        ids = [one.id for one in self.sensitive]
        if len(set(ids)) != len(ids):
            raise ValueError("sensitive: two have the same id")
        return self

    def of(self, tier: str) -> TierRisk:
        """The limits of a tier; of one that is not named, none."""
        return {"registered": self.registered, "controlled": self.controlled}.get(tier, TierRisk())
