"""The people of a part of the program: those whose pairing in force is with one of its sites, organisations or awardees."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from commonweal.vault.people.models import Pairing, Participant
from commonweal.vault.people.pairing import Levels

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

PROGRAM, AWARDEE, ORGANISATION, SITE, PARTNER = "program", "awardee", "organisation", "site", "partner"


@dataclass(frozen=True)
class Scope:
    """Whose people: everybody, also those who belong nowhere yet, or those of these sites, organisations, awardees."""

    everything: bool = False
    sites: frozenset[str] = field(default_factory=frozenset)
    organisations: frozenset[str] = field(default_factory=frozenset)
    awardees: frozenset[str] = field(default_factory=frozenset)
    partners: frozenset[str] = field(default_factory=frozenset)  # community partners: their outreach, and no person

    def __bool__(self) -> bool:
        return self.everything or bool(self.sites or self.organisations or self.awardees or self.partners)

    def holds(self, pairing: Pairing | Levels | None) -> bool:
        """Whether people with this pairing belong to it. Who is paired with nothing belongs to the program alone."""
        if self.everything or pairing is None:
            return self.everything
        if pairing.site:
            return pairing.site in self.sites
        if pairing.organisation:
            return pairing.organisation in self.organisations
        return pairing.awardee in self.awardees


def reach(protocol: "Protocol", level: str, place: str = "") -> Scope:
    """A community partner or a site alone; an organisation with its sites; an awardee with its organisations and their sites; or everybody."""
    if level == PROGRAM:
        return Scope(everything=True)
    if level == PARTNER:
        return Scope(partners=frozenset({place}))
    if level == SITE:
        return Scope(sites=frozenset({place}))
    partners = protocol.partners
    if level == ORGANISATION:
        below = frozenset(one.id for one in partners.sites.values() if one.organisation == place)
        return Scope(sites=below, organisations=frozenset({place}))
    below = frozenset(one.id for one in partners.sites.values() if one.awardee == place)
    organisations = frozenset(one.id for one in partners.organisations.values() if one.awardee == place)
    return Scope(sites=below, organisations=organisations, awardees=frozenset({place}))


def union(scopes: Iterable[Scope]) -> Scope:
    parts = list(scopes)
    return Scope(
        any(part.everything for part in parts),
        frozenset().union(*(part.sites for part in parts)),
        frozenset().union(*(part.organisations for part in parts)),
        frozenset().union(*(part.awardees for part in parts)),
        frozenset().union(*(part.partners for part in parts)),
    )


def pairings_in(scope: Scope, **narrower: object) -> QuerySet[Pairing]:
    """The pairings that hold now and lie within the scope (only where it is not everything)."""
    within = Q(site__in=scope.sites) & ~Q(site="")
    within |= Q(site="", organisation__in=scope.organisations) & ~Q(organisation="")
    within |= Q(site="", organisation="", awardee__in=scope.awardees) & ~Q(awardee="")
    same = Pairing.objects.filter(participant=OuterRef("participant"))
    later = same.filter(
        Q(authored_time__gt=OuterRef("authored_time"))
        | Q(authored_time=OuterRef("authored_time"), id__gt=OuterRef("id"))
    )
    return Pairing.objects.filter(within, ~Exists(later), **narrower)


def people(scope: Scope) -> QuerySet[Participant]:
    """Participants whose pairing that holds now lies within the scope; found from the pairings, by their indexes."""
    everybody = Participant.objects.all()
    return everybody if scope.everything else everybody.filter(id__in=pairings_in(scope).values("participant"))
