"""Which safety cases a member of the staff looks after: by the roles that the response plan names, of their own people."""

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from commonweal.vault.people import scope as scopes
from commonweal.vault.people.models import Account, Participant
from commonweal.vault.staff import roles
from commonweal.vault.staff.models import StaffRole
from commonweal.vault.surveys.models import SafetyCase
from commonweal.vault.surveys.safety_cases import TO_CALL

PERMISSION = "safety"


def cases_for(account: Account, within: scopes.Scope | None = None) -> QuerySet[SafetyCase]:
    """Never the account's own. An operator sees them all: somebody must, where a person belongs to no site."""
    held = [one for one in roles.held(account) if PERMISSION in roles.MATRIX[one.role]]
    parts = [_part(one) for one in held]
    if not parts:
        return SafetyCase.objects.none()
    found = SafetyCase.objects.filter(reduce(or_, parts)).exclude(participant__account=account.pk)
    if within is not None and not within.everything:
        found = found.filter(Exists(scopes.pairings_in(within, participant=OuterRef("participant"))))
    return found


def _part(one: StaffRole) -> Q:
    """The cases that one role sees."""
    if one.role == StaffRole.OPERATOR:
        return Q(pk__isnull=False)
    return Q(who__contains=one.role) & Q(
        Exists(scopes.pairings_in(roles.reach_of(one), participant=OuterRef("participant")))
    )


def to_do(found: QuerySet[SafetyCase]) -> QuerySet[SafetyCase]:
    """Not closed: what cannot wait first, and of that what is due first."""
    urgent = Case(When(urgency=SafetyCase.URGENT, then=Value(0)), default=Value(1), output_field=IntegerField())
    return found.exclude(state=SafetyCase.CLOSED).order_by(urgent, "due_at", "pk")


def overdue(found: QuerySet[SafetyCase], now: datetime) -> QuerySet[SafetyCase]:
    """Nobody has spoken with the person, and the time that the plan gives is over."""
    return found.filter(state__in=TO_CALL, due_at__lte=now)


def on_duty(case: SafetyCase) -> Iterator[list[Account]]:
    """The accounts that see this case, for a message that something waits: the plan's roles, then, where none of those
    is reached, the operators."""
    yield _accounts([role for role in case.who.split() if role in roles.MATRIX], case.participant)
    yield _accounts([StaffRole.OPERATOR], case.participant)


def _accounts(named: list[str], person: Participant) -> list[Account]:
    from commonweal.vault.people.current import current_pairing

    pairing = current_pairing(person)
    held = StaffRole.objects.filter(role__in=named, ended_at=None, account__is_active=True).select_related("account")
    near: dict[Any, Account] = {}
    for one in held.order_by("pk"):
        if one.account_id != person.account_id and roles.reach_of(one).holds(pairing):
            near[one.account_id] = one.account
    return list(near.values())
