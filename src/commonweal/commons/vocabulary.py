"""Concepts of a release: its own vocabulary tables, or those that ship with the program where it has none."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from commonweal.home import Home

if TYPE_CHECKING:
    from commonweal.commons.index.terms import Terms
    from commonweal.commons.release import Release


class Vocabulary:
    """`ancestors` as an Ibis table; names by id; search by name or code."""

    def __init__(self, release: "Release", home: Home | None) -> None:
        self.release, self._home = release, home

    @cached_property
    def ancestors(self) -> ir.Table:
        """concept_ancestor, two columns: ancestor_concept_id, descendant_concept_id."""
        self._ensure("concept_ancestor")
        return self.release.table("concept_ancestor")[["ancestor_concept_id", "descendant_concept_id"]]

    @cached_property
    def concepts(self) -> ir.Table:
        self._ensure("concept")
        return self.release.table("concept")

    def names(self, ids: set[int]) -> dict[int, str]:
        """Concept id -> name, of those that are known."""
        if not ids:
            return {}
        table = self.concepts
        return dict(self.release.rows(table.filter(table.concept_id.isin(sorted(ids)))[["concept_id", "concept_name"]]))

    def search(self, text: str, domains: tuple[str, ...] = (), limit: int = 20) -> list[dict[str, Any]]:
        """Concepts found by words of their name, synonyms or code, or by their id: from the index where there is one.

        Without an index: those whose name holds every word of `text`, or whose code or id is `text`; shortest first.
        """
        if self._terms is not None:
            return self._terms.search(text, domains, limit)
        table = self.concepts
        words = text.lower().split()
        if not words:
            return []
        name = table.concept_name.lower()
        found = ibis.and_(*(name.contains(word) for word in words)) | (
            table.concept_code.lower() == text.lower().strip()
        )
        if text.strip().isdecimal() and len(text.strip()) < 12:
            found = found | (table.concept_id == int(text))
        if domains:
            found = found & table.domain_id.isin(domains)
        columns = ["concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_code"]
        rows = table.filter(found).mutate(length=table.concept_name.length()).order_by(["length", "concept_id"])
        return [dict(zip(columns, row, strict=True)) for row in self.release.rows(rows[columns].limit(limit))]

    def broader(self, concept: int) -> list[dict[str, Any]]:
        """The concepts directly above one; none where the release has no index."""
        return self._terms.broader(concept) if self._terms is not None else []

    def narrower(self, concept: int) -> list[dict[str, Any]]:
        """The concepts directly below one; none where the release has no index."""
        return self._terms.narrower(concept) if self._terms is not None else []

    @property
    def _terms(self) -> "Terms | None":
        counter = self.release.counter
        return counter.index.terms if counter is not None else None

    def _ensure(self, name: str) -> None:
        if not self.release.has(name):
            from commonweal.omop import vocabulary

            self.release.attach(name, vocabulary.tables(self._home)[name])
