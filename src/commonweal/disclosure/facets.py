"""People counted by several things at once, each by itself: by sex, and by age, and by answer; through the gate.

Every person is in one value of each facet, so the values of every facet add up to the same total. What is hidden is decided
over all facets together: a number that is hidden in one may not come back from another.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from commonweal.disclosure.count import HIDDEN, Count, Policy, count
from commonweal.disclosure.flow import Edge
from commonweal.disclosure.suppression import hidden
from commonweal.errors import BadInput

Facets = Mapping[str, Mapping[str, int]]
Shown = dict[str, dict[str, Count]]
Key = tuple[str, str, str, str]  # kind, item, facet, value
TOTAL: Key = ("total", "", "", "")


@dataclass(frozen=True)
class Split:
    """One group of people: how many, and by each facet how many have each of its values."""

    total: Count
    facets: Shown


@dataclass(frozen=True)
class Crossed:
    """People of whom each has one item (an answer): all of them, and those of each item, split by the same facets."""

    every: Split
    items: dict[str, Split]


def split(total: int, facets: Facets, policy: Policy) -> Split:
    """`total` people by facet -> value. Raises BadInput where the values of a facet do not add up to it."""
    _check(total, facets)
    edges = _chain(total, facets)
    gone = hidden(edges, policy, lambda name: () if name == TOTAL else (TOTAL,), TOTAL)
    return _split(edges, gone, policy, "part", "", TOTAL)


def crossed(items: Mapping[str, Facets], policy: Policy) -> Crossed:
    """People by item and two facets (the same two for each item)."""
    names = list(dict.fromkeys(facet for facets in items.values() for facet in facets))
    if len(names) != 2:
        raise BadInput("people by item can be shown by two facets together, not fewer or more")
    totals = {item: sum(facets[names[0]].values()) for item, facets in items.items()}
    for item, facets in items.items():
        _check(totals[item], facets)
    edges = _network(items, totals, names)
    gone = hidden(edges, policy, _totals_of, TOTAL)
    every = _split(edges, gone, policy, "margin", "", TOTAL)
    return Crossed(every, {i: _split(edges, gone, policy, "part", i, ("item", i, "", "")) for i in items})


def _check(total: int, facets: Facets) -> None:
    for facet, values in facets.items():
        if total < 0 or any(value < 0 for value in values.values()) or sum(values.values()) != total:
            raise BadInput(f"facet {facet}: its numbers of people do not add up to the total")


def _chain(total: int, facets: Facets) -> dict[Key, Edge]:
    """All people pass from the start through one value of each facet, one facet after the other, and back as the total."""
    edges = {TOTAL: Edge(f"after {len(facets)}", "after 0", total)}
    for place, (facet, values) in enumerate(facets.items()):
        for value, number in values.items():
            edges["part", "", facet, value] = Edge(f"after {place}", f"after {place + 1}", number)
    return edges


def _network(items: Mapping[str, Facets], totals: Mapping[str, int], names: list[str]) -> dict[Key, Edge]:
    """start -> value of one facet -> into the item -> out of it -> value of the other facet -> end -> start."""
    first, second = names
    edges: dict[Key, Edge] = {TOTAL: Edge("end", "start", sum(totals.values()))}
    margins: dict[tuple[str, str], int] = {}
    for item, facets in items.items():
        edges["item", item, "", ""] = Edge(f"into {item}", f"out of {item}", totals[item])
        for value, number in facets[first].items():
            edges["part", item, first, value] = Edge(f"{first} {value}", f"into {item}", number)
        for value, number in facets[second].items():
            edges["part", item, second, value] = Edge(f"out of {item}", f"{second} {value}", number)
        for facet in names:
            for value, number in facets[facet].items():
                margins[facet, value] = margins.get((facet, value), 0) + number
    for (facet, value), number in margins.items():
        ends = ("start", f"{facet} {value}") if facet == first else (f"{facet} {value}", "end")
        edges["margin", "", facet, value] = Edge(*ends, number)
    return edges


def _totals_of(name: Key) -> Collection[Key]:
    kind, item, facet, value = name
    if kind == "part":
        return (TOTAL, ("item", item, "", ""), ("margin", "", facet, value))
    return () if name == TOTAL else (TOTAL,)


def _split(edges: Mapping[Key, Edge], gone: set[Key], policy: Policy, kind: str, item: str, total: Key) -> Split:
    def shown(name: Key) -> Count:
        return HIDDEN if name in gone else count(edges[name].value, policy)

    facets: Shown = {}
    for name in edges:
        if name[0] == kind and name[1] == item:
            facets.setdefault(name[2], {})[name[3]] = shown(name)
    return Split(shown(total), facets)
