"""Visits and calls: participants ask, staff book, change and cancel. Each change names the version it was made on."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from commonweal import audit
from commonweal.errors import BadInput, Refused
from commonweal.ui.context import current_protocol
from commonweal.vault.consent.grants import deactivated_at, grants_in_force, withdrawn_at
from commonweal.vault.consent.rules import PARTICIPATE
from commonweal.vault.messages.actions import send
from commonweal.vault.messages.models import Appointment, Message
from commonweal.vault.people.models import Participant

ASKED, BOOKED, KEPT = Appointment.ASKED, Appointment.BOOKED, Appointment.KEPT
MISSED, CANCELLED = Appointment.MISSED, Appointment.CANCELLED
MOVES: dict[str, tuple[str, ...]] = {  # from each state, where it may go
    ASKED: (BOOKED, CANCELLED),
    BOOKED: (BOOKED, KEPT, MISSED, CANCELLED),
    KEPT: (),
    MISSED: (BOOKED,),
    CANCELLED: (),
}
KINDS = (Appointment.VISIT, Appointment.CALL)
MOST_OPEN = 3  # what one person may have asked for at a time
LONGEST = 480  # minutes
FURTHEST = timedelta(days=400)


class Stale(Refused):
    """Somebody else has changed the appointment meanwhile."""


@transaction.atomic
def ask(person: Participant, site: str, wish: str, kind: str = Appointment.VISIT, *, actor: Any = None) -> Appointment:
    """A participant asks for an appointment, saying in their own words when it suits.

    Raises BadInput for an unknown site or kind, or no words; Refused for who takes no part (any more), or who has asked
    for several already. The same words again are the same wish.
    """
    now = timezone.now()
    _check_place(site, kind)
    if not wish.strip():
        raise BadInput("appointment: say when it suits")
    if withdrawn_at(person) or deactivated_at(person) or not grants_in_force(person, PARTICIPATE, now, now):
        raise Refused("appointment: only for people who take part")
    open_ones = Appointment.objects.select_for_update().filter(participant=person, state=ASKED)
    same = open_ones.filter(site=site, kind=kind, wish=wish.strip()[:300]).first()
    if same:
        return same
    if open_ones.count() >= MOST_OPEN:
        raise Refused("appointment: some are asked for already; we will answer these first")
    made = Appointment.objects.create(
        participant=person, site=site, kind=kind, wish=wish.strip()[:300], made_at=now, changed_at=now
    )
    audit.record("appointment.ask", actor=actor or person, subject=person, site=site, kind=kind)
    return made


@transaction.atomic
def book(
    person: Participant, site: str, starts_at: datetime, *, actor: Any, kind: str = Appointment.VISIT, minutes: int = 60
) -> Appointment:
    """Staff book an appointment that nobody asked for in writing (by phone, at an event)."""
    now = timezone.now()
    _check_place(site, kind)
    _check_time(starts_at, minutes, now)
    if withdrawn_at(person) or deactivated_at(person):
        raise Refused("appointment: this person is not to be contacted")
    made = Appointment.objects.create(
        participant=person,
        site=site,
        kind=kind,
        starts_at=starts_at,
        minutes=minutes,
        state=BOOKED,
        made_by=actor,
        made_at=now,
        changed_at=now,
    )
    _tell(made, "booked", actor)
    return made


@transaction.atomic
def settle(
    appointment: Appointment, starts_at: datetime, *, version: int, actor: Any, minutes: int | None = None
) -> Appointment:
    """Give an appointment its time, or another one. Raises BadInput, Refused, Stale."""
    _check_time(starts_at, minutes or appointment.minutes, timezone.now())
    was = appointment.state
    length = minutes or appointment.minutes
    _move(appointment, BOOKED, version, starts_at=starts_at, minutes=length)
    _tell(appointment, "changed" if was == BOOKED else "booked", actor)
    return appointment


@transaction.atomic
def cancel(appointment: Appointment, *, version: int, actor: Any, tell: bool = True) -> Appointment:
    """Neither visit nor call takes place. `tell`: whether the person is written to, who may have cancelled it."""
    _move(appointment, CANCELLED, version)
    if appointment.starts_at is not None and tell:
        _tell(appointment, "cancelled", actor)
    else:
        audit.record("appointment.cancelled", actor=actor, subject=appointment.participant, site=appointment.site)
    return appointment


@transaction.atomic
def close(appointment: Appointment, state: str, *, version: int, actor: Any) -> Appointment:
    """Staff note whether the person came: kept or missed."""
    if state not in (KEPT, MISSED):
        raise BadInput("appointment: kept or missed")
    if appointment.starts_at is None or appointment.starts_at > timezone.now():
        raise Refused("appointment: it is still to come")
    _move(appointment, state, version)
    audit.record(f"appointment.{state}", actor=actor, subject=appointment.participant, site=appointment.site)
    return appointment


def cancel_all(person: Participant, *, actor: object = audit.SYSTEM) -> int:
    """Whoever leaves has no appointments to come. Answers how many there were."""
    open_ones = Appointment.objects.filter(participant=person, state__in=(ASKED, BOOKED))
    open_ones = open_ones.exclude(starts_at__lt=timezone.now())
    count = sum(bool(_move(one, CANCELLED, one.version)) for one in open_ones)
    if count:
        audit.record("appointment.cancelled", actor=actor, subject=person, count=count)
    return count


def remind_of(appointment: Appointment) -> bool:
    """The reminder of one appointment; a second time it adds nothing."""
    now = timezone.now()
    said = _say(appointment, "reminder")
    return any(message.made_at >= now for message in said)


def _move(appointment: Appointment, state: str, version: int, **fields: Any) -> Appointment:
    """One statement changes the row, where it is still in the version that the caller has seen."""
    if state not in MOVES[appointment.state]:
        raise Refused(f"appointment: it is {appointment.state} and cannot become {state}")
    now = timezone.now()
    mine = Appointment.objects.filter(pk=appointment.pk, version=version, state=appointment.state)
    if not mine.update(state=state, version=version + 1, changed_at=now, **fields):
        raise Stale("appointment: somebody else has changed it meanwhile; look again")
    appointment.refresh_from_db()
    return appointment


def _tell(appointment: Appointment, what: str, actor: Any) -> None:
    audit.record(f"appointment.{what}", actor=actor, subject=appointment.participant, site=appointment.site)
    _say(appointment, what)


def _say(appointment: Appointment, what: str) -> list[Message]:
    """`what` befell it, in the words for a visit or for a call: who is called is expected nowhere."""
    kind = "call_" if appointment.kind == Appointment.CALL else ""
    site = current_protocol().sites.get(appointment.site)
    return send(
        appointment.participant,
        f"appointment_{kind}{what}",
        key=f"{appointment.uuid}:{appointment.version}",
        link=reverse("appointments"),
        starts_at=appointment.starts_at,
        place=f"{site.name}, {site.city}" if site else appointment.site,
        minutes=appointment.minutes,
    )


def _check_place(site: str, kind: str) -> None:
    if site not in current_protocol().sites or kind not in KINDS:
        raise BadInput("appointment: no such site or kind")


def _check_time(starts_at: datetime, minutes: int, now: datetime) -> None:
    if not now < starts_at < now + FURTHEST:
        raise BadInput("appointment: the time must be to come, and within a year")
    if not 5 <= minutes <= LONGEST:
        raise BadInput(f"appointment: from 5 to {LONGEST} minutes")
