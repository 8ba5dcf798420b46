"""What an analysis asks about: an event in the words of a cohort definition, checked against the release."""

from typing import Any

import ibis.expr.types as ir

from commonweal.commons.cohort.criteria import ConceptCriterion, EventCriterion
from commonweal.commons.cohort.definition import parse
from commonweal.commons.cohort.domains import DOMAINS
from commonweal.commons.cohort.happenings import enough, events
from commonweal.commons.cohort.people import people
from commonweal.commons.release import Release
from commonweal.errors import BadInput


def criterion(release: Release, given: Any, what: str = "event") -> EventCriterion:
    """One criterion of an event (contract: CRITERION). Raises BadInput where it is none, or its concepts are unknown."""
    if not isinstance(given, dict | EventCriterion):
        raise BadInput(f'{what}: give a criterion, such as {{"type": "condition", "concepts": [201826]}}')
    raw = given.model_dump(mode="json", exclude_defaults=True) if isinstance(given, EventCriterion) else given
    definition = parse({"version": 1, "index": {"of": raw}})
    assert definition.index is not None
    made = definition.index.of
    if made.allows_none:
        raise BadInput(f"{what}: at_least 0 and at_most 0 say nothing of an event; leave them out")
    _known(release, made, what)
    return made


def label(release: Release, asked: EventCriterion) -> str:
    """The name of what is asked, from the vocabulary: of the first concept, and how many more."""
    if not isinstance(asked, ConceptCriterion):
        return str(getattr(asked, "signal", "event"))
    named = _named(asked)
    if not named:
        return f"any {asked.type}"
    name = release.vocabulary.names({named[0]}).get(named[0], f"concept {named[0]}")
    return name if len(named) == 1 else f"{name} and {len(named) - 1} more"


def occurrences(release: Release, asked: EventCriterion) -> ir.Table:
    """person_id and start (a day) of each such event, of those who have enough of them."""
    found = events(release, asked, people(release))
    if asked.at_least > 1 or asked.at_most is not None:
        found = found.semi_join(enough(found, asked, ["person_id"]), "person_id")
    return found.select("person_id", start=found.start.cast("date"))


def first_days(release: Release, asked: EventCriterion) -> ir.Table:
    """person_id and `first`: the day of each person's first such event."""
    found = occurrences(release, asked)
    return found.group_by("person_id").aggregate(first=found.start.min())


def _named(asked: ConceptCriterion) -> list[int]:
    return [*(asked.concepts or ()), *(asked.alone or ())]


def _known(release: Release, asked: EventCriterion, what: str) -> None:
    """A concept is known by the vocabulary or, where that is a small one, by rows of the release."""
    if not isinstance(asked, ConceptCriterion):
        return
    named = set(_named(asked))
    unknown = sorted(named - set(release.vocabulary.names(named)))
    if not unknown:
        return
    domain = DOMAINS[asked.type]
    table = release.table(domain.table)
    column = domain.source_concept if asked.source else domain.concept
    there = {row[0] for row in release.rows(table.filter(table[column].isin(unknown))[[column]].distinct())}
    unknown = [one for one in unknown if one not in there]
    if unknown:
        raise BadInput(
            f"{what}: concept {unknown[0]} is neither in the vocabulary of release {release.name} nor in its"
            f" {domain.table}; look it up with release.vocabulary.search"
        )
