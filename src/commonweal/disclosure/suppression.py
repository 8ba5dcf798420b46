"""Which numbers of a network of counts are hidden, so that nothing that is shown lets a small one be worked out.

The counts are edges of a network in which what flows into a node flows out of it (see flow.py). Hidden are those of 1 to
`min_cell`, and the parts of a total that is that small, zeros too. Then, as long as somebody who knows the rules,
everything shown, and which of the hidden ones are small, could rule out any value of 1..min_cell for a small one, its
smallest shown neighbour is hidden too, `last` after all others, and where even that is not enough, everything.
"""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from commonweal.disclosure.count import Policy
from commonweal.disclosure.flow import Edge, slack

UNBOUNDED = 10**12
Name = TypeVar("Name", bound=tuple)  # type: ignore[type-arg]


def hidden(
    edges: Mapping[Name, Edge], policy: Policy, totals_of: Callable[[Name], Collection[Name]], last: Name
) -> set[Name]:
    """Names of the counts that are not shown. `totals_of`: the totals that a count is a part of; `last`: the grand total."""
    small = {name for name, edge in edges.items() if 0 < edge.value <= policy.min_cell}
    thin = {name for name in edges if small.intersection(totals_of(name))}
    gone = small | thin
    for name, edge in edges.items():
        edge.low, edge.high = known(edge.value, name in small, name in thin, name in gone, policy)
    while True:
        exposed = next((name for name in sorted(small) if not _protected(edges, name, policy)), None)
        if exposed is None:
            return gone
        found = _next_to_hide(edges, exposed, gone, last)
        if found is None:
            return set(edges)
        gone.add(found)
        edges[found].low, edges[found].high = policy.min_cell + 1, UNBOUNDED


def known(value: int, small: bool, thin: bool, gone: bool, policy: Policy) -> tuple[int, int]:
    """The range in which the attacker knows a value to lie."""
    if thin:
        return 0, policy.min_cell
    if small:
        return 1, policy.min_cell
    if gone:
        return policy.min_cell + 1, UNBOUNDED
    top = -(-value // policy.round_to) * policy.round_to
    return (0, 0) if value == 0 else (max(top - policy.round_to, policy.min_cell) + 1, top)


def _protected(edges: Mapping[Name, Edge], name: Name, policy: Policy) -> bool:
    """Whether every value of 1..min_cell is possible for this count, given all that is known."""
    edge = edges[name]
    others = [other for other in edges.values() if other is not edge]
    up, down = policy.min_cell - edge.value, edge.value - 1
    return slack(others, edge.head, edge.tail, up) == up and slack(others, edge.tail, edge.head, down) == down


def _next_to_hide(edges: Mapping[Name, Edge], exposed: Name, gone: set[Name], last: Name) -> Name | None:
    """The smallest shown neighbour of an exposed count; then the smallest anywhere; `last` last; else None."""
    ends = {edges[exposed].tail, edges[exposed].head}

    def order(name: Name) -> tuple[bool, bool, int, Name]:
        edge = edges[name]
        return name == last, not ends & {edge.tail, edge.head}, edge.value, name

    return min((name for name, edge in edges.items() if name not in gone and edge.value > 0), key=order, default=None)
