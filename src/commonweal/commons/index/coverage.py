"""Whether an index can answer a definition. What it does not know (a newer criterion, a column it lacks) is the engine's."""

from pydantic import BaseModel

from commonweal.commons.cohort.criteria import (
    AnyEventCriterion,
    CohortCriterion,
    ConceptCriterion,
    EventCriterion,
    GenomeCriterion,
    GroupCriterion,
    IndexCriterion,
    PersonCriterion,
)
from commonweal.commons.cohort.definition import Definition, inner, speaks_of_index
from commonweal.commons.cohort.ranges import AgeRange
from commonweal.commons.index.events import wanted, where_to_look
from commonweal.commons.index.judging import counts_days
from commonweal.commons.index.periods import stored
from commonweal.commons.index.store import Index
from commonweal.commons.index.units import asks_more_than_the_day

_EVENT = {"type", "of", "concepts", "signal", "descendants", "source", "at_least", "at_most", "count", "pick", "age"}
_EVENT |= {"start", "end", "length", "value", "visit", "observed", "within", "same_visit", "where", "no_end"}
_EVENT |= {"alone", "excluded", "excluded_alone", "any_concept"}
_PERSON = {"type", "sex_at_birth", "gender", "race", "ethnicity", "age_at", "deceased", "has"}
_GENOME = {"type", "ancestry", "variant", "genotype"}
_PARTS = {"age": {"min", "max", "years"}, "length": {"min", "max"}}
_PARTS |= {"value": {"min", "max", "above", "below", "units", "concepts"}}
_PARTS |= {"age_at": {"date", "min", "max", "years"}, "observed": {"before", "after"}}
_DEFINITION = {"version", "index", "include", "exclude"}


def covers(index: Index, definition: Definition) -> bool:
    groups = (*definition.include, *definition.exclude)
    if not _says_only(definition, _DEFINITION) or not all(_says_only(g, {"any"}) for g in groups):
        return False
    start = definition.index
    if start is not None and not (_says_only(start, {"of", "which", "keep"}) and _event(index, start.of, nested=True)):
        return False
    criteria = [c for group in groups for c in group.any]
    unsure = start is not None and _unsure(start.of, picks=start.which != "all")
    if unsure and any(map(asks_more_than_the_day, criteria)):
        return False
    return all(_criterion(index, c) for c in criteria)


def _criterion(index: Index, criterion: BaseModel) -> bool:
    if isinstance(criterion, CohortCriterion):
        return covers(index, criterion.definition)
    if isinstance(criterion, GroupCriterion):
        return all(_criterion(index, c) for c in criterion.of)
    if isinstance(criterion, IndexCriterion):
        return True
    if isinstance(criterion, PersonCriterion):
        return _person(index, criterion)
    if isinstance(criterion, GenomeCriterion):
        return _says_only(criterion, _GENOME) and (criterion.ancestry is None or index.knows("ancestry"))
    return isinstance(criterion, EventCriterion) and _event(index, criterion, nested=False)


def _person(index: Index, criterion: PersonCriterion) -> bool:
    if not _says_only(criterion, _PERSON):
        return False
    keys = [k for k in ("sex_at_birth", "gender", "race", "ethnicity") if getattr(criterion, k) is not None]
    keys += ["deceased"] if criterion.deceased is not None else []
    keys += ["year_of_birth"] if _by_calendar(criterion.age_at) else []
    return all(index.knows(key) for key in (*keys, *(f"has.{kind}" for kind in criterion.has or ())))


def _event(index: Index, criterion: EventCriterion, *, nested: bool) -> bool:
    """`nested`: inside another criterion, where the index event is out of reach."""
    if not _says_only(criterion, _EVENT) or not _relations(index, criterion, nested=nested):
        return False
    if criterion.observed is not None and stored(index) is None:
        return False
    if _by_calendar(criterion.age) and not index.knows("year_of_birth"):
        return False
    known = _of_day_alone(criterion) if isinstance(criterion, AnyEventCriterion) else _stored(index, criterion)
    known = known and all(_criterion(index, c) for c in criterion.where)
    return known and all(_event(index, c, nested=True) for c in inner(criterion) if isinstance(c, EventCriterion))


def _of_day_alone(criterion: AnyEventCriterion) -> bool:
    """Whether nothing but its day is asked of an event of which only that is sure."""
    if not _unsure(criterion):
        return True
    ends = criterion.end is not None or criterion.length is not None or any(w.this == "end" for w in criterion.withins)
    return not ends and counts_days(criterion) and not any(map(asks_more_than_the_day, criterion.where))


def _unsure(criterion: EventCriterion, *, picks: bool = False) -> bool:
    """Whether it picks among several kinds of event: which one of those of a day, an index does not know."""
    if not isinstance(criterion, AnyEventCriterion):
        return False
    return picks or criterion.pick != "any" or any(map(_unsure, criterion.of))


def _stored(index: Index, criterion: EventCriterion) -> bool:
    """Whether the rows and columns that it reads are there."""
    store, by, answers = where_to_look(index, criterion)
    if store is None or (by == "source" and not store.sourced):
        return False
    if isinstance(criterion, ConceptCriterion) and (criterion.type, criterion.no_end) == ("drug", "next_day"):
        return False  # days of supply are not kept
    asked = wanted(criterion)
    if (asked.with_families and not store.has_families(by)) or (asked.any_concept and by == "source"):
        return False
    return store.columns >= _columns(criterion, answers)


def _by_calendar(age: AgeRange | None) -> bool:
    return age is not None and age.years == "calendar"


def _relations(index: Index, criterion: EventCriterion, *, nested: bool) -> bool:
    """Whether it can be told how its events lie to others: to the index event from outside only."""
    if nested and speaks_of_index(criterion):
        return False
    for within in criterion.withins:
        if within.same_observation_period and stored(index) is None:
            return False
        if within.that == "end" and isinstance(within.of, EventCriterion) and _unsure(within.of):
            return False
    return True


def _columns(criterion: EventCriterion, answers: str) -> set[str]:
    """The columns of the index that it reads, beside those that every stream has."""
    value, found = criterion.value, set()
    if value is not None:
        found |= {"number"} if value.bounded else set()
        found |= {"unit"} if value.units is not None else set()
        found |= {answers} if value.concepts is not None else set()
    if isinstance(criterion, ConceptCriterion) and criterion.visit is not None:
        found |= {"visit_concept"}
    return found


def _says_only(model: BaseModel, known: set[str]) -> bool:
    """Whether everything that differs from its default is known here."""
    fields = type(model).model_fields
    said = {k for k in model.model_fields_set if getattr(model, k) != fields[k].default}
    parts = ((k, getattr(model, k)) for k in said & set(_PARTS))
    return said <= known and all(not isinstance(v, BaseModel) or _says_only(v, _PARTS[k]) for k, v in parts)
