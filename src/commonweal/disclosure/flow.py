"""How far a value in a table with totals could differ from the truth, for all that an outsider knows.

A two-way table with its totals is a network in which what flows into a node flows out of it. The truth is one flow in
it; an edge can take another value exactly if the difference can be sent around through the other edges within the
ranges in which they are known to lie. That is a maximum-flow problem, and its solutions are whole numbers, so the
answer is exact, not a bound (Ahuja, Magnanti, Orlin, Network Flows, 1993, ch. 6; Cox, J Am Stat Assoc 1995).
"""

from collections import deque
from dataclasses import dataclass


@dataclass
class Edge:
    """People who flow from `tail` to `head`: `value` in truth, known to lie in `low..high`."""

    tail: str
    head: str
    value: int
    low: int = 0
    high: int = 0


def slack(edges: list[Edge], start: str, goal: str, wanted: int) -> int:
    """How much more, up to `wanted`, can be sent from `start` to `goal` through `edges` within their ranges."""
    if wanted <= 0:
        return 0
    change = [0] * len(edges)
    at: dict[str, list[int]] = {}
    for i, edge in enumerate(edges):
        at.setdefault(edge.tail, []).append(i)
        at.setdefault(edge.head, []).append(i)
    sent = 0
    while sent < wanted:
        path = _path(edges, at, change, start, goal)
        if path is None:
            break
        amount = min(wanted - sent, *(_room(edges[i], change[i], forward) for i, forward in path))
        for i, forward in path:
            change[i] += amount if forward else -amount
        sent += amount
    return sent


def _room(edge: Edge, change: int, forward: bool) -> int:
    value = edge.value + change
    return edge.high - value if forward else value - edge.low


def _path(
    edges: list[Edge], at: dict[str, list[int]], change: list[int], start: str, goal: str
) -> list[tuple[int, bool]] | None:
    """A shortest way with room, as (edge, along it or against it); None where there is none. `at`: edges by node."""
    came: dict[str, tuple[str, int, bool]] = {}
    queue, seen = deque([start]), {start}
    while queue:
        node = queue.popleft()
        for i in at.get(node, ()):
            forward = edges[i].tail == node
            there = edges[i].head if forward else edges[i].tail
            if there not in seen and _room(edges[i], change[i], forward) > 0:
                seen.add(there)
                came[there] = (node, i, forward)
                queue.append(there)
        if goal in seen:
            break
    if goal not in seen:
        return None
    path, node = [], goal
    while node != start:
        node, i, forward = came[node]
        path.append((i, forward))
    return path
