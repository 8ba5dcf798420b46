"""Which outreach an account may see and change: that of the places of its roles, and the program's whole as figures."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from commonweal.vault.partners import places, tree
from commonweal.vault.partners.models import Campaign, Event, OutreachLink, Placed
from commonweal.vault.people.models import Account
from commonweal.vault.people.scope import Scope
from commonweal.vault.staff import roles

PERMISSION, PARTNERS = "outreach", "partners"
LEVELS = (Placed.PARTNER, Placed.AWARDEE, Placed.ORGANISATION, Placed.SITE)


def scope_of(account: Account) -> Scope:
    return roles.scope_of(account, PERMISSION)


def keeps_partners(account: Account) -> bool:
    """Whether the account manages partner records and what all partners share."""
    return PARTNERS in roles.permissions_of(account)


def campaigns(account: Account) -> QuerySet[Campaign]:
    return Campaign.objects.filter(places.within(scope_of(account)))


def events(account: Account) -> QuerySet[Event]:
    return Event.objects.filter(places.within(scope_of(account))).select_related("campaign")


def campaign_or_404(account: Account, uuid: UUID) -> Campaign:
    found = campaigns(account).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def event_or_404(account: Account, uuid: UUID) -> Event:
    found = events(account).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def link_or_404(account: Account, code: str) -> OutreachLink:
    links = OutreachLink.objects.select_related("invitation", "campaign", "event__campaign")
    found = links.filter(invitation__code=code.upper()).first()
    whose = (found.event or found.campaign) if found else None
    if found is None or whose is None or not places.holds(scope_of(account), whose):
        raise Http404
    return found


def sees(scope: Scope, path: tree.Path) -> bool:
    """Whether a place, or anything it lies in, is of the scope; the program's whole is for everybody of the staff."""
    known = {
        Placed.SITE: scope.sites,
        Placed.ORGANISATION: scope.organisations,
        Placed.AWARDEE: scope.awardees,
        Placed.PARTNER: scope.partners,
    }
    return scope.everything or not path or any(id in known.get(level, ()) for level, id in path)
