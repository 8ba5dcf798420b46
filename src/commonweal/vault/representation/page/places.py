"""What places are called, which lie within one, and with the population of which states they are compared."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils.translation import gettext as _

from commonweal.protocol.states import FIPS, NAMES
from commonweal.ui.context import words
from commonweal.vault.representation.figures.studies import ALL, STUDY
from commonweal.vault.representation.keyed import Keyed
from commonweal.vault.representation.people import invited
from commonweal.vault.voice.models import Study

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PARTNERS = {"awardee": "awardees", "organisation": "organisations", "site": "sites"}


@dataclass(frozen=True)
class Place:
    """`level` and `id` as figures name them; `states`: those whose population it is compared with, none for all."""

    level: str
    id: str
    name: str
    kind: str
    states: tuple[str, ...] = ()


def place(protocol: "Protocol", level: str, id: str) -> Place | None:
    """None for a place that there is not (any more)."""
    if level == "program":
        return None if id else Place(level, "", words(protocol.program.name), _("The whole program"))
    if level in PARTNERS:
        found = getattr(protocol.partners, PARTNERS[level]).get(id)
        kinds = {"awardee": _("Awardee"), "organisation": _("Organization"), "site": _("Site")}
        return found and Place(level, id, found.name, kinds[level], tuple(sorted(_states(protocol, level, id))))
    if level == "partner" and id in (partners := invited.names()):
        return Place(level, id, partners[id], _("Community partner: people who came by its links"))
    if level == "state" and id in NAMES:
        return Place(level, id, NAMES[id], _("State or territory"), (id,))
    if level == "county":
        name = county_names(protocol).get(id)
        return (
            Place(level, id, f"{name}, {FIPS.get(id[:2], '')}", _("County"), (FIPS.get(id[:2], ""),)) if name else None
        )
    if level == "release" and "-" in id:
        release, _dash, tier = id.rpartition("-")
        return Place(level, id, release, _("Data release, %(tier)s tier") % {"tier": tiers().get(tier, tier)})
    if level == STUDY and id == ALL:
        return Place(level, id, _("All studies together"), _("People whose data any study of researchers has used"))
    if level == STUDY:
        return next(iter(studies([id])), None)
    return None


def studies(ids: Iterable[str]) -> list[Place]:
    """Studies by their keys, the newest first; in words no more than their number and when they began."""
    keys = [UUID(id) for id in ids if _KEY.fullmatch(id)]
    kind = _("Study of researchers, since %(month)s")
    return [
        Place(
            STUDY, str(one.key), _("Study %(number)s") % {"number": one.pk}, kind % {"month": f"{one.first_used:%Y-%m}"}
        )
        for one in Study.objects.filter(key__in=keys).order_by("-pk")
    ]


def tiers() -> dict[str, str]:
    return {"public": _("public"), "registered": _("registered"), "controlled": _("controlled")}


def below(protocol: "Protocol", one: Place) -> list[Place]:
    """The partners one level down: an awardee's organisations, an organisation's sites; of the program, awardees."""
    found = []
    for level, kinds in PARTNERS.items():
        for id, entry in getattr(protocol.partners, kinds).items():
            above = {"awardee": "program", "organisation": "awardee", "site": "organisation"}[level]
            if above == one.level and (one.level == "program" or getattr(entry, one.level) == one.id):
                found.append(place(protocol, level, id))
    return [each for each in found if each]


def _states(protocol: "Protocol", level: str, id: str) -> set[str]:
    return {site.state for site in protocol.partners.sites.values() if id in (site.id, site.organisation, site.awardee)}


def county_names(protocol: "Protocol") -> dict[str, str]:
    """FIPS code of five digits -> name, where the program has the reference table `counties`."""
    table = protocol.reference.get("counties")
    return _county_names(Keyed(table)) if table else {}


@lru_cache(maxsize=2)
def _county_names(key: Keyed) -> dict[str, str]:
    return {row["GEOID"].zfill(5): row["name"].split(",")[0] for row in key.table.rows}
