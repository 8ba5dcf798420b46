"""A cohort definition in words, one phrase a step."""

from collections.abc import Iterable
from typing import Any

from commonweal.commons.cohort.criteria import (
    CohortCriterion,
    ConceptCriterion,
    DateRange,
    EventCriterion,
    PersonCriterion,
    WearableCriterion,
)
from commonweal.commons.cohort.definition import Definition
from commonweal.commons.cohort.phrases import BY_LANGUAGE, ENGLISH

_SHOWN = 3  # concepts named before "n more"


def steps(definition: Definition, names: dict[int, str], language: str = "en") -> list[tuple[str, str]]:
    """(kind, words) of each step: everyone, index (if any), each include group, each exclude group."""
    teller = _Teller(names, BY_LANGUAGE.get(language, ENGLISH))
    told = [("everyone", teller.say("everyone"))]
    if definition.index is not None:
        which = teller.say(f"which_{definition.index.which}")
        told.append(("index", teller.say("index", which=which, event=teller.event(definition.index.of))))
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


def concepts(definition: Definition) -> set[int]:
    """Every concept id that a definition names."""
    found: set[int] = set()
    waiting: list[Any] = [definition.as_json()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
            for key in ("concepts", "units", "visit", "sex_at_birth", "gender", "race", "ethnicity"):
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
        if isinstance(criterion, CohortCriterion):
            return self.say("cohort", sha256=criterion.definition.sha256[:8])
        assert isinstance(criterion, EventCriterion)
        return self.event(criterion)

    def event(self, c: EventCriterion) -> str:
        parts = [self._what(c), *self._which(c)]
        if c.age is not None:
            parts.append(self.say("age", range=self._range(c.age.min, c.age.max)))
        for key, days in (("start", c.start), ("end", c.end)):
            if days is not None:
                parts.append(self.say(key, range=self._days(days)))
        parts += [*self._value(c), *self._relations(c), *self._times(c)]
        return self.say("and").join(parts)

    def _what(self, c: EventCriterion) -> str:
        if isinstance(c, WearableCriterion):
            return self.say("wearable", signal=self.say(f"signal_{c.signal}"))
        assert isinstance(c, ConceptCriterion)
        return self.say(c.type, concepts=self.named(c.concepts))

    def _which(self, c: EventCriterion) -> list[str]:
        parts = []
        if isinstance(c, ConceptCriterion):
            parts += [] if c.descendants else [self.say("exact_concepts")]
            parts += [self.say("source")] if c.source and c.type != "survey" else []
        return parts + ([self.say(f"pick_{c.pick}")] if c.pick != "any" else [])

    def _value(self, c: EventCriterion) -> list[str]:
        if c.value is None:
            return []
        v, parts = c.value, []
        if v.min is not None or v.max is not None:
            parts.append(self.say("value", range=self._range(v.min, v.max)))
        parts += [self.say("units", concepts=self.named(v.units))] if v.units else []
        return parts + ([self.say("answer", concepts=self.named(v.concepts))] if v.concepts else [])

    def _relations(self, c: EventCriterion) -> list[str]:
        visit, same = (c.visit, c.same_visit) if isinstance(c, ConceptCriterion) else (None, None)
        parts = [self.say("in_visit", concepts=self.named(visit))] if visit else []
        if c.within is not None:
            of = self.say("index_event") if isinstance(c.within.of, str) else self.event(c.within.of)
            parts.append(self.say("within", range=self._range(*c.within.days), event=of))
        return parts + ([self.say("same_visit", event=self.event(same))] if same else [])

    def _times(self, c: EventCriterion) -> list[str]:
        if c.at_most == 0:
            return [self.say("never")]
        if c.at_least == 0 and c.at_most is None:
            return [self.say("any_number")]
        if c.at_most is not None:
            return [self.say("between_days", a=c.at_least, b=c.at_most)]
        return [self.say("at_least", n=c.at_least)] if c.at_least > 1 else []

    def person(self, c: PersonCriterion) -> str:
        parts = []
        for key in ("sex_at_birth", "gender", "race", "ethnicity"):
            ids = getattr(c, key)
            if ids is not None:
                parts.append(self.say(key, concepts=self.named(ids)))
        if c.age_at is not None:
            ages = self._range(c.age_at.min, c.age_at.max)
            at_index = c.age_at.date == "index"
            parts.append(
                self.say("age_index", range=ages) if at_index else self.say("age_on", range=ages, day=c.age_at.date)
            )
        parts += [self.say(f"deceased_{c.deceased}")] if c.deceased is not None else []
        return self.say("and").join([*parts, *(self.say(f"has_{kind}") for kind in c.has or ())])

    def _range(self, low: object, high: object) -> str:
        if low is None:
            return self.say("to", b=high)
        return self.say("from", a=low) if high is None else self.say("from_to", a=low, b=high)

    def _days(self, days: DateRange) -> str:
        if days.from_ is None:
            return self.say("to_day", b=days.to)
        return (
            self.say("from_day", a=days.from_) if days.to is None else self.say("days_from_to", a=days.from_, b=days.to)
        )
