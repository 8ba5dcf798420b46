"""Why a plan is as it is: what each option brings for $1,000, which goal costs what, what held it, why others stay out.

Prices are those of the program without whole numbers: how much the least cost falls for one unit more of what binds. An
option that is not used has a reduced cost: by so much it is dearer than what it would bring is worth to this plan.
"""

from dataclasses import dataclass

import numpy as np

from commonweal.vault.planning.model import MEANS, MONEY, SHORT
from commonweal.vault.planning.options import Goal
from commonweal.vault.planning.propose import Proposal
from commonweal.vault.planning.terms import Terms, staying

USED, FULL, SPARE, DEAR, AWAY, NEEDLESS = "used", "full", "spare", "dear", "away", "needless"
"""Used; used as much as can be; as good as those used but not needed; costs more than it is worth here; takes the program
away from a goal or brings nobody in time; nothing has to be done."""
_NOTHING = 1e-7


@dataclass(frozen=True)
class Reason:
    """`worth_it_at`: dollars a unit at which the option would be used, where it is too dear."""

    state: str
    worth_it_at: float | None = None


def reasons(terms: Terms, proposal: Proposal) -> list[Reason]:
    """One for each option."""
    if proposal.model is None or proposal.priced is None or proposal.priced.reduced is None:
        return [Reason(NEEDLESS) for _ in terms.case.options]
    money = _dollar(proposal)
    return [_reason(terms, proposal, number, money) for number in range(len(terms.case.options))]


def _reason(terms: Terms, proposal: Proposal, number: int, money: np.ndarray) -> Reason:
    model, option = proposal.model, terms.case.options[number]
    assert model is not None and proposal.priced is not None and proposal.priced.reduced is not None
    span = model.x.shape[1]
    if proposal.units[number].sum() > 0:
        full = proposal.units[number, :span].sum() >= option.most * span - 1e-6
        return Reason(FULL if full else USED)
    if option.most <= 0 or not span:
        return Reason(AWAY)
    reduced = _reduced(proposal, number)
    if reduced.min() <= _NOTHING:
        return Reason(SPARE)
    least = int(np.argmin(reduced / np.maximum(money, _NOTHING)))
    worth = option.unit_cost - reduced[least] / money[least] if money[least] > _NOTHING else -1.0
    return Reason(DEAR, float(worth)) if worth > 0 else Reason(AWAY)


def _reduced(proposal: Proposal, number: int) -> np.ndarray:
    """Reduced costs of one unit more in each month, with that of the contacts that it brings."""
    model, priced = proposal.model, proposal.priced
    assert model is not None and priced is not None and priced.reduced is not None
    terms = model.terms
    each = float(priced.reduced[model.told[number]]) * terms.case.options[number].contacts
    brings = each * staying(terms, model.months)
    found: np.ndarray = priced.reduced[model.x[number]] + brings
    return found


def _dollar(proposal: Proposal) -> np.ndarray:
    """What a dollar of each month is worth in the program's own measure: its place in the cost, and in tight budgets."""
    model, priced = proposal.model, proposal.priced
    assert model is not None and priced is not None and priced.prices is not None
    worth = np.full(model.x.shape[1], 0.0 if {MONEY, MEANS, SHORT} & set(model.extra) else 1.0)
    for name, price in zip(model.linear.most.names, priced.prices, strict=True):
        if name[0] == "total":
            worth += price
        elif name[0] == "budget":
            worth[name[1]] += price
    return worth


def goal_prices(terms: Terms, proposal: Proposal, people: float) -> dict[Goal, float]:
    """Dollars that one percent more of a goal would cost (of a share: one percentage point); 0 where it binds nothing."""
    model, priced = proposal.model, proposal.priced
    if model is None or priced is None or priced.prices is None or not proposal.met:
        return {}
    found = {}
    for name, price in zip(model.linear.most.names, priced.prices, strict=True):
        if name[0] == "goal":
            found[name[1]] = float(price) * 0.01 * (people if name[1].kind == "share" else name[1].target)
    return found


def holds(proposal: Proposal) -> list[tuple[str, str, str, float]]:
    """(kind, site or area, language or group, dollars saved by one unit more a month) of what binds, the dearest first."""
    model, priced = proposal.model, proposal.priced
    if model is None or priced is None or priced.prices is None or not proposal.met:
        return []
    sums: dict[tuple[str, str, str], float] = {}
    for name, price in zip(model.linear.most.names, priced.prices, strict=True):
        if price > _NOTHING and name[0] in ("total", "budget", "hours", "room", "reach"):
            key = (
                (name[0], *(str(part or "") for part in name[1:3]))
                if name[0] in ("hours", "room")
                else (name[0], "", "")
            )
            sums[key] = sums.get(key, 0.0) + float(price)
    return sorted(((*key, value) for key, value in sums.items()), key=lambda one: -one[3])


def per_thousand(terms: Terms) -> np.ndarray:
    """(3: low, middle, high; options, indicators): people counted for $1,000 by first contacts, with an 80 % interval.

    Infinite where an option costs nothing.
    """
    cost = np.array([option.unit_cost / option.contacts for option in terms.case.options])
    with np.errstate(divide="ignore", invalid="ignore"):
        each = terms.gain * 1000 / cost[None, :, None]
    low, high = np.quantile(each, (0.1, 0.9), axis=0, method="nearest")
    return np.stack([low, each.mean(axis=0), high])
