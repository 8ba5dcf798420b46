"""From exact numbers of people to those that may be told: groups of rows, each through `disclosure` as a whole.

A group (one concept, one question, one measurement) is what adds up: what is hidden in it is decided together. Of a
concept or a question that so few people have that their number may not be told, nothing is told: it is not listed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

from commonweal import disclosure
from commonweal.curation.public import counting
from commonweal.curation.public.counting import ALL, EVERYBODY, SEXES
from commonweal.curation.public.histograms import Histogram, histograms
from commonweal.disclosure import Count, Policy
from commonweal.disclosure.facets import Split, crossed, split
from commonweal.protocol.public_tier import PublicTier

Row = dict[str, Any]
LISTED = ("concept_counts", "survey_answers")


@dataclass(frozen=True)
class Told:
    """One group of a table: `rows` with `people` as told (None: hidden), `exact` the true numbers of the same rows."""

    table: str
    key: str
    rows: list[Row]
    exact: list[int]

    def listed(self, policy: Policy) -> bool:
        """The first row of a concept or question is of everybody who has it."""
        return self.table not in LISTED or self.exact[0] > policy.min_cell


@dataclass(frozen=True)
class Gate:
    """Exact numbers of the tier on `con` (see counting.py), told as `policy` allows."""

    con: duckdb.DuckDBPyConnection
    names: list[str]  # tables of the tier
    policy: Policy
    settings: PublicTier

    def told(self) -> Iterator[Told]:
        """Every group of every table."""
        topics = counting.topics(self.con)
        exact = {topic: {str(i): n for i, n in enumerate(values.values())} for topic, values in topics.items()}
        everybody = split(counting.everybody(self.con), exact, self.policy)
        yield self._totals(everybody)
        yield self._demographics(topics, everybody)
        yield from self._concepts()
        if {"observation", "concept"} <= set(self.names):
            yield from self._answers()
        if "measurement" in self.names:
            for histogram in histograms(self.con, self.settings, SEXES):
                yield self._histogram(histogram)

    def _totals(self, everybody: Split) -> Told:
        """Each number by itself, as the kinds overlap; but the values of every topic add up to everybody."""
        kinds = counting.by_kind(self.con, self.names)
        told = {kind: disclosure.count(n, self.policy) for kind, n in kinds.items()} | {EVERYBODY: everybody.total}
        rows = [{"group": kind, "people": count.persons} for kind, count in told.items()]
        return Told("totals", "", rows, list(kinds.values()))

    def _demographics(self, topics: counting.Topics, shown: Split) -> Told:
        rows, numbers = [], []
        for topic, values in topics.items():
            for i, ((concept, word), number) in enumerate(values.items()):
                people = shown.facets[topic][str(i)].persons
                rows.append({"topic": topic, "concept_id": concept or None, "value": word, "people": people})
                numbers.append(number)
        return Told("demographics", "", rows, numbers)

    def _concepts(self) -> Iterator[Told]:
        bands = counting.bands(self.settings)
        for domain, concept, name, group in counting.concepts(self.con, self.names):
            head = {"domain_id": domain, "concept_id": concept, "concept_name": name}
            facets = group.facets(bands)
            rows, numbers = _by_facet(head, split(group.total, facets, self.policy), group.total, facets)
            yield Told("concept_counts", f"{domain} {concept}", rows, numbers)

    def _answers(self) -> Iterator[Told]:
        bands, few = counting.bands(self.settings), self.policy.min_cell
        for question, name, one_each, by_answer, everybody in counting.answers(self.con, few):
            head = {"question_concept_id": question, "question": name}
            facets = {i: g.facets(bands) for i, g in by_answer.items()}
            every = everybody.facets(bands)
            shown_every, shown = self._shown_answers(one_each, everybody.total, every, facets)
            told = [_by_facet(head | {"answer_concept_id": None, "answer": ALL}, shown_every, everybody.total, every)]
            told += [
                _by_facet(head | {"answer_concept_id": i[0], "answer": i[1]}, shown[i], group.total, facets[i])
                for i, group in by_answer.items()
            ]
            rows = [row for part, _ in told for row in part]
            yield Told("survey_answers", str(question), rows, [number for _, part in told for number in part])

    def _shown_answers(
        self, one_each: bool, total: int, every: counting.Facets, by_answer: dict[tuple[int, str], counting.Facets]
    ) -> tuple[Split, dict[tuple[int, str], Split]]:
        """Answers of which each person gave one add up; others are groups of their own."""
        if one_each:
            shown = crossed({str(i): facets for i, facets in by_answer.items()}, self.policy)
            return shown.every, {i: shown.items[str(i)] for i in by_answer}
        apart = {i: split(sum(f["sex"].values()), f, self.policy) for i, f in by_answer.items()}
        return split(total, every, self.policy), apart

    def _histogram(self, found: Histogram) -> Told:
        shown = disclosure.table({str(place): sexes for place, sexes in found.people.items()}, self.policy)
        head = {"concept_id": found.concept, "concept_name": found.name}
        head |= {"unit_concept_id": found.unit, "unit_name": found.unit_name}
        rows, numbers = [], []
        for i, (place, sexes) in enumerate(found.people.items()):
            low, high = found.bounds(place)
            bounds = head | {"bin_from": low, "bin_to": high}
            counts: list[tuple[str, Count, int]] = [(ALL, shown.row_totals[i], sum(sexes.values()))]
            counts += [(sex, shown.cells[i][shown.columns.index(sex)], n) for sex, n in sexes.items()]
            for sex, count, number in counts:
                rows.append(bounds | {"sex_at_birth": sex, "people": count.persons})
                numbers.append(number)
        return Told("measurement_histograms", f"{found.concept} {found.unit} {found.edges}", rows, numbers)


def _by_facet(head: Row, shown: Split, total: int, exact: counting.Facets) -> tuple[list[Row], list[int]]:
    """One row for all, one for each sex, one for each age band."""
    rows = [head | {"sex_at_birth": ALL, "age_band": ALL, "people": shown.total.persons}]
    numbers = [total]
    for facet, column, other in (("sex", "sex_at_birth", "age_band"), ("age", "age_band", "sex_at_birth")):
        for value, number in exact[facet].items():
            rows.append(head | {column: value, other: ALL, "people": shown.facets[facet][value].persons})
            numbers.append(number)
    return rows, numbers
