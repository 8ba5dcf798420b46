"""The door: `plan(inputs)` answers as one plain dict that JSON can hold, its words included.

What it tells of people who are here passes the disclosure gate (see gate).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from commonweal.disclosure import Policy
from commonweal.vault.planning import read
from commonweal.vault.planning.casing import read_case
from commonweal.vault.planning.census import census_groups
from commonweal.vault.planning.dates import at_the_end, bands, together, when
from commonweal.vault.planning.evidence import Evidence, evidence
from commonweal.vault.planning.gate import Gate
from commonweal.vault.planning.groups import indicators
from commonweal.vault.planning.options import Case, month_name
from commonweal.vault.planning.propose import propose
from commonweal.vault.planning.simulate import Course, World, baseline, continued, simulate
from commonweal.vault.planning.tell import text
from commonweal.vault.planning.telling import goals_told, options_told, plan_told
from commonweal.vault.planning.terms import Terms, adults, counted_now, room_of, terms_of
from commonweal.vault.planning.why import holds
from commonweal.vault.planning.yields import Yields, draw

if TYPE_CHECKING:
    from commonweal.protocol import Protocol


@dataclass(frozen=True)
class Inputs:
    """A question, who is here, and what was done so far. `as_of`: when (naive UTC); `policy`: how counts are shown.

    `titles`: names of categories by language; `worlds`: how many are simulated.
    """

    case: Case
    people: read.People
    sent: tuple[read.Sent, ...]
    as_of: datetime
    policy: Policy = Policy()
    titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    worlds: int = 1000


def read_inputs(
    path: Path, protocol: "Protocol", people: pa.Table, outreach: pa.Table | None, as_of: datetime
) -> Inputs:
    """What `plan` needs: the plan file, and the tables as `read` describes them. BadInput with all that is wrong."""
    table = protocol.reference.get("census")
    census = census_groups(table.rows if table else ())
    sent = read.outreach(outreach)
    case = read_case(path, protocol, census, sent)
    titles = {category.id: category.title for category in protocol.representation.categories}
    rule = protocol.privacy.disclosure
    policy = Policy(min_cell=rule.min_cell, round_to=rule.round_to)
    return Inputs(case, read.people(people, titles), sent, as_of, policy, titles)


def plan(inputs: Inputs) -> dict[str, Any]:
    """Where next: the plan, why, what is short, and when the goals would be met. Text is in the language of the moment."""
    case = inputs.case
    known = evidence(case, inputs.people, inputs.sent, inputs.as_of)
    terms, world = _world(inputs, known)
    gate = Gate(inputs.policy, world.now)
    proposal = propose(terms)
    units = continued(case, proposal.units, case.months) if proposal.met else proposal.units
    course = simulate(world, units, inputs.worlds, case.assumptions.seed)
    nothing = baseline(world, case.months, inputs.worlds, case.assumptions.seed)
    answer = {
        "met": proposal.met,
        "proved": proposal.proved,
        "months": proposal.months,
        "month": month_name(case.start, proposal.months - 1) if proposal.met else "",
        "today": month_name(case.start, -1),
        "counted": case.counted,
        "titles": {name: dict(inputs.titles[name]) for name in inputs.titles},
        "now": {name: gate.shown(world.now[name]) for name in terms.indicators},
        "goals": [gate.goal(goal) for goal in goals_told(terms, proposal)],
        "plan": plan_told(terms, proposal),
        "options": options_told(terms, proposal, [_evidence(known, n, gate) for n in range(len(case.options))]),
        "holds": [dict(zip(("kind", "where", "of", "worth"), one, strict=True)) for one in holds(proposal)],
        "remedies": proposal.remedies or {},
        "simulation": _simulation(case, course, gate) | {"nothing": _simulation(case, nothing, gate)},
        "assumptions": asdict(case.assumptions) | {"keep": terms.keep, "delay": terms.delay, "worlds": inputs.worlds},
    }
    return answer | {"text": text(answer)}


def _world(inputs: Inputs, known: Evidence) -> tuple[Terms, World]:
    case, some = inputs.case, inputs.people
    population = np.array([adults(case.areas[option.area]) for option in case.options])
    names = indicators(some.categories)
    now, room = counted_now(some, case.counted, names), room_of(case, some)
    loss, late = read.monthly_loss(some, inputs.as_of), read.delay(some, case.counted)

    def drawn(draws: int, rng: np.random.Generator) -> Yields:
        return draw(case, known, population, draws, rng)

    yields = drawn(case.assumptions.draws, np.random.default_rng(case.assumptions.seed))
    keep = float(np.exp(-loss[0] / loss[1]))
    terms = terms_of(case, yields, now, room, keep, late)
    population_of = {area: terms.population(area) for area in case.areas}
    return terms, World(case, drawn, names, now, population_of, loss, late)


def _evidence(known: Evidence, number: int, gate: Gate) -> dict[str, Any]:
    return {"contacts": float(known.contacts[number]), "consented": gate.shown(known.consented[number])}


def _simulation(case: Case, course: Course, gate: Gate) -> dict[str, Any]:
    goals = [{"kind": g.kind, "of": g.of, "target": g.target} | asdict(when(case, course.met(g))) for g in case.goals]
    ends = at_the_end(course).items()
    return {
        "all": asdict(when(case, together(course, case.goals))),
        "goals": goals,
        "bands": [asdict(gate.band(band)) for band in bands(case, course) if not gate.hidden(band.of)],
        "end": {n: None if gate.hidden(n) else {k: round(v, 3) for k, v in told.items()} for n, told in ends},
    }
