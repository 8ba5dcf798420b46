"""Small questions for the planning tests: sites, options and gains of which the answer can be worked out by hand."""

from itertools import product

import numpy as np

from commonweal.vault.planning.groups import GROUPS
from commonweal.vault.planning.options import Area, Assumptions, Case, Goal, Option, Site
from commonweal.vault.planning.terms import Terms

NAMES = ("people", "minority", "overall")
AREA = "state:IL"


def option(number=0, **more) -> Option:
    given = {"most": 10.0, "cost": 1.0, "approach": "mail", "language": "en"} | more
    return Option(id=f"o{number}", site="here", area=AREA, **given)


def question(options, goals, months=6, budget=1e6, total=None, hours=1e6, speaks=None, population=1e9, caution=1.0):
    site = Site("here", "IL", hours, speaks or {"en": hours, "es": hours})
    area = Area(AREA, "IL", population, {}, {"here": 0.0})
    monthly = budget if isinstance(budget, tuple) else (budget,) * months
    return Case(
        start=(2027, 1),
        budget=monthly,
        total=sum(monthly) if total is None else total,
        sites={"here": site},
        areas={AREA: area},
        options=tuple(options),
        goals=tuple(goals),
        counted="consented",
        assumptions=Assumptions(caution=caution),
    )


def terms(case, gain, now=(0, 0, 0), itself=(0, 0, 0), keep=1.0, delay=0) -> Terms:
    """`gain`: (options, 3) or (draws, options, 3) people, minorities and underrepresented of one contact."""
    gain = np.asarray(gain, float)
    gain = gain if gain.ndim == 3 else gain[None]
    room = np.zeros(len(GROUPS))
    room[-1] = case.areas[AREA].population
    return Terms(
        case=case,
        indicators=NAMES,
        gain=gain,
        itself=np.broadcast_to(np.asarray(itself, float), (len(gain), 3)),
        now=np.asarray(now, float),
        joined=np.zeros((len(case.options), len(GROUPS))),
        room={AREA: room},
        keep=keep,
        delay=delay,
    )


def people(target) -> Goal:
    return Goal("people", "people", float(target))


def share(target, of="minority") -> Goal:
    return Goal("share", of, target)


def keeps_within(case, units) -> None:
    """Fails where a plan exceeds a capacity, a month's money or all of it, hours, or what staff speak."""
    cost = np.array([one.unit_cost for one in case.options])
    slack = 1 + 1e-6
    for month in range(units.shape[1]):
        assert cost @ units[:, month] <= case.budget[month] * slack + 1e-6
        for site in case.sites.values():
            for language, limit in [(None, site.hours), *site.speaks.items()]:
                here = [
                    n for n, one in enumerate(case.options) if one.site == site.id and language in (None, one.language)
                ]
                hours = sum(case.hours(case.options[n]) * units[n, month] for n in here)
                assert hours <= limit * slack + 1e-6
    for number, one in enumerate(case.options):
        assert units[number].min(initial=0) >= 0 and units[number].max(initial=0) <= one.most * slack + 1e-6
        if one.event:
            assert np.allclose(units[number], np.round(units[number]))
    starts = sum(one.start_cost for n, one in enumerate(case.options) if units[n].sum() > 0)
    assert cost @ units.sum(axis=1) + starts <= case.total * slack + 1e-6


def cheapest_by_trying(given: Terms):
    """(months, cost) of the best plan of whole units, found by trying all of them; None where there is none."""
    case = given.case
    cost = np.array([one.unit_cost for one in case.options])
    for months in range(1, case.months + 1):
        best = None
        for flat in product(*[range(int(one.most) + 1) for one in case.options for _ in range(months)]):
            units = np.array(flat, float).reshape(len(case.options), months)
            try:
                keeps_within(case, units)
            except AssertionError:
                continue
            starts = sum(one.start_cost for n, one in enumerate(case.options) if units[n].sum() > 0)
            spent = float(cost @ units.sum(axis=1)) + starts
            early = sum(case.budget[:months])
            if _reaches(given, units, months) and spent <= early + 1e-9 and (best is None or spent < best):
                best = spent
        if best is not None:
            return months, best
    return None


def _reaches(given: Terms, units, months) -> bool:
    """Counted month by month, one world."""
    here = given.now.astype(float)
    contacts = np.array([one.contacts for one in given.case.options])
    for month in range(months):
        here = here * given.keep
        if month >= given.delay:
            done = units[:, month - given.delay] * contacts
            here = here + given.itself[0] + done @ given.gain[0]
    return all(
        here[NAMES.index(goal.of)] >= (goal.target * here[0] if goal.kind == "share" else goal.target) - 1e-6
        for goal in given.case.goals
    )
