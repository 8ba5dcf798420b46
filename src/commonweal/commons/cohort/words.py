"""A cohort definition in words, one phrase a step."""

from collections.abc import Iterable
from typing import Any

from commonweal.commons.cohort.criteria import (
    AnyEventCriterion,
    CohortCriterion,
    ConceptCriterion,
    EventCriterion,
    GenomeCriterion,
    GroupCriterion,
    IndexCriterion,
    PersonCriterion,
    WearableCriterion,
    Within,
)
from commonweal.commons.cohort.definition import Definition
from commonweal.commons.cohort.phrases import BY_LANGUAGE, ENGLISH
from commonweal.commons.cohort.ranges import AgeRange, Bounds, Column, DateRange

_SHOWN = 3  # concepts named before "n more"
NAMING = (
    "concepts", "alone", "excluded", "excluded_alone", "units", "visit", "sex_at_birth", "gender", "race", "ethnicity",
)  # fmt: skip  # the keys of a definition that list concepts


def steps(definition: Definition, names: dict[int, str], language: str = "en") -> list[tuple[str, str]]:
    """(kind, words) of each step: everyone, index (if any), each include group, each exclude group."""
    teller = _Teller(names, BY_LANGUAGE.get(language, ENGLISH))
    told = [("everyone", teller.say("everyone"))]
    if definition.index is not None:
        which = teller.say(f"which_{definition.index.which}")
        event = teller.event(definition.index.of)
        if definition.index.keep != "all":
            event += " " + teller.say(f"keep_{definition.index.keep}")
        told.append(("index", teller.say("index", which=which, event=event)))
    for kind, groups in (("include", definition.include), ("exclude", definition.exclude)):
        for group in groups:
            criteria = teller.say("or").join(teller.criterion(c) for c in group.any)
            told.append((kind, teller.say(kind, criteria=criteria)))
    return told


def by_group(definition: Definition, names: dict[int, str], language: str = "en") -> dict[str, list[list[str]]]:
    """Each criterion in words: kind (include, exclude) -> groups -> criteria."""
    teller = _Teller(names, BY_LANGUAGE.get(language, ENGLISH))
    kinds = {"include": definition.include, "exclude": definition.exclude}
    return {kind: [[teller.criterion(c) for c in group.any] for group in groups] for kind, groups in kinds.items()}


def phrase(language: str, key: str, **parts: object) -> str:
    return BY_LANGUAGE.get(language, ENGLISH)[key].format(**parts)


