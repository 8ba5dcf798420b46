"""Which counts of an analysis may be shown: people in groups, each split by several facets.

Every person is in one group and in one value of each facet, so that all numbers of a group hang together: what one facet
hides, another would give back. All are decided at once (disclosure.suppression). Where the caller may see everything,
every count is exact.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from commonweal.commons.release import Release
from commonweal.disclosure import Count, Policy, count
from commonweal.disclosure.count import HIDDEN
from commonweal.disclosure.flow import Edge
from commonweal.disclosure.linked import Cell, cells, linked
from commonweal.disclosure.suppression import hidden

Key = tuple[str, str, str, str]  # kind, group, facet, value
TOTAL: Key = ("total", "", "", "")
Facets = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Gate:
    """`exact`: nothing is hidden or rounded."""

    policy: Policy
    exact: bool

    @classmethod
    def of(cls, release: Release, exact: bool) -> "Gate":
        """A folder of one's own is exact. Of a published release `exact` is for who may read its rows: here the gate is
        advice; the gates that are enforced are the web's and the export's."""
        return cls(release.policy, exact or not release.gated)

    def one(self, persons: int) -> Count:
        return count(persons, self.policy, exact=self.exact)


@dataclass(frozen=True)
class Group:
    total: Count
    facets: dict[str, dict[str, Count]]


def groups(found: Mapping[str, tuple[int, Facets]], gate: Gate) -> dict[str, Group]:
    """Group -> (people, facet -> value -> people), as they may be shown. The values of a facet add up to the people."""
    edges = _network(found)
    gone = set() if gate.exact else hidden(edges, gate.policy, _totals_of, TOTAL)

    def shown(key: Key) -> Count:
        return HIDDEN if key in gone else gate.one(edges[key].value)

    return {
        name: Group(
            shown(("group", name, "", "")),
            {facet: {v: shown(("part", name, facet, v)) for v in values} for facet, values in facets.items()},
        )
        for name, (_, facets) in found.items()
    }


def linked_tables(
    people: Mapping[tuple[str, ...], int], by: Sequence[str], tables: Sequence[Sequence[str]], gate: Gate
) -> dict[Cell, Count]:
    """All cells and totals of tables that share traits, as they may be shown (disclosure.linked); exact where allowed."""
    if gate.exact:
        return {cell: gate.one(number) for cell, number in cells(people, by, tables).items()}
    return linked(people, by, tables, gate.policy)


def _network(found: Mapping[str, tuple[int, Facets]]) -> dict[Key, Edge]:
    """start -> a group -> one value of each of its facets, one facet after the other -> end -> start."""
    edges = {TOTAL: Edge("end", "start", sum(total for total, _ in found.values()))}
    for name, (total, facets) in found.items():
        last = len(facets)
        edges["group", name, "", ""] = Edge("start", f"{name} 0" if last else "end", total)
        for place, (facet, values) in enumerate(facets.items()):
            head = f"{name} {place + 1}" if place + 1 < last else "end"
            for value, number in values.items():
                edges["part", name, facet, value] = Edge(f"{name} {place}", head, number)
    return edges


def _totals_of(key: Key) -> Collection[Key]:
    if key[0] == "part":
        return (TOTAL, ("group", key[1], "", ""))
    return () if key == TOTAL else (TOTAL,)
