"""Which events a value is about: the table of the release, and its columns."""

from dataclasses import dataclass

import ibis.expr.types as ir

from commonweal.commons.cohort import signals
from commonweal.commons.cohort.criteria import WITH_NUMBERS, WearableCriterion
from commonweal.commons.cohort.domains import DOMAINS
from commonweal.commons.dataset.concept_set import ConceptSet
from commonweal.commons.dataset.reading import shown
from commonweal.commons.dataset.values import FeatureValue, RowsValue
from commonweal.commons.release import Release
from commonweal.errors import BadInput
from commonweal.omop.tables import tables as specs

NUMBER = "value_as_number"


@dataclass(frozen=True)
class Events:
    """`key` tells what is read in one pass. `concept`: the column that a concept set is compared with."""

    key: str
    table: str
    id: str | None
    start: str | None
    concept: str | None = None
    number: str | None = None
    answer: str | None = None
    signal: str | None = None

    def rows(self, release: Release) -> ir.Table:
        """The events of everybody, under the names of the release."""
        if self.signal is None:
            return release.table(self.table)
        criterion = WearableCriterion.model_validate({"type": "wearable", "signal": self.signal})
        return signals.days(release, criterion.signal)

    @property
    def default(self) -> str | None:
        """The column of a statistic that names none."""
        return self.number or self.answer or self.start


def of(release: Release, value: FeatureValue | RowsValue, chosen: ConceptSet | None) -> Events:
    """Raises BadInput where the release has no such table, or a column that is needed is not there."""
    if isinstance(value, FeatureValue) and value.signal is not None:
        table = signals.SIGNALS[value.signal].table
        found = Events(f"signal {value.signal}", table, "event_id", "start", number="number", signal=value.signal)
    elif chosen is not None:
        found = _of_set(release, chosen)
    else:
        assert value.table is not None
        found = _of_table(release, value.table.lower())
    if not release.has(found.table):
        raise BadInput(f"{value.title}: release {release.name} has no table {found.table}; leave this value out")
    needed = ["person_id"] if found.signal else [c for c in ("person_id", found.concept) if c]
    for column in needed:
        if not release.has(found.table, column):
            raise BadInput(f"{value.title}: table {found.table} of release {release.name} has no column {column}")
    return found


def _of_set(release: Release, chosen: ConceptSet) -> Events:
    domain = DOMAINS[chosen.domain]
    concept = domain.source_concept if chosen.source else domain.concept
    answer = None
    if chosen.domain in WITH_NUMBERS:
        told = chosen.domain == "survey" and release.has(domain.table, "value_source_concept_id")
        answer = "value_source_concept_id" if told else "value_as_concept_id"
    number = NUMBER if chosen.domain in ("measurement", "observation") else None
    return Events(domain.table, domain.table, domain.id, domain.start, concept, number, answer)


def _of_table(release: Release, table: str) -> Events:
    known = next((d for d in DOMAINS.values() if d.table == table), None)
    if known is not None:
        number = NUMBER if table in WITH_NUMBERS else None
        return Events(table, table, known.id, known.start, None, number, "value_as_concept_id" if number else None)
    spec = specs().get(table)
    start = (
        next((c.name for c in spec.columns if c.type == "date" and release.has(table, c.name)), None) if spec else None
    )
    return Events(table, table, f"{table}_id" if release.has(table, f"{table}_id") else None, start)


def column(release: Release, events: Events, value: FeatureValue | RowsValue, name: str) -> str:
    """A column that somebody named, if the table has it."""
    if not release.has(events.table, name.lower()):
        there = ", ".join(release.columns[events.table])
        raise BadInput(f"{value.title}: table {events.table} has no column {shown(name)}; it has {there}")
    return name.lower()
