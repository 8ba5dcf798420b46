"""What a release offers to choose from: answers about people, and concepts with how many people have them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np

from commonweal.commons.cohort.domains import DOMAINS
from commonweal.commons.release import Release
from commonweal.disclosure import Count
from commonweal.workbench.studio import browsing
from commonweal.workbench.studio.builder import type_of

SEARCH_LIMIT = 12
AROUND_LIMIT = 50
_DOMAINS = tuple({name for domain in DOMAINS.values() for name in domain.vocabulary_domains})


@lru_cache(maxsize=16)
def of_people(release: Release) -> dict[str, list[tuple[int, str]]]:
    """Concepts (id, name) of sex at birth, race and ethnicity that occur in the release; none is counted."""
    beside = "person_ext" if release.has("person_ext", "sex_at_birth_concept_id") else "person"
    sex = "sex_at_birth_concept_id" if beside == "person_ext" else "gender_concept_id"
    columns = {"sex_at_birth": (beside, sex)} | {k: ("person", f"{k}_concept_id") for k in ("race", "ethnicity")}
    found = {}
    for key, (table, column) in columns.items():
        ids = release.rows(release.table(table).select(c=release.table(table)[column]).distinct().order_by("c"))
        names = release.vocabulary.names({int(i) for (i,) in ids if i})
        found[key] = [(i, names[i]) for (i,) in ids if i in names]
    return found


@dataclass(frozen=True)
class Around:
    """A concept with those directly above and below it; `more`: how many of those below are not listed."""

    broader: list[dict[str, Any]]
    itself: list[dict[str, Any]]
    narrower: list[dict[str, Any]]
    more: int

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return chain(self.broader, self.itself, self.narrower)


def concepts(release: Release, text: str) -> list[dict[str, Any]]:
    """Concepts of the vocabulary that match, with their type of criterion and how many people have them (gated)."""
    return _counted(release, _asked(release, release.vocabulary.search(text, _DOMAINS, SEARCH_LIMIT)))


def around(release: Release, concept: int) -> Around | None:
    """A concept and its neighbours in the hierarchy, by name, counted alike; None where it cannot be asked for here."""
    words = release.vocabulary
    itself = _asked(release, [c for c in words.search(str(concept), _DOMAINS) if c["concept_id"] == concept])
    if not itself:
        return None
    above, below = (_asked(release, part) for part in (words.broader(concept), words.narrower(concept)))
    broader, itself, narrower = (_counted(release, part[:AROUND_LIMIT]) for part in (above, itself, below))
    return Around(broader, itself, narrower, max(0, len(below) - AROUND_LIMIT))


def _asked(release: Release, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the concepts that a criterion can ask for in this release, with its type."""
    typed = ((c, type_of(c["domain_id"], c["vocabulary_id"])) for c in listed)
    return [{**c, "type": kind} for c, kind in typed if kind is not None and release.has(DOMAINS[kind].table)]


def _counted(release: Release, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    counts: dict[tuple[str, int], Count] = {}
    for kind in {c["type"] for c in found}:
        ids = tuple(sorted(c["concept_id"] for c in found if c["type"] == kind))
        counts |= {(kind, concept): count for concept, count in people_with(release, kind, ids).items()}
    return [{**c, "count": counts[c["type"], c["concept_id"]]} for c in found]


@lru_cache(maxsize=1024)
def people_with(release: Release, kind: str, ids: tuple[int, ...]) -> dict[int, Count]:
    """How many people have each of these concepts or one below it: from the index, else in one query."""
    having = release.counter.people_with(kind, ids) if release.counter is not None else None
    if having is None:
        having = _people_with(release, kind, ids)
    gate = browsing.gate(release)
    return {concept: gate.count(people) for concept, people in having.items()}


def _people_with(release: Release, kind: str, ids: tuple[int, ...]) -> dict[int, np.ndarray]:
    """The dense ordinals, ascending, of the people with each concept."""
    domain = DOMAINS[kind]
    ancestors, itself = release.vocabulary.ancestors, release.vocabulary.concepts
    below = ancestors.filter(ancestors.ancestor_concept_id.isin(ids)).select(
        top="ancestor_concept_id", concept="descendant_concept_id"
    )
    same = itself.filter(itself.concept_id.isin(ids)).select(top="concept_id", concept="concept_id")
    events = release.table(domain.table)
    events = events.select("person_id", concept=domain.concept).semi_join(release.table("person"), "person_id")
    having = events.join(below.union(same, distinct=True), "concept").select("top", "person_id").distinct()
    found = release.arrow(having)
    tops, people = found["top"].to_numpy(), release.ordinals(found["person_id"].to_numpy())
    return {concept: np.sort(people[tops == concept]) for concept in ids}
