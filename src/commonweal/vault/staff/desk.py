"""Which requests for help a member of the staff looks after: those of their people and of their sites' events.

What a visitor wrote on the web site belongs to no site: it is for who looks after the whole program.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from commonweal.vault.consent.leaving_rules import IN_EFFECT_AFTER
from commonweal.vault.consent.models import Withdrawal
from commonweal.vault.people import scope as scopes
from commonweal.vault.people.models import Account
from commonweal.vault.people.scope import Scope
from commonweal.vault.staff import roles
from commonweal.vault.support.models import HelpRequest


def requests_for(account: Account, scope: Scope | None = None) -> QuerySet[HelpRequest]:
    """By where the participant belongs now, or the site at whose event a visitor asked. `scope`: the account's, or narrower.

    Never the account's own requests, and none of who left once the view of them is reduced.
    """
    scope = roles.scope_of(account, "help_desk") if scope is None else scope
    if not scope:
        return HelpRequest.objects.none()
    reduced = Withdrawal.objects.filter(
        participant=OuterRef("participant"), authored_time__lte=timezone.now() - IN_EFFECT_AFTER
    )
    found = HelpRequest.objects.filter(Q(participant=None) | ~Q(participant__account=account.pk), ~Exists(reduced))
    if scope.everything:
        return found
    own = scopes.pairings_in(scope, participant=OuterRef("participant"))
    return found.filter(Exists(own) | Q(participant=None, site__in=scope.sites))
