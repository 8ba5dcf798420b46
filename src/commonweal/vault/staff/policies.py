"""Who of the staff may do what: `check_can_…` raises Refused, `can_…` answers."""

from commonweal.errors import Refused
from commonweal.vault.people.models import Account
from commonweal.vault.staff.roles import is_steward, site_staff


def can_look_up(account: Account, site: str) -> bool:
    """Staff of a site see the people of that site, and no others."""
    return bool(site) and site in site_staff(account)


def check_can_look_up(account: Account, site: str) -> None:
    if not can_look_up(account, site):
        raise Refused("look-up: only staff of that site may see its people")


def can_request_release(account: Account) -> bool:
    """Data stewards ask for releases to be built, published and retracted."""
    return is_steward(account)


def check_can_request_release(account: Account) -> None:
    if not can_request_release(account):
        raise Refused("releases: only a data steward may ask for this")
