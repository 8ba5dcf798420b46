"""Who comes by an option: groups by a Dirichlet, categories within a group by Betas; both told by people of the past.

With weights W in people, a site's expected groups are (W census + n site) / (W + n); turned to an audience, a part
`focus` of them is of the audience and the others as they are; the option's own past n gives Dirichlet(W' expected + n).
"""

import numpy as np

from commonweal.vault.planning.evidence import Evidence
from commonweal.vault.planning.groups import GROUPS, MINORITIES, MINORITY, OVERALL, RACE_CATEGORY, UNKNOWN, WHITE
from commonweal.vault.planning.options import Case, Option

_FEW = 10.0  # people that a group's first guess counts as
_KNOWN = np.array([float(group != UNKNOWN) for group in GROUPS])


def compositions(
    case: Case, known: Evidence, population: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """(S, I, G): shares of groups among those who consent."""
    alphas = np.maximum(_alphas(case, known, population), 1e-6)
    drawn = rng.standard_gamma(alphas, (draws, *alphas.shape))
    return drawn / np.maximum(drawn.sum(axis=-1, keepdims=True), 1e-300)


def _alphas(case: Case, known: Evidence, population: np.ndarray) -> np.ndarray:
    weight = case.assumptions
    found = np.empty((len(case.options), len(GROUPS)))
    for number, option in enumerate(case.options):
        past = known.site_who[known.sites.index(option.site)]
        census = _shares(population[number] * _KNOWN, known.site_who.sum(axis=0))
        expected = (weight.area_weight * census + past) / (weight.area_weight + past.sum())
        found[number] = weight.site_weight * _turned(expected, option) + known.who[number]
    return found


def _shares(counts: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Shares of the census; where it tells nothing, of everybody in the program; else equal."""
    for some in (counts, otherwise):
        if some.sum() > 0:
            return some / some.sum()
    return np.full(len(GROUPS), 1 / len(GROUPS))


def _turned(expected: np.ndarray, option: Option) -> np.ndarray:
    """With a part `focus` of the audience, where the audience names groups."""
    groups = [*option.audience, *(MINORITIES if MINORITY in option.audience else ())]
    wanted = np.array([float(group in groups) for group in GROUPS])
    if not wanted.any():
        return expected
    inside = expected * wanted
    inside = inside / inside.sum() if inside.sum() else wanted / wanted.sum()
    return option.focus * inside + (1 - option.focus) * expected


def itself(known: Evidence, draws: int, rng: np.random.Generator) -> np.ndarray:
    """(S, G): groups of those who come by themselves."""
    everybody = _shares(known.site_who.sum(axis=0), np.zeros(0))
    drawn = rng.standard_gamma(np.maximum(known.itself_who + _FEW * everybody, 1e-6), (draws, len(GROUPS)))
    return drawn / np.maximum(drawn.sum(axis=-1, keepdims=True), 1e-300)


def ubr_rates(case: Case, known: Evidence, draws: int, rng: np.random.Generator) -> np.ndarray:
    """(S, I + 1, G, C): the probability that one of a group is UBR by a category, turned to the audience."""
    everybody = known.site_who.sum(axis=0)
    overall = (known.ubr.sum(axis=(0, 1)) + 1) / (everybody.sum() + 2)
    group = (known.ubr.sum(axis=0) + _FEW * overall) / (everybody[:, None] + _FEW)
    weight = case.assumptions.site_weight
    yes = known.ubr + weight * group
    no = known.site_who[..., None] - known.ubr + weight * (1 - group)
    sites = _decided(rng.beta(np.maximum(yes, 1e-6), np.maximum(no, 1e-6), (draws, *yes.shape)), known.categories)
    place = [known.sites.index(option.site) for option in case.options] + [len(known.sites)]
    rates = sites[:, place]
    for number, option in enumerate(case.options):
        for one in set(option.audience) & set(known.categories):
            at = known.categories.index(one)
            rates[:, number, :, at] = option.focus + (1 - option.focus) * rates[:, number, :, at]
            if one != RACE_CATEGORY:  # whoever is UBR by one category is so overall
                _at_least(rates[:, number], known.categories, at)
    return rates


def _decided(rates: np.ndarray, categories: tuple[str, ...]) -> np.ndarray:
    """What the group decides is no question of data: minorities are UBR by race, and so overall."""
    for one in {OVERALL, RACE_CATEGORY} & set(categories):
        rates[..., [g in MINORITIES for g in GROUPS], categories.index(one)] = 1.0
    if RACE_CATEGORY in categories:
        rates[..., [g in (WHITE, UNKNOWN) for g in GROUPS], categories.index(RACE_CATEGORY)] = 0.0
    return rates


def _at_least(rates: np.ndarray, categories: tuple[str, ...], at: int) -> None:
    overall = categories.index(OVERALL)
    rates[..., overall] = np.maximum(rates[..., overall], rates[..., at])
