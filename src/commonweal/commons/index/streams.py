"""What is read from a release to index it: each kind of event as SQL with the same columns, and what there is of them."""

from dataclasses import dataclass

import ibis

from commonweal.commons.cohort.domains import DOMAINS
from commonweal.commons.cohort.signals import SIGNALS, days
from commonweal.commons.release import Release

COLUMNS = ("start", "end", "visit", "visit_concept", "number", "unit", "answer", "answer_source")
CODED = ("visit_concept", "unit", "answer", "answer_source")  # kept as places in a list of concepts


KINDS = (
    "condition",
    "drug",
    "measurement",
    "procedure",
    "observation",
    "visit",
    "device",
    "observation_period",
    "death",
)


@dataclass(frozen=True)
class Stream:
    """`sql` gives person_id, concept, source, id and the `columns` it has; rows without a start are not in it."""

    name: str
    sql: str
    columns: tuple[str, ...]
    sourced: bool


def streams(release: Release) -> list[Stream]:
    """All that the release has tables for."""
    found = [_events(release, kind) for kind in KINDS if release.has(DOMAINS[kind].table, DOMAINS[kind].concept)]
    found += [_signal(release, name) for name, signal in SIGNALS.items() if release.has(signal.table)]
    return found


def _events(release: Release, kind: str) -> Stream:
    domain = DOMAINS[kind]

    def has(column: str | None) -> bool:
        return column is not None and release.has(domain.table, column)

    wanted = {
        "end": domain.end if has(domain.end) else None,
        "visit": "visit_occurrence_id" if has("visit_occurrence_id") else None,
        "visit_concept": "visit_concept_id" if kind == "visit" else None,
    }
    if domain.answer is not None:
        wanted |= {"number": "value_as_number", "unit": "unit_concept_id", "answer": domain.answer}
        wanted |= {"answer_source": "value_source_concept_id"}
    columns = {ours: theirs for ours, theirs in wanted.items() if has(theirs)}
    sourced = has(domain.source_concept)
    chosen = [
        "person_id",
        f'"{domain.concept}" AS concept',
        f'"{domain.source_concept}" AS source' if sourced else "NULL::BIGINT AS source",
        f'"{domain.id}" AS id' if has(domain.id) else "0 AS id",
        f'"{domain.start}" AS start',
        *(f'"{theirs}" AS "{ours}"' for ours, theirs in columns.items()),
    ]
    sql = f'SELECT {", ".join(chosen)} FROM "{domain.table}" WHERE "{domain.start}" IS NOT NULL'
    return Stream(kind, sql, ("start", *columns), sourced)


def _signal(release: Release, name: str) -> Stream:
    """A day of a device; it has no concept, so all its rows lie under 0."""
    found = days(release, name)
    rows = found.select(
        "person_id",
        "start",
        "number",
        concept=ibis.literal(0, "int64"),
        source=ibis.null("int64"),
        id=found.event_id,
    )
    return Stream(f"wearable.{name}", release.sql(rows), ("start", "number"), False)
