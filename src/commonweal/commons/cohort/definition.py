"""A cohort definition, version 1 (contract: Cohort definition), checked; errors say where by JSON path."""

from collections.abc import Iterator
from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field, ValidationError, model_validator

from commonweal.commons.cohort import criteria
from commonweal.commons.cohort.criteria import (
    RECURSIVE,
    TYPES,
    AnyEvent,
    AnyEventCriterion,
    CohortCriterion,
    ConceptCriterion,
    Criterion,
    EventCriterion,
    GroupCriterion,
    IndexCriterion,
    PersonCriterion,
)
from commonweal.commons.cohort.problems import first_problem
from commonweal.commons.cohort.ranges import Strict
from commonweal.disclosure import digest
from commonweal.errors import BadInput

__all__ = ["TYPES", "Definition", "Group", "Index", "parse"]

MAX_BYTES = 1_000_000
MAX_DEPTH = 16
MAX_CRITERIA = 200


class Group(Strict):
    """Holds where any of its criteria holds."""

    any: list[Criterion] = Field(min_length=1)


class Index(Strict):
    """The event that dates a person in: their first, their last, or each; of those for which every group holds, the
    first or last alone, if `keep` says so."""

    of: AnyEvent
    which: Literal["first", "last", "all"] = "first"
    keep: Literal["all", "first", "last"] = "all"


class Definition(Strict):
    """Who is in: for whom every group of `include` holds and none of `exclude`; none given: everyone."""

    version: Literal[1]
    index: Index | None = None
    include: list[Group] = []
    exclude: list[Group] = []

    @model_validator(mode="after")
    def _index_is_there(self) -> "Definition":
        roots: list[Any] = [c for group in (*self.include, *self.exclude) for c in group.any]
        if self.index is None and any(speaks_of_index(c) for c in roots):
            raise ValueError('a criterion refers to "index", but the definition has no index event; add one')
        if self.index is not None and speaks_of_index(self.index.of):
            raise ValueError('the index event cannot itself refer to "index"')
        return self

    @property
    def sha256(self) -> str:
        """Digest of the definition with its defaults left out, so that spelling them out changes nothing."""
        return digest(self.as_json())

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)


for model in (*RECURSIVE, CohortCriterion, Index, Group, Definition):
    model.model_rebuild(force=True, _types_namespace=vars(criteria) | {"Definition": Definition})


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of definitions. What it cannot say (ranges in order, an index event where one is spoken
    of) is checked by `parse` alone."""
    made = Definition.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Cohort definition, version 1"} | made


def inner(criterion: BaseModel) -> Iterator[BaseModel]:
    """The criteria directly inside a criterion that look at the same index event: not those of another cohort carried
    inline, nor those of `where`, for which the event itself is the index event."""
    if isinstance(criterion, EventCriterion):
        yield from (within.of for within in criterion.withins if not isinstance(within.of, str))
    if isinstance(criterion, ConceptCriterion) and isinstance(criterion.same_visit, ConceptCriterion):
        yield criterion.same_visit
    if isinstance(criterion, AnyEventCriterion | GroupCriterion):
        yield from criterion.of


def speaks_of_index(criterion: BaseModel) -> bool:
    """Whether it has to be judged at an index event, not of a person alone."""
    if isinstance(criterion, IndexCriterion):
        return True
    if isinstance(criterion, PersonCriterion):
        return criterion.age_at is not None and criterion.age_at.date == "index"
    if isinstance(criterion, EventCriterion) and any(within.of == "index" for within in criterion.withins):
        return True
    if isinstance(criterion, ConceptCriterion) and criterion.same_visit == "index":
        return True
    return any(speaks_of_index(c) for c in inner(criterion))


def parse(value: Any) -> Definition:
    """A definition from a dict, JSON text or bytes. Raises BadInput with the JSON path of the first problem."""
    if isinstance(value, Definition):
        return value
    content = _content(value)
    if len(content) > MAX_BYTES:
        raise BadInput(f"cohort definition: larger than {MAX_BYTES:,} bytes; use fewer concepts, or their ancestors")
    try:
        raw = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadInput(
            f"cohort definition: not JSON (line {error.lineno}, column {error.colno}): {error.msg}"
        ) from None
    _check_size(raw)
    try:
        return Definition.model_validate_json(content)
    except ValidationError as error:
        raise BadInput(f"cohort definition: {first_problem(error)}") from None


def _content(value: Any) -> bytes:
    if isinstance(value, str | bytes):
        return value.encode() if isinstance(value, str) else value
    try:
        return orjson.dumps(value)
    except TypeError:  # among them: numbers of more than 64 bits, and lists within lists without end
        raise BadInput("cohort definition: it holds what is not JSON; give dicts, lists, text and numbers") from None


def _check_size(raw: Any) -> None:
    """Refuses what is nested or long beyond reason before anything recurses into it."""
    waiting, criteria = [(raw, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, dict):
            depth += "type" in value
            criteria += "type" in value
            waiting += [(v, depth) for v in value.values()]
        elif isinstance(value, list):
            waiting += [(v, depth) for v in value if isinstance(v, dict | list)]
        if depth > MAX_DEPTH:
            raise BadInput(f"cohort definition: criteria inside criteria more than {MAX_DEPTH} deep; make it flatter")
    if criteria > MAX_CRITERIA:
        raise BadInput(f"cohort definition: more than {MAX_CRITERIA} criteria; use ancestor concepts instead of lists")
