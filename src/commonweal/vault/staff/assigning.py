"""Giving and ending roles. Nobody gives a role to themselves, or one that reaches further than their own."""

from django.db import transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import Refused
from commonweal.vault.people.models import Account
from commonweal.vault.people.scope import Scope
from commonweal.vault.staff import roles
from commonweal.vault.staff.models import StaffRole


def check_can_give(giver: Account, account: Account, role: str, site: str = "", scope: str = "") -> None:
    """Raises Refused for one's own account, for who gives no roles, and for a role wider than the giver's own."""
    if giver.pk == account.pk:
        raise Refused("staff role: nobody changes their own roles; ask another operator")
    if "roles" not in roles.permissions_of(giver):
        raise Refused("staff role: only operators of the program give roles")
    if not _within(roles.reach(role, site, scope), roles.scope_of(giver, "roles")):
        raise Refused("staff role: it reaches further than your own")


def _within(asked: Scope, own: Scope) -> bool:
    if own.everything:
        return True
    inside = asked.sites <= own.sites and asked.organisations <= own.organisations
    return not asked.everything and inside and asked.awardees <= own.awardees and asked.partners <= own.partners


@transaction.atomic
def give_by(giver: Account, account: Account, role: str, site: str = "", scope: str = "") -> StaffRole:
    """A member of the staff gives a role. Raises Refused, BadInput."""
    roles.check_place(role, site, scope)
    check_can_give(giver, account, role, site, scope)
    return roles.give(account, role, site, scope=scope, actor=giver)


@transaction.atomic
def end_by(ender: Account, held: StaffRole) -> StaffRole:
    """End a role; it stays in the history. Ending it again changes nothing. Raises Refused."""
    check_can_give(ender, held.account, held.role, held.site, held.scope)
    held = StaffRole.objects.select_for_update(of=("self",)).get(pk=held.pk)
    if held.ended_at is None:
        held.ended_at, held.ended_by = timezone.now(), ender
        held.save(update_fields=["ended_at", "ended_by"])
        details = {"role": held.role, "site": held.site, "scope": held.scope}
        audit.record("staff.role-ended", actor=ender, subject=held.account, **details)
    return held
