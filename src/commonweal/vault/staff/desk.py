"""Which requests for help a member of the staff looks after: those of their people; of nobody's people, operators'."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from commonweal.vault.people import scope as scopes
from commonweal.vault.people.models import Account
from commonweal.vault.people.scope import Scope
from commonweal.vault.staff import roles
from commonweal.vault.support.models import HelpRequest


def requests_for(account: Account, scope: Scope | None = None) -> QuerySet[HelpRequest]:
    """By where the participant belongs now; never the account's own requests. `scope`: the account's, or a narrower one."""
    scope = roles.scope_of(account, "help_desk") if scope is None else scope
    if not scope:
        return HelpRequest.objects.none()
    found = HelpRequest.objects.filter(Q(participant=None) | ~Q(participant__account=account.pk))
    if scope.everything:
        return found
    own = scopes.pairings_in(scope, participant=OuterRef("participant"))
    return found.filter(Exists(own))
