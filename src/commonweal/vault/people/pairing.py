"""Pairing with a site, an organisation or an awardee: the lowest level that is given wins, and implies those above it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from commonweal.errors import BadInput

if TYPE_CHECKING:
    from commonweal.protocol import Protocol
    from commonweal.vault.people.models import Pairing


@dataclass(frozen=True)
class Levels:
    """Where a person belongs, as ids of the protocol; empty where they belong to nothing of that level."""

    site: str = ""
    organisation: str = ""
    awardee: str = ""


def pairing_levels(protocol: "Protocol", *, site: str = "", organisation: str = "", awardee: str = "") -> Levels:
    """A site implies its organisation and awardee; an organisation its awardee, and clears the site; an awardee clears both.

    Raises BadInput for an id that the protocol does not have.
    """
    partners = protocol.partners
    if site:
        if site not in partners.sites:
            raise BadInput("pairing: no such site in this program")
        return Levels(site, partners.sites[site].organisation, partners.sites[site].awardee)
    if organisation:
        if organisation not in partners.organisations:
            raise BadInput("pairing: no such organisation in this program")
        return Levels("", organisation, partners.organisations[organisation].awardee)
    if awardee and awardee not in partners.awardees:
        raise BadInput("pairing: no such awardee in this program")
    return Levels("", "", awardee)


def levels_of(pairing: "Pairing | None", protocol: "Protocol") -> Levels:
    """All levels of a pairing that holds. A site that the protocol no longer has stands alone."""
    if pairing is None:
        return Levels()
    try:
        return pairing_levels(protocol, site=pairing.site, organisation=pairing.organisation, awardee=pairing.awardee)
    except BadInput:
        return Levels(pairing.site, pairing.organisation, pairing.awardee)
