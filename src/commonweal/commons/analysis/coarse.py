"""A survival curve as it may be shown: in steps that no few people make.

Steps are taken together until more than `min_cell` had the event in each (and a hundredth of all who had it); the curve
ends where no more than that are left. Who is at risk, had the event, was lost and is left over all steps is one network of
counts (disclosure.flow), of which those lost in a step, and all after the last, are not told. Where it would rule out any value
of 1 to `min_cell` for a small one of these, its step is taken together with the next. Numbers at risk are rounded as counts
are; survival has three digits.
"""

from dataclasses import dataclass

import numpy as np

from commonweal.commons.analysis.gate import Gate
from commonweal.commons.analysis.kaplan_meier import Counts, Curve
from commonweal.disclosure import Policy
from commonweal.disclosure.flow import Edge, slack
from commonweal.disclosure.suppression import UNBOUNDED

MOST = 100  # steps
Key = tuple[str, int]  # what, and in which step
ALL: Key = ("all", 0)


@dataclass(frozen=True)
class Shown:
    """`places` of the curve that are shown. At each: how many are at risk, had the event since the one before, and are
    left after it. `people` at the start; `until`: the last day that is shown."""

    places: list[int]
    at_risk: list[int | None]
    events: list[int | None]
    left: list[int | None]
    people: int | None
    until: float


NOTHING = Shown([], [], [], [], None, 0.0)


def shown(counts: Counts, curve: Curve, asked: Gate) -> Shown:
    people = int(counts.people.sum())
    places = list(range(len(curve.days))) if asked.exact else _places(people, curve, asked.policy)
    left = [int(curve.at_risk[p] - curve.events[p]) for p in places]
    before = [people, *left][: len(places)] if not asked.exact else [int(n) for n in curve.at_risk]
    reached = np.append(0, np.cumsum(curve.events)[places]) if places else np.zeros(1)
    if asked.exact:
        until = float(counts.days[-1]) if len(counts.days) else 0.0
    else:
        until = float(curve.days[places[-1]]) if places else 0.0
    at_risk, events, after = (
        [asked.one(int(n)).persons for n in numbers] for numbers in (before, np.diff(reached), left)
    )
    return Shown(places, at_risk, events, after, asked.one(people).persons, until)


def _places(people: int, curve: Curve, policy: Policy) -> list[int]:
    after, reached = curve.at_risk - curve.events, np.cumsum(curve.events)
    least = max(policy.min_cell, float(reached[-1]) / MOST if len(reached) else 0)
    places: list[int] = []
    had = 0.0
    for place in np.flatnonzero(after > policy.min_cell):
        if reached[place] - had > least:
            places.append(int(place))
            had = reached[place]
    while places:
        exposed = _exposed(_network(people, after[places], reached[places], float(reached[-1])), policy)
        if not exposed:
            break
        bad = {min(number, len(places)) for number in exposed}
        places = [place for number, place in enumerate(places, 1) if number not in bad]
    return places


def _exposed(edges: dict[Key, Edge], policy: Policy) -> set[int]:
    """Steps in which a small count that is not told could be narrowed down from what is."""
    last = max(number for _, number in edges)
    told = {key for key in edges if key[0] in ("all", "left") or key[1] == 0 or (key[0] == "events" and key[1] < last)}
    for key, edge in edges.items():
        top = -(-edge.value // policy.round_to) * policy.round_to
        edge.low, edge.high = (max(top - policy.round_to + 1, 0), top) if key in told else (0, UNBOUNDED)
    found = set()
    for key, edge in edges.items():
        if key not in told and 0 < edge.value <= policy.min_cell:
            others = [other for other in edges.values() if other is not edge]
            up, down = policy.min_cell - edge.value, edge.value - 1
            if slack(others, edge.head, edge.tail, up) < up or slack(others, edge.tail, edge.head, down) < down:
                found.add(key[1])
    return found


def _network(people: int, after: np.ndarray, reached: np.ndarray, events: float) -> dict[Key, Edge]:
    """all -> at risk at step 1 -> (the event | lost | at risk at step 2 -> …) -> end; number 0 is of all steps."""
    edges = {ALL: Edge("end", "0", people)}
    before, had, last = people, 0.0, len(after) + 1
    for number in range(1, last + 1):
        left = int(after[number - 1]) if number < last else 0
        now = int((reached[number - 1] if number < last else events) - had)
        edges["events", number] = Edge(f"{number - 1}", "had it", now)
        edges["lost", number] = Edge(f"{number - 1}", "lost", before - now - left)
        if number < last:
            edges["left", number] = Edge(f"{number - 1}", f"{number}", left)
        before, had = left, had + now
    edges["events", 0] = Edge("had it", "end", int(events))
    edges["lost", 0] = Edge("lost", "end", people - int(events))
    return edges


def at_risk(counts: Counts, curve: Curve, told: Shown, days: list[float], asked: Gate) -> list[int | None]:
    """How many are followed for so long. Through the gate, as far as the curve is shown: who is left after its step."""
    if asked.exact:
        return [int(n) for n in counts.at_risk(np.asarray(days))]
    steps = [float(curve.days[p]) for p in told.places]
    known = [told.people, *told.left]
    return [known[int(np.searchsorted(steps, day, side="right"))] if day <= told.until else None for day in days]
