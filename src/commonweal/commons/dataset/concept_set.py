"""A concept set, version 1: which concepts one means by a name. Plain JSON, so that it can be kept, shared and compared."""

from collections import Counter
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from commonweal.commons.cohort.criteria import Strict
from commonweal.commons.dataset.reading import problem, read
from commonweal.disclosure import digest
from commonweal.errors import BadInput

__all__ = ["ConceptSet", "Item", "parse"]

WHAT = "concept set"
MAX_ITEMS = 10_000
LARGEST = 2**31 - 1  # a concept id is a 32-bit integer in the CDM


class Item(Strict):
    """A concept that is in or, where `excluded`, out; with its descendants unless it says otherwise."""

    concept: int = Field(ge=0, le=LARGEST)
    descendants: bool = True
    excluded: bool = False


class ConceptSet(Strict):
    """`source`: its concepts are those of the source codes. `revision` counts the versions its authors have shared."""

    version: Literal[1]
    name: str = Field(min_length=1, max_length=200)
    domain: Literal["condition", "drug", "measurement", "procedure", "observation", "visit", "device", "survey"]
    source: bool = False
    revision: int = Field(1, ge=1, le=1_000_000)
    items: list[Item] = Field(min_length=1, max_length=MAX_ITEMS)

    @model_validator(mode="after")
    def _check(self) -> Self:
        counted = Counter((item.concept, item.excluded) for item in self.items)
        twice = next((concept for (concept, _), times in counted.items() if times > 1), None)
        if twice is not None:
            raise ValueError(f"items: concept {twice} is there twice; keep one of the two")
        if all(item.excluded for item in self.items):
            raise ValueError("items: every concept is excluded, so nothing is left; add one that is in")
        if not self.name.isprintable():
            raise ValueError("name: use letters, numbers and signs on one line")
        return self

    @property
    def sha256(self) -> str:
        """Digest of the set with its defaults left out, so that spelling them out changes nothing."""
        return digest(self.as_json())

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)


def parse(value: Any) -> ConceptSet:
    """A concept set from a dict, JSON text or bytes. Raises BadInput with the JSON path of the first problem."""
    if isinstance(value, ConceptSet):
        return value
    try:
        return ConceptSet.model_validate(read(value, WHAT))
    except ValidationError as error:
        raise BadInput(f"{WHAT}: {problem(error)}") from None
