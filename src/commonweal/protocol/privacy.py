"""privacy.toml: what is done to data before researchers see them, and when a number may leave.

Concepts are OMOP concept ids of questions and answers as they stand in the source columns.
"""

from typing import Annotated, Any

from pydantic import Field, model_validator

from commonweal.protocol.answers import Answers
from commonweal.protocol.base import Model
from commonweal.protocol.disclosure import Disclosure
from commonweal.protocol.public_tier import PublicTier
from commonweal.protocol.record_rules import RecordRules
from commonweal.protocol.risk import Risk
from commonweal.protocol.suppressed import Concept, Concepts, Pattern, Suppressed

ThreeDigits = Annotated[str, Field(pattern=r"^[0-9]{3}$")]
Hour = Annotated[int, Field(ge=0, le=24)]
_TIERS = ("registered", "controlled")  # sections that may say of answers what is theirs alone


class Mapped(Model):
    """These answers become that one."""

    answers: Annotated[Concepts, Field(min_length=1)]
    becomes: Concept


class Conflict(Model):
    """An answer that becomes another when a second question was answered so."""

    answer: Concept
    when_question: Concept
    when_answer: Concept
    becomes: Concept


class Generalisation(Model):
    """How the answers to some questions are made coarser. Order: several, conflicts, mapped; what none names stays.

    `several_becomes` replaces all answers of a person who gave more than one of `several_of` (empty: of any answer).
    After it, equal answers of one person to one question count once, the latest.
    `person_row_only`: the answers themselves stay; only the person's row follows.
    """

    id: str
    why: str
    questions: Annotated[Concepts, Field(min_length=1)]
    several_becomes: Concept | None = None
    several_of: Concepts = ()
    person_row_only: bool = False
    conflicts: tuple[Conflict, ...] = ()
    mapped: tuple[Mapped, ...] = ()


class NumberLimit(Model):
    """Numeric answers below `least` or above `most` become `invalid`; from `top_from` on they become `top` (a group)."""

    id: str
    why: str
    questions: Annotated[Concepts, Field(min_length=1)]
    least: int
    most: int
    invalid: Concept
    top_from: int | None = None
    top: Concept | None = None

    @model_validator(mode="after")
    def _whole(self) -> "NumberLimit":
        if self.least > self.most:
            raise ValueError("least is above most")
        if (self.top_from is None) != (self.top is None):
            raise ValueError("top_from and top go together")
        return self


class KeptText(Model):
    """A question whose typed answers stay where the whole answer matches the regular expression."""

    id: str
    why: str
    question: Concept
    pattern: Pattern


class ZipArea(Model):
    """ZIP codes that begin so are told as beginning with `becomes`: too few people live there to tell them apart."""

    begins: Annotated[tuple[ThreeDigits, ...], Field(min_length=1)]
    becomes: ThreeDigits


class TierLists(Suppressed):
    """What is done to answers, beside leaving them out; `both` in privacy.toml has it for every tier."""

    generalisations: tuple[Generalisation, ...] = ()
    number_limits: tuple[NumberLimit, ...] = ()


class TierPrivacy(TierLists):
    """What is done to the data of one tier.

    What a tier does not do is 0, None or empty: no shift of dates (`date_shift_days_max` 0), no age at which people are
    left out (`age_cap` None), no number of people below which a state is not named (`small_state` 0).
    """

    date_shift_days_min: Annotated[int, Field(ge=0)] = 0
    date_shift_days_max: Annotated[int, Field(ge=0, le=3650)] = 0
    age_cap: Annotated[int, Field(gt=0)] | None = None
    small_state: Annotated[int, Field(ge=0)] = 0
    small_state_becomes: Concept | None = None
    recent_concept_days: Annotated[int, Field(ge=0)] = 0
    days_after_death: Annotated[int, Field(ge=0)]
    clock_change_hours: tuple[Hour, Hour] = (1, 3)  # local; from the first to before the second clocks may change
    small_device_model: Annotated[int, Field(ge=1)] = 20
    kept_text: tuple[KeptText, ...] = ()
    zip_areas: tuple[ZipArea, ...] = ()
    answers: Answers = Answers()
    records: RecordRules = RecordRules()

    @property
    def shifted(self) -> bool:
        """Whether dates of this tier are moved."""
        return self.date_shift_days_max > 0

    @model_validator(mode="after")
    def _shift(self) -> "TierPrivacy":
        if self.date_shift_days_min > self.date_shift_days_max:
            raise ValueError("date_shift_days_min is above date_shift_days_max")
        if self.shifted and not self.date_shift_days_min:
            raise ValueError("date_shift_days_min is 0: somebody's dates would stay as they are")
        if self.small_state and self.small_state_becomes is None:
            raise ValueError("small_state and small_state_becomes go together")
        if self.clock_change_hours[0] >= self.clock_change_hours[1]:
            raise ValueError("clock_change_hours ends before it begins; clocks that never change have none to guard")
        return self


class Privacy(Model):
    """The whole of privacy.toml. `both`: what neither tier releases; it is part of each tier's own lists once read.

    `answers` counts in every tier that has no such section of its own. `compared`: by survey, the questions of which
    people see how others answered.
    """

    both: TierLists = TierLists()
    answers: Answers = Answers()
    registered: TierPrivacy
    controlled: TierPrivacy
    disclosure: Disclosure
    risk: Risk
    compared: dict[str, tuple[str, ...]] = {}
    public: PublicTier = PublicTier()

    def tier(self, name: str) -> TierPrivacy:
        """What is done to the data of the tier registered or controlled. Raises KeyError for any other name."""
        return {"registered": self.registered, "controlled": self.controlled}[name]

    @model_validator(mode="after")
    def _guarded(self) -> "Privacy":
        for name in ("date_shift_days_max", "age_cap", "small_state"):
            if not getattr(self.registered, name):
                raise ValueError(f"registered.{name} is missing: without it people of that tier can be found")
        return self

    @model_validator(mode="after")
    def _joined(self) -> "Privacy":
        """The lists of `both` go into each tier's, so that nobody who reads a tier can forget them."""
        for name in ("registered", "controlled"):
            tier: TierPrivacy = getattr(self, name)
            lists = {}
            for field in TierLists.model_fields:
                own, shared = getattr(tier, field), getattr(self.both, field)
                lists[field] = (*own, *(listed for listed in shared if listed not in own))
            object.__setattr__(self, name, tier.model_copy(update=lists))
        return self

    @model_validator(mode="before")
    @classmethod
    def _in_each_tier(cls, read: Any) -> Any:
        """What is said of answers once holds for each tier."""
        if not isinstance(read, dict) or "answers" not in read:
            return read
        shared = {"answers": read["answers"]}
        return {
            name: shared | part if name in _TIERS and isinstance(part, dict) else part for name, part in read.items()
        }
