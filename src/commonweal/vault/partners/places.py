"""Whose outreach is: places of the program and community partners, with what they belong to now and did at entry."""

from typing import Any

from django.db.models import Q

from commonweal.errors import BadInput
from commonweal.protocol import Protocol
from commonweal.vault.partners import partners
from commonweal.vault.partners.models import Placed
from commonweal.vault.people.scope import Scope

Place = tuple[str, str]  # level and id


def placed(place: Place, protocol: Protocol) -> dict[str, str]:
    """The fields of `Placed` for something that is entered now. Raises BadInput for a place that there is not."""
    level, id = place
    known = protocol.partners
    fields = {"level": level, "place": id, "organisation": "", "awardee": ""}
    if level == Placed.PARTNER:
        partners.check_known(id)
    elif level == Placed.SITE and id in known.sites:
        fields |= {"organisation": known.sites[id].organisation, "awardee": known.sites[id].awardee}
    elif level == Placed.ORGANISATION and id in known.organisations:
        fields |= {"organisation": id, "awardee": known.organisations[id].awardee}
    elif level == Placed.AWARDEE and id in known.awardees:
        fields |= {"awardee": id}
    else:
        raise BadInput("place: not a site, organisation, awardee or partner of this program")
    return fields


def has_moved(one: Placed, protocol: Protocol) -> bool:
    """Whether the place belongs elsewhere now than when this was entered (or is of the program no longer)."""
    if one.level == Placed.PARTNER:
        return False
    try:
        now = placed((one.level, one.place), protocol)
    except BadInput:
        return True
    return (now["organisation"], now["awardee"]) != (one.organisation, one.awardee)


def within(scope: Scope) -> Q:
    """What lies within a scope: of its sites as they are now, and what was entered for its organisations and awardees."""
    if scope.everything:
        return Q()
    return (
        Q(level=Placed.SITE, place__in=scope.sites)
        | Q(organisation__in=scope.organisations - {""})
        | Q(awardee__in=scope.awardees - {""})
        | Q(level=Placed.PARTNER, place__in=scope.partners)
    )


def holds(scope: Scope, one: Placed) -> bool:
    """The same of one thing."""
    of_site = one.level == Placed.SITE and one.place in scope.sites
    of_partner = one.level == Placed.PARTNER and one.place in scope.partners
    above = one.organisation in scope.organisations - {""} or one.awardee in scope.awardees - {""}
    return scope.everything or of_site or of_partner or above


def choices(scope: Scope, protocol: Protocol) -> list[tuple[Place, str]]:
    """The places for which something can be entered within a scope, partners last, with their names."""
    known = protocol.partners
    levels: tuple[tuple[str, Any, frozenset[str]], ...] = (
        (Placed.SITE, known.sites, scope.sites),
        (Placed.ORGANISATION, known.organisations, scope.organisations),
        (Placed.AWARDEE, known.awardees, scope.awardees),
    )
    of_program = [
        ((level, one.id), one.name)
        for level, there, mine in levels
        for one in there.values()
        if scope.everything or one.id in mine
    ]
    own = [(slug, name) for slug, name in partners.names().items() if scope.everything or slug in scope.partners]
    return of_program + [((Placed.PARTNER, slug), name) for slug, name in own]


def name(level: str, id: str, protocol: Protocol, known: dict[str, str]) -> str:
    """What a place is called; `known`: names of partners (`partners.names()`). The id of one that is there no longer."""
    there: dict[str, Any] = {
        Placed.SITE: protocol.partners.sites,
        Placed.ORGANISATION: protocol.partners.organisations,
        Placed.AWARDEE: protocol.partners.awardees,
    }
    if level == Placed.PARTNER:
        return known.get(id, id)
    return there[level][id].name if id in there[level] else id
