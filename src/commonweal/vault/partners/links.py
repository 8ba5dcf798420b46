"""Links of outreach: invitations that belong to a campaign or an event, any number of each."""

from django.db import transaction

from commonweal.protocol import Protocol
from commonweal.vault.partners import rules
from commonweal.vault.partners.models import Campaign, Event, OutreachLink, Placed
from commonweal.vault.people import invitations
from commonweal.vault.people.models import Account, Invitation


@transaction.atomic
def make(one: Campaign | Event, label: str, *, protocol: Protocol, by: Account) -> OutreachLink:
    """One more invitation of a campaign or an event, with a code of its own. Raises BadInput."""
    kind = Invitation.CAMPAIGN if isinstance(one, Campaign) else Invitation.EVENT
    rules.check_names_nobody(label)
    place = {} if one.level == Placed.PARTNER else {one.level: one.place}
    invitation = invitations.make(kind, label, protocol=protocol, by=by, of_partner=not place, **place)
    whose = {"campaign": one} if isinstance(one, Campaign) else {"event": one}
    return OutreachLink.objects.create(invitation=invitation, **whose)
