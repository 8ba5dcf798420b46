"""What a portal account may do besides being a participant: one matrix, roles by their permissions.

Site staff act for one site, managers for an organisation or an awardee and everything below it, the others for the whole
program. An auditor sees how the program is run and nobody's details; a steward, releases and no person at all; a
community partner, its own outreach and the program's figures.
"""

from django.db import transaction

from commonweal import audit
from commonweal.errors import BadInput
from commonweal.ui.context import current_protocol
from commonweal.vault.people import scope as scopes
from commonweal.vault.people.models import Account
from commonweal.vault.people.scope import Scope
from commonweal.vault.staff.models import StaffRole

SITE_STAFF, ORG_MANAGER, AWARDEE_MANAGER = StaffRole.SITE_STAFF, StaffRole.ORG_MANAGER, StaffRole.AWARDEE_MANAGER
OPERATOR, STEWARD, AUDITOR, PARTNER = StaffRole.OPERATOR, StaffRole.STEWARD, StaffRole.AUDITOR, StaffRole.PARTNER

_AT_A_SITE = frozenset(
    {
        "look_up",  # find a person by exact details
        "see_person",  # open a person's page and the queues
        "edit_profile",
        "record_pairing",  # pairing, and whether someone is a patient of an organisation
        "assist_consent",
        "phone_surveys",  # fill in a survey with somebody at the telephone
        "paper_consent",
        "review_eligibility",
        "help_desk",
        "incentives",
        "invitations",
        "outreach",  # campaigns and events of one's own places
        "appointments",
        "figures",  # counts without a name
        "decide_match",  # whether a patient of a site is a participant
        "record_quality",  # how good the health records are that a site sent
        "safety",  # safety cases, where the response plan names the role
    }
)
_MANAGING = _AT_A_SITE | {"decide_decease", "see_roles", "incentive_totals"}
_PROGRAM = _MANAGING | {
    "decide_duplicate",
    "campaigns",
    "plan",  # where to recruit next
    "partners",  # records of community partners, and what all of them share
    "withdraw_administratively",
    "destruction_list",
    "roles",  # give and end them
    "api_tokens",
}
MATRIX: dict[str, frozenset[str]] = {
    SITE_STAFF: _AT_A_SITE,
    ORG_MANAGER: _MANAGING,
    AWARDEE_MANAGER: _MANAGING,
    OPERATOR: _PROGRAM,
    STEWARD: frozenset({"releases", "record_quality"}),
    AUDITOR: frozenset({"audit", "see_roles", "figures", "incentive_totals"}),
    PARTNER: frozenset({"outreach", "figures"}),
}
PERMISSIONS = frozenset().union(*MATRIX.values())
LEVEL = {
    SITE_STAFF: "site",
    ORG_MANAGER: "organisation",
    AWARDEE_MANAGER: "awardee",
    PARTNER: "partner",
}  # the others: whole program


_LEVELS = {
    SITE_STAFF: scopes.SITE,
    ORG_MANAGER: scopes.ORGANISATION,
    AWARDEE_MANAGER: scopes.AWARDEE,
    PARTNER: scopes.PARTNER,
}


def held(account: Account) -> list[StaffRole]:
    """The roles that the account has now; none for who is not known or not active."""
    if not (account.is_authenticated and account.is_active):
        return []
    return list(StaffRole.objects.filter(account=account, ended_at=None).order_by("role", "site", "scope"))


def permissions_of(account: Account) -> frozenset[str]:
    return frozenset().union(*(MATRIX[one.role] for one in held(account)))


def scope_of(account: Account, permission: str) -> Scope:
    """For whom the account has this permission: the union of its roles that give it."""
    if permission not in PERMISSIONS:
        raise KeyError(permission)
    return scopes.union(reach_of(one) for one in held(account) if permission in MATRIX[one.role])


def reach(role: str, site: str = "", scope: str = "") -> Scope:
    """Whose people a role at this place is for. An awardee reaches down to its organisations and their sites."""
    level = _LEVELS.get(role, scopes.PROGRAM)
    return scopes.reach(current_protocol(), level, site if role == SITE_STAFF else scope)


def reach_of(one: StaffRole) -> Scope:
    return reach(one.role, one.site, one.scope)


def site_staff(account: Account) -> list[str]:
    """The sites at which the account is site staff itself, sorted."""
    return sorted({one.site for one in held(account) if one.role == SITE_STAFF and one.site})


def is_steward(account: Account) -> bool:
    """Whether the account looks after the releases of the whole program."""
    return "releases" in permissions_of(account)


def is_staff(account: Account) -> bool:
    return bool(held(account))


@transaction.atomic
def give(account: Account, role: str, site: str = "", *, scope: str = "", actor: object = audit.SYSTEM) -> StaffRole:
    """Give a role; the same one a second time changes nothing. Raises BadInput where role and place do not go together.

    The place is not looked up in the protocol here: who asks (page, command) does, and says it in their words.
    """
    check_place(role, site, scope)
    given_by = actor if isinstance(actor, Account) else None
    held, added = StaffRole.objects.get_or_create(
        account=account, role=role, site=site, scope=scope, ended_at=None, defaults={"given_by": given_by}
    )
    if added:
        audit.record("staff.role", actor=actor, subject=account, role=role, site=site, scope=scope)
    return held


def check_place(role: str, site: str, scope: str) -> None:
    """Raises BadInput where there is no such role, or it does not go with this kind of place."""
    if role not in MATRIX:
        raise BadInput(f"staff role: not one of {', '.join(MATRIX)}")
    level = LEVEL.get(role)
    if bool(site) != (level == "site"):
        raise BadInput("staff role: site staff belong to a site, the others to none")
    if bool(scope) != (level in ("organisation", "awardee", "partner")):
        raise BadInput("staff role: managers and partners belong to one place (the scope), the others to none")
