"""What staff change of a person's record. Each is done on the version that was looked at, and refused on another."""

import uuid
from typing import Any

from django.utils import timezone

from commonweal import audit
from commonweal.errors import Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.people import actions
from commonweal.vault.people.changes import locked
from commonweal.vault.people.models import Account, Participant, PatientStatus
from commonweal.vault.people.pairing import pairing_levels
from commonweal.vault.staff import policies, roles

SOURCE = "staff"


def change_profile(account: Account, person: Participant, fields: dict[str, Any], version: int) -> None:
    """Raises Stale where the person changed since `version`; Refused where the account may not; BadInput."""
    policies.check_can_for(account, "edit_profile", person)
    with locked(person, version) as held:
        actions.record_profile(held, fields, source=SOURCE, actor=account)


def change_pairing(account: Account, person: Participant, version: int, record_number: str = "", **levels: str) -> None:
    """`levels`: site, organisation, awardee. Nobody pairs a person with a place outside their own scope."""
    policies.check_can_for(account, "record_pairing", person)
    if not roles.scope_of(account, "record_pairing").holds(pairing_levels(current_protocol(), **levels)):
        raise Refused("pairing: that place is not one of yours")
    with locked(person, version) as held:
        actions.pair(held, record_number=record_number, source=SOURCE, actor=account, **levels)


def organisations_for(account: Account) -> list[tuple[str, str]]:
    """The organisations that the account can speak for: its own, those above its sites, or all."""
    scope, partners = roles.scope_of(account, "record_pairing"), current_protocol().partners
    above = {site.organisation for site in partners.sites.values() if site.id in scope.sites}
    every = partners.organisations.values()
    return [(one.id, one.name) for one in every if scope.everything or one.id in scope.organisations | above]


def change_patient_status(account: Account, person: Participant, version: int, organisation: str, status: str) -> None:
    """Say whether the person is a patient of an organisation. The same again adds nothing."""
    policies.check_can_for(account, "record_pairing", person)
    if organisation not in dict(organisations_for(account)):
        raise Refused("patient status: that organisation is not one of yours")
    with locked(person, version) as held:
        before = held.patient_statuses.filter(organisation=organisation).order_by("-authored_time", "-id").first()
        if before and before.status == status:
            return
        now = timezone.now()
        PatientStatus.objects.create(
            participant=held,
            organisation=organisation,
            status=status,
            supersedes=before,
            event_time=now,
            authored_time=now,
            received_time=now,
            source=SOURCE,
            idempotency_key=f"patient-status:{uuid.uuid4().hex}",
        )
        audit.record("staff.patient-status", actor=account, subject=held, organisation=organisation)
