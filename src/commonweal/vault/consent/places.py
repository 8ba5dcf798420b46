"""Where a person gets care and lives: what decides which modules and forms are theirs."""

from typing import TYPE_CHECKING, NamedTuple

from commonweal.protocol.consents import form_for
from commonweal.vault.people.current import current_profile, current_site

if TYPE_CHECKING:
    from commonweal.protocol import ConsentForm, ConsentModule, Protocol
    from commonweal.vault.people.models import Participant


class Places(NamedTuple):
    """Two-letter states; None where not known. `care` is that of the person's site, `home` where they live."""

    care: str | None
    home: str | None

    def form(self, module: "ConsentModule") -> "ConsentForm":
        """The form of the current version that is this person's."""
        return form_for(module.current, self.care, self.home)


def places_of(person: "Participant", protocol: "Protocol") -> Places:
    profile = current_profile(person)
    site = protocol.sites.get(current_site(person) or "")
    return Places(site.state if site else None, (profile.state or None) if profile else None)


def modules_of(person: "Participant", protocol: "Protocol") -> "list[ConsentModule]":
    """The modules that are asked of this person, in order."""
    home = places_of(person, protocol).home
    return [module for module in protocol.consents.values() if module.applies(home)]


def required_of(module: "ConsentModule", places: Places, protocol: "Protocol") -> list[str]:
    """The modules that this one stands on for a person of these places: one that is not asked of them is not needed."""
    needed = (protocol.consents.get(name) for name in module.requires)
    return [one.id for one in needed if one is not None and one.applies(places.home)]