def concepts(definition: Definition) -> set[int]:
    """Every concept id that a definition names."""
    found: set[int] = set()
    waiting: list[Any] = [definition.as_json()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            for key in NAMING:
                if isinstance(value.get(key), list):
                    found.update(value[key])
        elif isinstance(value, list):
            waiting += [item for item in value if isinstance(item, dict)]
    return found


class _Teller:
    def __init__(self, names: dict[int, str], phrases: dict[str, str]) -> None:
        self.names, self.phrases = names, phrases

    def say(self, key: str, **parts: object) -> str:
        return self.phrases[key].format(**parts)

    def named(self, ids: Iterable[int]) -> str:
        ids = list(ids)
        found = [self.names.get(i) or self.say("concept", id=i) for i in ids[:_SHOWN]]
        if len(ids) > _SHOWN:
            found.append(self.say("more", n=len(ids) - _SHOWN))
        return ", ".join(found)

    def criterion(self, criterion: object) -> str:
        if isinstance(criterion, PersonCriterion):
            return self.person(criterion)
        if isinstance(criterion, GenomeCriterion):
            return self.genome(criterion)
        if isinstance(criterion, CohortCriterion):
            return self.say("cohort", sha256=criterion.definition.sha256[:8])
        if isinstance(criterion, GroupCriterion):
            return self.group(criterion)
        if isinstance(criterion, IndexCriterion):
            days = (("index_start", criterion.start), ("index_end_on", criterion.end))
            return self.say("and").join(self.say(key, range=self._days(d)) for key, d in days if d is not None)
        assert isinstance(criterion, EventCriterion)
        return self.event(criterion)

    def group(self, group: GroupCriterion) -> str:
        (least, most), every = group.limits, len(group.of)
        criteria = self.say("or" if least < every else "and").join(self.criterion(c) for c in group.of)
        if least == every:
            return self.say("all_of", criteria=criteria)
        if most == 0:
            return self.say("none_of", criteria=criteria)
        if most == every:
            return self.say("some_of", n=least, criteria=criteria)
        if least == 0:
            return self.say("few_of", n=most, criteria=criteria)
        return self.say("between_of", a=least, b=most, criteria=criteria)

    def event(self, c: EventCriterion) -> str:
        parts = [self._what(c), *self._which(c)]
        if c.age is not None:
            parts.append(self.say("age", range=self._age(c.age)))
        for key, days in (("start", c.start), ("end", c.end)):
            if days is not None:
                parts.append(self.say(key, range=self._days(days)))
        if c.length is not None:
            parts.append(self.say("length", range=self._range(c.length.min, c.length.max)))
        parts += [*self._value(c), *self._columns(c), *self._relations(c), *self._times(c)]
        return self.say("and").join(parts)

    def _what(self, c: EventCriterion) -> str:
        if isinstance(c, WearableCriterion):
            return self.say("wearable", signal=self.say(f"signal_{c.signal}"))
        if isinstance(c, AnyEventCriterion):
            return self.say("one_of", events=self.say("or").join(self.event(member) for member in c.of))
        assert isinstance(c, ConceptCriterion)
        named = self.say("any_concept") if c.any_concept else self.named(c.concepts or c.alone or [])
        return self.say(c.type, concepts=named)

    def _which(self, c: EventCriterion) -> list[str]:
        parts = []
        if isinstance(c, ConceptCriterion):
            parts += [] if (c.descendants and c.concepts) or c.any_concept else [self.say("exact_concepts")]
            parts += [self.say("alone", concepts=self.named(c.alone))] if c.alone and c.concepts else []
            for key, ids in (("excluded", c.excluded), ("excluded_alone", c.excluded_alone)):
                parts += [self.say(key, concepts=self.named(ids))] if ids else []
            parts += [self.say("source")] if c.source and c.type != "survey" else []
            parts += [self.say("next_day")] if c.no_end == "next_day" else []
        return parts + ([self.say(f"pick_{c.pick}")] if c.pick != "any" else [])

    def _value(self, c: EventCriterion) -> list[str]:
        if c.value is None:
            return []
        v, parts = c.value, []
        if v.bounded:
            parts.append(self.say("value", range=self._bounds(v)))
        parts += [self.say("units", concepts=self.named(v.units))] if v.units else []
        return parts + ([self.say("answer", concepts=self.named(v.concepts))] if v.concepts else [])

    def _columns(self, c: EventCriterion) -> list[str]:
        return [self._column(column) for column in c.columns] if isinstance(c, ConceptCriterion) else []

    def _column(self, asked: Column) -> str:
        if asked.concepts is None:
            return self.say("column_number", column=asked.column, range=self._bounds(asked))
        named = self.named(asked.concepts)
        named = self.say("with_descendants", concepts=named) if asked.descendants else named
        return self.say("column_except" if asked.except_ else "column_concepts", column=asked.column, concepts=named)

    def _relations(self, c: EventCriterion) -> list[str]:
        visit, same = (c.visit, c.same_visit) if isinstance(c, ConceptCriterion) else (None, None)
        parts = [self.say("in_visit", concepts=self.named(visit))] if visit else []
        if c.observed is not None:
            parts.append(self.say("observed", before=c.observed.before, after=c.observed.after))
        for within in c.withins:
            parts += self._within(within)
        if isinstance(same, str):
            parts.append(self.say("same_visit_index"))
        elif same is not None:
            parts.append(self.say("same_visit", event=self.event(same)))
        if c.where:
            parts.append(self.say("where", criteria=self.say("and").join(self.criterion(inner) for inner in c.where)))
        return parts

    def _within(self, within: Within) -> list[str]:
        of = self.say("index_event") if isinstance(within.of, str) else self.event(within.of)
        parts = []
        if within.days is not None and (within.this, within.that) == ("start", "start"):
            parts.append(self.say("within", range=self._range(*within.days), event=of))
        elif within.days is not None:
            this, that = self.say(f"day_{within.this}"), self.say(f"day_{within.that}")
            parts.append(self.say("within_days", range=self._range(*within.days), event=of, this=this, that=that))
        return parts + ([self.say("same_period", event=of)] if within.same_observation_period else [])

    def _times(self, c: EventCriterion) -> list[str]:
        if c.at_most == 0:
            return [self.say("never")]
        if c.at_least == 0 and c.at_most is None:
            return [self.say("any_number")]
        counted = {"dates": ("at_least", "between_days")}.get(c.count, (f"at_least_{c.count}", f"between_{c.count}"))
        if c.at_most is not None:
            return [self.say(counted[1], a=c.at_least, b=c.at_most)]
        return [self.say(counted[0], n=c.at_least)] if c.at_least > 1 or c.count in ("concepts", "visits") else []

    def person(self, c: PersonCriterion) -> str:
        parts = []
        for key in ("sex_at_birth", "gender", "race", "ethnicity"):
            ids = getattr(c, key)
            if ids is not None:
                parts.append(self.say(key, concepts=self.named(ids)))
        if c.age_at is not None:
            ages = self._age(c.age_at)
            at_index = c.age_at.date == "index"
            parts.append(
                self.say("age_index", range=ages) if at_index else self.say("age_on", range=ages, day=c.age_at.date)
            )
        parts += [self.say(f"deceased_{c.deceased}")] if c.deceased is not None else []
        return self.say("and").join([*parts, *(self.say(f"has_{kind}") for kind in c.has or ())])

    def genome(self, c: GenomeCriterion) -> str:
        parts = []
        if c.ancestry is not None:
            parts.append(self.say("ancestry", names=", ".join(self.say(f"ancestry_{label}") for label in c.ancestry)))
        if c.variant is not None:
            parts.append(self.say("variant", variant=c.variant, genotypes=self.say("genotype_or").join(c.genotype)))
        return self.say("and").join(parts)

    def _range(self, low: object, high: object) -> str:
        if low is None:
            return self.say("to", b=high)
        return self.say("from", a=low) if high is None else self.say("from_to", a=low, b=high)

    def _age(self, ages: AgeRange) -> str:
        told = self._range(ages.min, ages.max)
        return told if ages.years == "completed" else self.say("years_calendar", range=told)

    def _bounds(self, bounds: Bounds) -> str:
        parts = [] if bounds.min is None and bounds.max is None else [self._range(bounds.min, bounds.max)]
        parts += [] if bounds.above is None else [self.say("above", a=bounds.above)]
        return self.say("and").join(parts + ([] if bounds.below is None else [self.say("below", b=bounds.below)]))

    def _days(self, days: DateRange) -> str:
        if days.from_ is None:
            return self.say("to_day", b=days.to)
        return (
            self.say("from_day", a=days.from_) if days.to is None else self.say("days_from_to", a=days.from_, b=days.to)
        )
