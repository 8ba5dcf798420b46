"""What a portal account may do besides being a participant: roles at a site, or for the whole program."""

from django.db import transaction

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.vault.people.models import Account
from commonweal.vault.staff.models import StaffRole


def site_staff(account: Account) -> list[str]:
    """The sites at which the account is staff, sorted; none for who is not staff, or not active."""
    if not (account.is_authenticated and account.is_active):
        return []
    held = StaffRole.objects.filter(account=account, role=StaffRole.SITE_STAFF).exclude(site="")
    return sorted(held.values_list("site", flat=True))


def is_steward(account: Account) -> bool:
    """Whether the account looks after the releases of the whole program."""
    if not (account.is_authenticated and account.is_active):
        return False
    return StaffRole.objects.filter(account=account, role=StaffRole.STEWARD).exists()


def is_staff(account: Account) -> bool:
    return is_steward(account) or bool(site_staff(account))


@transaction.atomic
def give(account: Account, role: str, site: str = "", *, actor: object = audit.SYSTEM) -> StaffRole:
    """Give a role: site staff at one site, a steward for the whole program. Raises BadInput for another combination."""
    if role not in (StaffRole.SITE_STAFF, StaffRole.STEWARD):
        raise BadInput("staff role: not one of site_staff, steward")
    if (role == StaffRole.SITE_STAFF) != bool(site):
        raise BadInput("staff role: site staff belong to a site, stewards to none")
    held, added = StaffRole.objects.get_or_create(account=account, role=role, site=site)
    if added:
        audit.record("staff.role", actor=actor, subject=account, role=role, site=site)
    return held
