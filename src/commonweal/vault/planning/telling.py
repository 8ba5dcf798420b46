"""The parts of an answer about a proposal, as plain rows: goals, what is done month by month, and each option."""

from typing import Any

import numpy as np

from commonweal.vault.planning.options import Option, month_name
from commonweal.vault.planning.propose import Proposal, expected
from commonweal.vault.planning.terms import Terms
from commonweal.vault.planning.why import goal_prices, per_thousand, reasons


def goals_told(terms: Terms, proposal: Proposal) -> list[dict[str, Any]]:
    """Each goal: what is expected at the plan's end (mean and 80 % interval over drawn yields), what is short, its price."""
    values = expected(terms, proposal)
    people = values[:, 0]
    prices = goal_prices(terms, proposal, float(people.mean()))
    rows = []
    for number, goal in enumerate(terms.case.goals):
        of = values[:, terms.at(goal.of)]
        reached = of / np.maximum(people, 1) if goal.kind == "share" else of
        low, high = np.quantile(reached, (0.1, 0.9))
        row = {"kind": goal.kind, "of": goal.of, "target": goal.target, "expected": float(reached.mean())}
        row |= {"low": float(low), "high": float(high), "price": prices.get(goal, 0.0)}
        row["short"] = proposal.short[number] if proposal.short else 0.0
        row["alone"] = proposal.alone[number] if proposal.alone else True
        rows.append(row)
    return rows


def plan_told(terms: Terms, proposal: Proposal) -> list[dict[str, Any]]:
    """What is done in each month, in whole contacts: never more than was planned."""
    rows = []
    for month in range(proposal.units.shape[1]):
        for number, option in enumerate(terms.case.options):
            units = float(proposal.units[number, month])
            if int(units + 1e-6):
                rows.append({"month": month_name(terms.case.start, month)} | _done(option, units))
    return rows


def _done(option: Option, units: float) -> dict[str, Any]:
    done = int(units + 1e-6)
    row: dict[str, Any] = {"option": option.id, "events": done if option.event else None}
    return row | {"contacts": round(done * option.contacts), "cost": round(done * option.unit_cost, 2)}


def options_told(terms: Terms, proposal: Proposal, past: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each option: what it is, what it brought before, what it is used for, and why not."""
    each, why = per_thousand(terms), reasons(terms, proposal)
    rows = []
    for number, option in enumerate(terms.case.options):
        units = float(proposal.units[number].sum())
        row: dict[str, Any] = {"id": option.id, "site": option.site, "area": option.area, "approach": option.approach}
        row |= {"language": option.language, "audience": list(option.audience), "past": past[number]}
        row |= _done(option, units) | {"state": why[number].state, "worth_it_at": why[number].worth_it_at}
        row["start_cost"] = option.start_cost if units > 0 else 0.0
        row["cost"] = round(row["cost"] + row["start_cost"], 2)
        row["per_1000"] = {name: _interval(each[:, number, at]) for at, name in enumerate(terms.indicators)}
        row["unit_cost"] = option.unit_cost
        rows.append(row)
    return rows


def _interval(values: np.ndarray) -> dict[str, float] | None:
    """None where the option costs nothing, so that dollars tell nothing."""
    if not np.isfinite(values).all():
        return None
    return dict(zip(("low", "middle", "high"), (round(float(v), 3) for v in values), strict=True))
