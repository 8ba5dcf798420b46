"""A report that somebody has died, and the decision of a second person of the staff.

PENDING -> APPROVED, which writes the fact; or PENDING -> DENIED, after which another report may come. One active report
(pending or approved) a person. Source: deceased reports of the Raw Data Repository of All of Us (HEAD 2024-10-17).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db import IntegrityError, transaction
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.vault.consent.models import Decease, DeceaseReport
from commonweal.vault.people import changes
from commonweal.vault.people.clock import zone_of
from commonweal.vault.people.current import current_profile, current_site
from commonweal.vault.people.models import Account, Participant


@dataclass(frozen=True)
class Told:
    """What a report says. `notification`: how it became known; OTHER needs `notification_other`."""

    notification: str
    notification_other: str = ""
    date_of_death: date | None = None
    cause_of_death: str = ""
    reporter_name: str = ""
    reporter_relationship: str = ""
    reporter_email: str = ""
    reporter_phone: str = ""


@transaction.atomic
def report(participant: Participant, told: Told, *, by: Account) -> DeceaseReport:
    """Keep a report until a second person decides. Raises BadInput for what cannot be, Refused beside an active one."""
    _check(participant, told)
    if DeceaseReport.objects.filter(participant=participant).exclude(status=DeceaseReport.DENIED).exists():
        raise Refused("death: there is a report about this person already")
    try:
        with transaction.atomic():
            made = DeceaseReport.objects.create(
                participant=participant, reported_at=timezone.now(), reported_by=by, **vars(told)
            )
    except IntegrityError:  # two at once: the first one's stays
        raise Refused("death: there is a report about this person already") from None
    changes.note(participant, "decease_report")
    audit.record("decease.report", actor=by, subject=participant, notification=told.notification)
    return made


def _check(participant: Participant, told: Told) -> None:
    if told.notification not in DeceaseReport.NOTIFICATIONS:
        raise BadInput(f"death: how it became known is one of {', '.join(DeceaseReport.NOTIFICATIONS)}")
    if told.notification == "OTHER" and not told.notification_other.strip():
        raise BadInput("death: say how it became known")
    if told.date_of_death is None:
        return
    if _midnight(participant, told.date_of_death) > timezone.now():
        raise BadInput("death: the date is in the future")
    profile = current_profile(participant)
    if profile and told.date_of_death < profile.birth_date:
        raise BadInput("death: the date is before the birth date")


@transaction.atomic
def approve(report: DeceaseReport, *, by: Account) -> Decease:
    """The report is right: from the date of death on (local midnight), else from now, no contact and nothing new.

    Raises Refused for who wrote the report, and for one that is decided already.
    """
    held = _open(report, by)
    now = timezone.now()
    held.status, held.decided_at, held.decided_by = DeceaseReport.APPROVED, now, by
    held.save(update_fields=["status", "decided_at", "decided_by"])
    died = held.date_of_death
    fact = Decease.objects.create(
        participant=held.participant,
        report=held,
        event_time=_midnight(held.participant, died) if died else now,
        authored_time=held.reported_at,
        received_time=now,
        source="staff",
        idempotency_key=f"decease:{held.participant_id}:{held.pk}",
    )
    audit.record("decease.approve", actor=by, subject=held.participant)
    return fact


@transaction.atomic
def deny(report: DeceaseReport, reason: str, other: str = "", *, by: Account) -> DeceaseReport:
    """The report is not right; the reason stays with it. Raises as `approve`, and BadInput for an unknown reason."""
    if reason not in DeceaseReport.DENIALS:
        raise BadInput(f"death: the reason is one of {', '.join(DeceaseReport.DENIALS)}")
    if reason == "OTHER" and not other.strip():
        raise BadInput("death: say why the report is denied")
    held = _open(report, by)
    held.status, held.decided_at, held.decided_by = DeceaseReport.DENIED, timezone.now(), by
    held.denial_reason, held.denial_other = reason, other.strip()
    held.save(update_fields=["status", "decided_at", "decided_by", "denial_reason", "denial_other"])
    changes.note(held.participant, "decease_report")
    audit.record("decease.deny", actor=by, subject=held.participant, reason=reason)
    return held


def decease_of(participant: Participant) -> Decease | None:
    return participant.deceases.order_by("event_time", "id").first()


def _open(report: DeceaseReport, by: Account) -> DeceaseReport:
    held = DeceaseReport.objects.select_for_update().get(pk=report.pk)
    if held.status != DeceaseReport.PENDING:
        raise Refused("death: this report is decided already")
    if held.reported_by_id == by.pk:
        raise Refused("death: a second person decides, not the one who wrote the report")
    return held


def _midnight(participant: Participant, day: date) -> datetime:
    """The day's first moment by the clock of the person's site."""
    return datetime.combine(day, time.min, zone_of(current_site(participant))).astimezone(UTC)
