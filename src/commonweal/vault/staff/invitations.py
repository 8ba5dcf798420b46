"""What became of invitations: how many people came by each, and how many of them consented.

Those of campaigns and events are told by their own pages alone, which decide over sums too what is withheld.
"""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from commonweal import disclosure
from commonweal.protocol import Protocol
from commonweal.vault.consent.models import ConsentAnswer
from commonweal.vault.consent.rules import PARTICIPATE, YES
from commonweal.vault.people.models import Account, Arrival, Invitation
from commonweal.vault.staff import roles

PERMISSION = "invitations"


@dataclass(frozen=True)
class Brought:
    """One invitation with its counts as this account may see them (None: too few to be shown)."""

    invitation: Invitation
    place: str
    came: int | None
    consented: int | None


def places(account: Account, protocol: Protocol) -> list[tuple[str, str]]:
    """What the account may invite for, as (level:id, name): sites, organisations, awardees of its scope."""
    scope = roles.scope_of(account, PERMISSION)
    partners = protocol.partners
    levels = (
        ("site", partners.sites, scope.sites),
        ("organisation", partners.organisations, scope.organisations),
        ("awardee", partners.awardees, scope.awardees),
    )
    return [
        (f"{level}:{one.id}", one.name)
        for level, there, mine in levels
        for one in there.values()
        if scope.everything or one.id in mine
    ]


def of(account: Account, protocol: Protocol) -> list[Brought]:
    """The invitations of the account's scope, newest first. Counts pass disclosure: people at a site know one another."""
    rule = protocol.privacy.disclosure
    policy = disclosure.Policy(min_cell=rule.min_cell, round_to=rule.round_to)
    made = list(_in_scope(account).order_by("-made_at", "-pk"))
    came = dict(_arrivals(made).values_list("invitation").annotate(n=Count("participant", distinct=True)))
    agreed = ConsentAnswer.objects.filter(answer=YES, scopes__contains=PARTICIPATE).values("participant")
    consented = _arrivals(made).filter(participant__in=agreed)
    yes = dict(consented.values_list("invitation").annotate(n=Count("participant", distinct=True)))
    return [
        Brought(one, _name(one, protocol), _shown(came.get(one.pk, 0), policy), _shown(yes.get(one.pk, 0), policy))
        for one in made
    ]


def _shown(people: int, policy: disclosure.Policy) -> int | None:
    return disclosure.count(people, policy).persons


def _arrivals(made: list[Invitation]) -> QuerySet[Arrival]:
    return Arrival.objects.filter(invitation__in=made, participant__is_test=False)


def _in_scope(account: Account) -> QuerySet[Invitation]:
    scope = roles.scope_of(account, PERMISSION)
    made = Invitation.objects.exclude(kind=Invitation.REFERRAL).filter(outreach=None)
    if scope.everything:
        return made
    return made.filter(
        Q(site__in=scope.sites) | Q(organisation__in=scope.organisations) | Q(awardee__in=scope.awardees)
    )


def _name(invitation: Invitation, protocol: Protocol) -> str:
    partners = protocol.partners
    for id, there in (
        (invitation.site, partners.sites),
        (invitation.organisation, partners.organisations),
        (invitation.awardee, partners.awardees),
    ):
        if id:
            return there[id].name if id in there else id
    return ""
