"""From concept sets to concept ids, by the vocabulary of a release; and how many rows have them."""

from dataclasses import dataclass

from commonweal.commons.cohort.domains import DOMAINS
from commonweal.commons.dataset.concept_set import ConceptSet, parse
from commonweal.commons.dataset.reading import shown
from commonweal.commons.release import Release
from commonweal.errors import BadInput

_TOLD = 5  # unknown concepts that a message names


@dataclass(frozen=True)
class Usage:
    """How often the concepts of a set stand in a release."""

    rows: int
    persons: int


def resolve(release: Release, chosen: object) -> list[int]:
    """The concept ids of a set in a release, ascending. Raises BadInput for concepts that the release does not know."""
    made = parse(chosen)
    return resolve_all(release, [made])[made.name]


def resolve_all(release: Release, sets: list[ConceptSet]) -> dict[str, list[int]]:
    """The same of several sets (by name), with one question to the vocabulary."""
    items = [item for s in sets for item in s.items]
    below = _below(release, sorted({i.concept for i in items if i.descendants}))
    _check_known(release, sets, below)
    return {s.name: _ids(s, below) for s in sets}


def usage(release: Release, chosen: ConceptSet, ids: list[int]) -> Usage:
    """Rows of the set's table that have one of `ids`, and about how many people have them. For the holder of the rows:
    it does not pass the gate."""
    domain = DOMAINS[chosen.domain]
    table = release.table(domain.table)
    rows = table.filter(table[domain.source_concept if chosen.source else domain.concept].isin(ids))
    found = release.rows(rows.aggregate(rows=rows.count(), persons=rows.person_id.approx_nunique()))[0]
    return Usage(*map(int, found))


def _ids(chosen: ConceptSet, below: dict[int, set[int]]) -> list[int]:
    kept: dict[bool, set[int]] = {False: set(), True: set()}
    for item in chosen.items:
        kept[item.excluded].add(item.concept)
        if item.descendants:
            kept[item.excluded] |= below.get(item.concept, set())
    return sorted(kept[False] - kept[True])


def _below(release: Release, ancestors: list[int]) -> dict[int, set[int]]:
    if not ancestors:
        return {}
    table = release.vocabulary.ancestors
    found: dict[int, set[int]] = {}
    for ancestor, descendant in release.rows(table.filter(table.ancestor_concept_id.isin(ancestors))):
        found.setdefault(ancestor, set()).add(descendant)
    return found


def _check_known(release: Release, sets: list[ConceptSet], below: dict[int, set[int]]) -> None:
    """A concept is known that the vocabulary names or has descendants of, or that some row of its table has."""
    concepts = release.vocabulary.concepts.concept_id
    asked = {item.concept for s in sets for item in s.items}
    table = concepts.as_table().filter(concepts.isin(sorted(asked)))
    left = asked - set(below) - {number for (number,) in release.rows(table)}
    for chosen in sets if left else ():
        unknown = sorted(left & {item.concept for item in chosen.items})
        unknown = sorted(set(unknown) - _in_rows(release, chosen, unknown))
        if unknown:
            more = f" and {len(unknown) - _TOLD} more" if len(unknown) > _TOLD else ""
            named = ", ".join(map(str, unknown[:_TOLD])) + more
            raise BadInput(
                f"concept set {shown(chosen.name)}: release {release.name} knows no concept {named}; "
                "correct the number, or import the vocabulary that has it"
            )


def _in_rows(release: Release, chosen: ConceptSet, ids: list[int]) -> set[int]:
    domain = DOMAINS[chosen.domain]
    name = domain.source_concept if chosen.source else domain.concept
    if not ids or not release.has(domain.table, name):
        return set()
    column = release.table(domain.table)[name]
    return {number for (number,) in release.rows(column.as_table().filter(column.isin(ids)).distinct())}
