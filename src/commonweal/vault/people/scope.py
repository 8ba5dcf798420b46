"""The people of a part of the program: those whose pairing in force is with one of its sites, organisations or awardees."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, QuerySet, Subquery

from commonweal.vault.people.models import Pairing, Participant

if TYPE_CHECKING:
    from commonweal.protocol import Protocol

PROGRAM, AWARDEE, ORGANISATION, SITE = "program", "awardee", "organisation", "site"


@dataclass(frozen=True)
class Part:
    """Ids of the protocol; `everybody`: the whole program, also who is paired with nothing."""

    sites: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    awardees: frozenset[str] = frozenset()
    everybody: bool = False

    def holds(self, *, site: str = "", organisation: str = "", awardee: str = "") -> bool:
        """Whether somebody paired like this belongs to it; the lowest level given counts."""
        if self.everybody:
            return True
        if site:
            return site in self.sites
        return organisation in self.organisations if organisation else awardee in self.awardees


def part(protocol: "Protocol", level: str, id: str = "") -> Part:
    """A site alone; an organisation with its sites; an awardee with its organisations and their sites; or everybody."""
    if level == PROGRAM:
        return Part(everybody=True)
    if level == SITE:
        return Part(sites=frozenset({id}))
    partners = protocol.partners
    if level == ORGANISATION:
        organisations = {id}
    else:
        organisations = {one.id for one in partners.organisations.values() if one.awardee == id}
    sites = frozenset(site.id for site in partners.sites.values() if site.organisation in organisations)
    return Part(sites, frozenset(organisations), frozenset({id} if level == AWARDEE else ()))


def people(part: Part) -> QuerySet[Participant]:
    """Participants of a part. Found from the pairings, by their indexes, and not by walking through everybody."""
    if part.everybody:
        return Participant.objects.all()
    within = Q(site__in=part.sites)
    within |= Q(site="", organisation__in=part.organisations) | Q(site="", organisation="", awardee__in=part.awardees)
    latest = (
        Pairing.objects.filter(participant=OuterRef("participant")).order_by("-authored_time", "-id").values("id")[:1]
    )
    holding = Pairing.objects.filter(within, id=Subquery(latest))
    return Participant.objects.filter(id__in=holding.values("participant"))
