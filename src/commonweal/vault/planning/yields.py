"""What one contact of each option brings, as posterior draws: who consents, who is counted, and what they are counted by.

Three steps, each pooled (see pooling): a contact consents (option → approach and language → program); who consents is of
a group (a Dirichlet: the census of the travel area, drawn to the site's own past, turned to the audience, drawn to
the option's own past); who consents is counted (site and group → group → program). Whether somebody of a group is UBR by a
category: site and group → group. What comes by itself is one more row, per month in place of per contact.
"""

from dataclasses import dataclass

import numpy as np

from commonweal.vault.planning.composition import compositions, itself, ubr_rates
from commonweal.vault.planning.evidence import Evidence
from commonweal.vault.planning.groups import GROUPS, MINORITIES, MINORITY, PEOPLE, WHITE
from commonweal.vault.planning.options import Case
from commonweal.vault.planning.pooling import pool

_FIRST = (1.0, 50.0)  # before any outreach, 1 in 50 contacts consents
_DONE = (7.0, 10.0)  # before anybody consented, 7 in 10 become complete


@dataclass(frozen=True)
class Yields:
    """Draws (S), options and as the last row what comes by itself (I + 1), groups (G), categories (C).

    `joined`: who consents of one contact, (S, I + 1, G); `counted`: likewise who is counted; `ubr`: (S, I + 1, G, C).
    """

    joined: np.ndarray
    counted: np.ndarray
    ubr: np.ndarray
    categories: tuple[str, ...]

    def by(self, indicator: str) -> np.ndarray:
        """(S, I + 1): people counted of one contact whom the indicator holds for."""
        return np.einsum("sig,sig->si", self.counted, self.flag(indicator))

    def flag(self, indicator: str) -> np.ndarray:
        """(S, I + 1, G), or what broadcasts to it: the probability that the indicator holds for one of a group."""
        if indicator in self.categories:
            return self.ubr[..., self.categories.index(indicator)]
        return np.broadcast_to(group_flag(indicator), self.counted.shape)


def group_flag(indicator: str) -> np.ndarray:
    """(G): whether one of a group is counted by an indicator that the group alone decides."""
    if indicator == PEOPLE:
        return np.ones(len(GROUPS))
    of = MINORITIES if indicator == MINORITY else (indicator,)
    return np.array([float(group in of and (group in MINORITIES or group == WHITE)) for group in GROUPS])


def draw(case: Case, known: Evidence, population: np.ndarray, draws: int, rng: np.random.Generator) -> Yields:
    """`population`: adults of each option's area by group, (I, G)."""
    consents = _consents(known, draws, rng)
    who = compositions(case, known, population, draws, rng)
    rate = rng.gamma(known.itself_count + 0.5, 1.0, draws) / known.itself_months * case.assumptions.organic
    joined = np.concatenate([consents[:, :, None] * who, (rate[:, None] * itself(known, draws, rng))[:, None]], axis=1)
    place = [known.sites.index(option.site) for option in case.options] + [len(known.sites)]
    done = _done(known, case.counted, draws, rng)[:, place]
    return Yields(joined, joined * done, ubr_rates(case, known, draws, rng), known.categories)


def _consents(known: Evidence, draws: int, rng: np.random.Generator) -> np.ndarray:
    """(S, I): the probability that a contact consents."""
    kinds = len(known.approaches)
    y = np.bincount(known.cell_approach, known.cell_consented, kinds)
    n = np.bincount(known.cell_approach, known.cell_contacts, kinds)
    cells = pool(known.cell_consented, known.cell_contacts, known.cell_approach)
    upper = pool(y, n, np.zeros(kinds, int))
    start, weight = _FIRST
    first = rng.beta(y.sum() + start, max(n.sum() - y.sum(), 0) + weight - start, (draws, 1))
    own = pool(known.consented, known.contacts, known.approach, learn=cells)
    return own.draw(upper.draw(first, rng), rng)


def _done(known: Evidence, stage: str, draws: int, rng: np.random.Generator) -> np.ndarray:
    """(S, P + 1, G): the probability that somebody who consented is counted."""
    shape = known.site_who.shape
    if stage == "consented":
        return np.ones((draws, *shape))
    y, n = known.site_done.sum(axis=0), known.site_who.sum(axis=0)
    done, weight = _DONE
    first = rng.beta(y.sum() + done, n.sum() - y.sum() + weight - done, (draws, 1))
    groups = pool(y, n, np.zeros(len(GROUPS), int)).draw(first, rng)
    cells = pool(known.site_done.ravel(), known.site_who.ravel(), np.tile(np.arange(len(GROUPS)), shape[0]))
    return cells.draw(groups, rng).reshape(draws, *shape)
