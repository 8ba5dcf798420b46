"""The section [answers] of privacy.toml: what is done to survey answers and the program's own measurements in every tier.

Concepts are OMOP concept ids of questions and answers as they stand in the source columns. A tier may have a section of
its own; without one it has this.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from commonweal.protocol.base import Model

Concept = Annotated[int, Field(gt=0)]
Concepts = tuple[Concept, ...]
MOST_BACKFILLED = 1000
Code = Annotated[str, Field(pattern=r"^\S+$", max_length=80)]


class Alone(Model):
    """An answer that shuts out all others to its question: whoever gave it gave no other."""

    question: Concept
    answer: Concept


class Recoded(Model):
    """What came under the wrong question: this answer to this question is that answer to that question."""

    question: Concept
    answer: Concept
    becomes_question: Concept
    becomes_answer: Concept


class Backfill(Model):
    """Whoever answered one of these questions in this survey was asked them all; one without an answer was left open.

    `only_women`: those of them that women alone are asked.
    """

    id: str
    why: str
    survey: Code
    questions: Annotated[Concepts, Field(min_length=1)]
    only_women: Concepts = ()

    @model_validator(mode="after")
    def _within(self) -> Self:
        if not set(self.only_women) <= set(self.questions):
            raise ValueError("only_women names a question that is not among the questions")
        return self


class MeasureLimit(Model):
    """A measurement of the program below `least` or above `most` cannot be true, and goes.

    `with_it`: what was measured at the same moment and goes too, as it was made from it or it from that.
    """

    concept: Concept
    least: float
    most: float
    with_it: Concepts = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.least > self.most:
            raise ValueError("least is above most")
        return self


class Answers(Model):
    """`required`: a survey without any answer to which a person is left out. `approved`: surveys beside the program's own
    whose answers may be released. `numbers_as_text`: codes of questions whose number may come as text. `whole`: questions
    whose numbers are rounded. `minus_one_is_skip`: questions at which -1 says that they were left open. `zip_codes`:
    questions for a ZIP code. `left_out`: questions whose answers say nothing. `latest`: measurements of which the latest
    counts."""

    required: Code | None = None
    approved: tuple[Code, ...] = ()
    numbers_as_text: tuple[Code, ...] = ()
    whole: Concepts = ()
    minus_one_is_skip: Concepts = ()
    zip_codes: Concepts = ()
    left_out: Concepts = ()
    latest: Concepts = ()
    alone: tuple[Alone, ...] = ()
    recoded: tuple[Recoded, ...] = ()
    backfills: tuple[Backfill, ...] = ()
    measure_limits: tuple[MeasureLimit, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        meant = {(one.becomes_question, one.becomes_answer) for one in self.recoded}
        if meant & {(one.question, one.answer) for one in self.recoded}:
            raise ValueError("recoded leads to an answer that is recoded itself")
        listed = [question for group in self.backfills for question in group.questions]
        if len(listed) > MOST_BACKFILLED or len(listed) != len(set(listed)):
            raise ValueError(f"backfills name a question twice, or more than {MOST_BACKFILLED} questions")
        return self
