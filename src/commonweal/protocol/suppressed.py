"""What is never released, by concept, by descent and by pattern of code (privacy.toml: suppressed_concepts, suppressed_codes)."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from commonweal.protocol.base import Model

Concept = Annotated[int, Field(gt=0)]
Concepts = tuple[Concept, ...]


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from error
    if re.search(r"\(\?[=!<]", value):
        raise ValueError("no regular expression that every engine knows: (?= (?! and (?< are not for all of them")
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]


class SuppressedConcepts(Model):
    """Rows with one of these concepts in any concept column are left out, and those of their descendants if so said."""

    id: str
    why: str
    concepts: Annotated[Concepts, Field(min_length=1)]
    descendants: bool = False


class SuppressedCodes(Model):
    """Rows whose source code in these vocabularies matches the regular expression, from its start, are left out."""

    id: str
    why: str
    vocabularies: Annotated[tuple[str, ...], Field(min_length=1)]
    pattern: Pattern


class SuppressedNames(Model):
    """Rows with a concept of these vocabularies in whose name the regular expression is found (any case) are left out.

    For vocabularies whose codes say nothing, such as SNOMED CT, where descent may not be at hand.
    """

    id: str
    why: str
    vocabularies: Annotated[tuple[str, ...], Field(min_length=1)]
    pattern: Pattern


class Suppressed(Model):
    """What is left out; `both` in privacy.toml has it for every tier, and each tier has its own beside it."""

    suppressed_concepts: tuple[SuppressedConcepts, ...] = ()
    suppressed_codes: tuple[SuppressedCodes, ...] = ()
    suppressed_names: tuple[SuppressedNames, ...] = ()
