"""What the past tells of each option: contacts, who consented, who of them is complete, all as counts."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from commonweal.vault.planning.groups import GROUPS
from commonweal.vault.planning.options import Case, Option
from commonweal.vault.planning.read import MONTH, People, Sent, places

_SELF = 12  # months of coming by themselves that are looked at


@dataclass(frozen=True)
class Evidence:
    """Arrays by option (I), past cell (K), site (P), group (G) and category (C).

    `contacts`, `consented` (I); `who` (I, G); `cell_*` (K); `site_who`, `site_done` (P, G); `ubr` (P, G, C);
    `itself` people a month without invitation and `itself_who` (G).
    """

    approaches: tuple[tuple[str, str], ...]
    contacts: np.ndarray
    consented: np.ndarray
    who: np.ndarray
    approach: np.ndarray
    cell_contacts: np.ndarray
    cell_consented: np.ndarray
    cell_approach: np.ndarray
    sites: tuple[str, ...]
    site_who: np.ndarray
    site_done: np.ndarray
    ubr: np.ndarray
    itself_count: float
    itself_months: float
    itself_who: np.ndarray
    categories: tuple[str, ...]


def evidence(case: Case, some: People, sent: tuple[Sent, ...], as_of: datetime) -> Evidence:
    """Count everything once."""
    cells: dict[tuple[str, str, str], list[Sent]] = {}
    for one in sent:
        cells.setdefault((one.site, one.approach, one.language), []).append(one)
    kinds = sorted({key[1:] for key in cells} | {(o.approach, o.language) for o in case.options})
    place = {kind: number for number, kind in enumerate(kinds)}
    owned = [_own(option, sent, cells) for option in case.options]
    joined = _joined(some)
    who = np.array([_who(joined, own) for own in owned]).reshape(-1, len(GROUPS))
    sites = tuple(case.sites)
    site_who, done, ubr = _by_site(some, sites, case.counted)
    months, came = _by_themselves(some, as_of)
    return Evidence(
        approaches=tuple(kinds),
        contacts=np.array([sum(s.contacts for s in own) for own in owned]),
        consented=who.sum(axis=1),
        who=who,
        approach=np.array([place[o.approach, o.language] for o in case.options], int),
        cell_contacts=np.array([sum(s.contacts for s in own) for own in cells.values()], float),
        cell_consented=np.array([_who(joined, own).sum() for own in cells.values()], float),
        cell_approach=np.array([place[key[1:]] for key in cells], int),
        sites=sites,
        site_who=site_who,
        site_done=done,
        ubr=ubr,
        itself_count=float(came.sum()),
        itself_months=months,
        itself_who=_tally(some.group[some.invitation < 0]),
        categories=some.categories,
    )


def _own(option: Option, sent: tuple[Sent, ...], cells: dict[tuple[str, str, str], list[Sent]]) -> list[Sent]:
    """The past of this very option: by its invitations, else of its site, approach and language; not of others' audience."""
    if option.invitations:
        return [one for one in sent if one.invitation in option.invitations]
    return [] if option.audience else cells.get((option.site, option.approach, option.language), [])


def _joined(some: People) -> dict[int, np.ndarray]:
    """Invitation -> who consented by it, by group."""
    numbers, place = np.unique(some.invitation, return_inverse=True)
    cell = place * len(GROUPS) + some.group
    counts = np.bincount(cell, minlength=len(numbers) * len(GROUPS)).reshape(-1, len(GROUPS))
    return dict(zip(numbers.tolist(), counts.astype(float), strict=True))


def _who(joined: dict[int, np.ndarray], own: list[Sent]) -> np.ndarray:
    nobody = np.zeros(len(GROUPS))
    return sum((joined.get(one.invitation, nobody) for one in own), nobody)


def _tally(groups: np.ndarray) -> np.ndarray:
    return np.bincount(groups, minlength=len(GROUPS)).astype(float)


def _by_site(some: People, sites: tuple[str, ...], stage: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Consented, and counted ever, by (site or elsewhere, group); UBR of those who consented, by category too."""
    place = places(some.site, sites)
    shape = (len(sites) + 1, len(GROUPS))
    cell = place * len(GROUPS) + some.group
    done = np.ones(len(cell), bool) if stage == "consented" else ~np.isnat(some.complete)
    size = shape[0] * shape[1]
    who = np.bincount(cell, minlength=size).reshape(shape).astype(float)
    completed = np.bincount(cell[done], minlength=size).reshape(shape).astype(float)
    flags = [np.bincount(cell[some.ubr[:, c]], minlength=size).reshape(shape) for c in range(some.ubr.shape[1])]
    return who, completed, np.stack(flags, axis=-1).astype(float)


def _by_themselves(some: People, as_of: datetime) -> tuple[float, np.ndarray]:
    """(months looked at, who came in them without an invitation)."""
    now = np.datetime64(as_of, "us")
    if not len(some.consented):
        return float(_SELF), np.zeros(0, bool)
    months = min(float(_SELF), max(float((now - some.consented.min()) / MONTH), 1.0))
    since = now - (MONTH * months).astype("timedelta64[us]")
    return months, (some.invitation < 0) & (some.consented > since) & (some.consented <= now)
