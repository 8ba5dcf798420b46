"""Who of the staff may do what, and for whom: `check_can_…` raises Refused, `can_…` answers."""

from django.db.models import QuerySet

from commonweal.errors import Refused
from commonweal.vault.people import scope as scopes
from commonweal.vault.people.current import current_pairing
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.staff import roles


def can(account: Account, permission: str) -> bool:
    """Whether any role of the account gives this permission. KeyError for a permission that is in no role."""
    if permission not in roles.PERMISSIONS:
        raise KeyError(permission)
    return permission in roles.permissions_of(account)


def can_for(account: Account, permission: str, participant: Participant) -> bool:
    """Whether the account may do this for this person: somebody of its scope, and never the account's own participant."""
    scope = roles.scope_of(account, permission)
    return bool(scope) and participant.account_id != account.pk and scope.holds(current_pairing(participant))


def can_see(account: Account, participant: Participant) -> bool:
    """Whether the account may open this person's page."""
    return can_for(account, "see_person", participant)


def check_can_see(account: Account, participant: Participant | None) -> None:
    """Raises Refused, in the same words for a person who does not exist."""
    check_can_for(account, "see_person", participant)


def check_can_for(account: Account, permission: str, participant: Participant | None) -> None:
    if participant is None or not can_for(account, permission, participant):
        raise Refused("participant: not among the people whom your role is for")


def people_in_scope(account: Account, permission: str = "see_person") -> QuerySet[Participant]:
    """The people for whom the account has this permission; the account's own participant is never among them."""
    scope = roles.scope_of(account, permission)
    if not scope:
        return Participant.objects.none()
    return scopes.people(scope).exclude(account=account.pk)


def can_look_up(account: Account, site: str) -> bool:
    """Whether the account may look people of this site up."""
    scope = roles.scope_of(account, "look_up")
    return bool(site) and (scope.everything or site in scope.sites)


def check_can_look_up(account: Account, site: str) -> None:
    if not can_look_up(account, site):
        raise Refused("look-up: only staff of that site may see its people")


def can_request_release(account: Account) -> bool:
    """Data stewards ask for releases to be built, published and retracted."""
    return can(account, "releases")


def check_can_request_release(account: Account) -> None:
    if not can_request_release(account):
        raise Refused("releases: only a data steward may ask for this")
