"""What a release offers to choose from: answers about people, and concepts with how many people have them."""

from functools import lru_cache
from typing import Any

import numpy as np

from commonweal.commons.cohort.domains import DOMAINS
from commonweal.commons.release import Release
from commonweal.disclosure import Count
from commonweal.workbench.studio import browsing
from commonweal.workbench.studio.builder import type_of

SEARCH_LIMIT = 12
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


def concepts(release: Release, text: str) -> list[dict[str, Any]]:
    """Concepts of the vocabulary that match, with their type of criterion and how many people have them (gated)."""
    found = []
    for concept in release.vocabulary.search(text, _DOMAINS, SEARCH_LIMIT):
        kind = type_of(concept["domain_id"], concept["vocabulary_id"])
        if kind is not None and release.has(DOMAINS[kind].table):
            found.append({**concept, "type": kind})
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
